"""The desktop editor: draw workflows, run them and look at the results, without code.

It stands on the engine and knows nodes only through the registry.
"""
