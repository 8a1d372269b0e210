"""Learning from tables, applying what was learned, scoring it."""
