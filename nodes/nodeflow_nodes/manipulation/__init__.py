"""Choosing, changing, combining and summarising rows and columns of tables."""
