"""Evidence and the conditions that judge it."""
