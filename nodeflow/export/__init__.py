"""A workflow in other forms: Python script, Mermaid, SVG."""
