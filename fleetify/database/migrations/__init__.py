"""Migration files: layouts, parsing, lint, adoption of an existing folder."""
