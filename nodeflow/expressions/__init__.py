"""The formula language: text to a checked expression over columns. Nothing is ever executed as code."""

from nodeflow.expressions.formula import Formula, parse
from nodeflow.expressions.functions import ALIASES, FUNCTIONS
from nodeflow.expressions.reference import reference, reference_text

__all__ = ["ALIASES", "FUNCTIONS", "Formula", "parse", "reference", "reference_text"]
