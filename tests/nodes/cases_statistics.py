"""Statistics: the contract cases of its nodes."""

from __future__ import annotations

CONTRACT = {
    "t_test": {"parameters": {"group": "flag"}},
}
PORTABLE: dict[str, object] = {}
