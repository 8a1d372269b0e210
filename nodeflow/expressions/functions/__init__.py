"""The function library, one file a group."""

from __future__ import annotations

from nodeflow.expressions.function import Function
from nodeflow.expressions.functions import columns, conversion, dates, logic, numbers, text

GROUPS = (numbers.group, text.group, dates.group, logic.group, conversion.group, columns.group)

FUNCTIONS: dict[str, Function] = {function.name: function for group in GROUPS for function in group.functions}
"""By name, in the order of the reference."""

ALIASES: dict[str, str] = {
    alias: function.name for function in FUNCTIONS.values() for alias in function.aliases
}
"""Other names people try, and the function each means."""

assert not FUNCTIONS.keys() & ALIASES.keys()
