"""The drawing of a workflow: scene, items, view, and one class a mouse gesture."""
