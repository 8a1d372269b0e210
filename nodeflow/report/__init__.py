"""Showing results: the report of a run as a page and on paper, tables in notebooks, the reference of all nodes."""
