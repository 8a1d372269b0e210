"""Summaries and tests of what a table holds."""
