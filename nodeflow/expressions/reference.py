"""The reference of the formula language, made from the function table."""

from __future__ import annotations

from typing import Any

from nodeflow.expressions.functions import GROUPS

SYNTAX = """\
A formula is one expression over the columns of a table.

  age >= 18 and country == "DE"
  `GRE Score` / 340                      a name with blanks stands in backticks
  "high" if income > 1000 else "low"     or choose(income > 1000, "high", "low")
  1 < x <= 3                             comparisons can be chained
  city in ["Rome", "Oslo"]               one of several values
  null_if(score, 0)                      turn a value into missing

  + - * /    numbers; + also joins texts     //  %  **   whole division, remainder, power
  == != < <= > >=   in   not in              and   or   not
  missing  true  false                       stand for themselves

Comparing with a missing value gives missing, as in SQL, and so does dividing by zero. To ask for a
missing value write is_missing(x)."""


def reference() -> list[dict[str, Any]]:
    """The groups with their functions as plain data."""
    return [
        {
            "group": group.name,
            "functions": [
                {
                    "name": function.name,
                    "usage": function.usage,
                    "gives": function.result,
                    "help": function.help,
                    "example": function.example[0],
                    "example_result": function.example[1],
                    "aliases": list(function.aliases),
                }
                for function in group.functions
            ],
        }
        for group in GROUPS
    ]


def reference_text() -> str:
    """The reference as plain text for a terminal."""
    lines = [SYNTAX]
    for group in reference():
        lines += ["", group["group"]]
        for one in group["functions"]:
            also = f" Also: {', '.join(one['aliases'])}." if one["aliases"] else ""
            result = shown(one["example_result"])
            lines += [
                f"  {one['usage']}",
                f"      {one['help']}{also}",
                f"      {one['example']} gives {result}",
            ]
    return "\n".join(lines)


def shown(value: Any) -> str:
    """A result as a formula would write it."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else repr(value)
