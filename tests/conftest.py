"""Settings for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# where nobody looks for new cases, the same ones are tried each time
settings.register_profile("steady", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("steady")
