"""Sessions with real processes."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
from sessions import open_session, ran

__all__ = ["open_session", "ran"]
