"""`python -m nodeflow_gui [FILE...]` starts the editor."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Start the editor with the files named on the command line."""
    from nodeflow_gui.application import run

    return run([Path(name) for name in sys.argv[1:] if not name.startswith("-")])


if __name__ == "__main__":
    sys.exit(main())
