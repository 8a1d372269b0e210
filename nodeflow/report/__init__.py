"""Showing results: in notebooks."""
