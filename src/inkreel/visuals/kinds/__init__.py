"""Visual → canvas: one module per kind, each with a `draw` and the number of its steps."""
