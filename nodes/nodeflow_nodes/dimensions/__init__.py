"""Nodes that show what is odd about spaces of many dimensions."""
