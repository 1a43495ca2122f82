"""Release engineering in plain Python: what the Pulumi program does, without importing Pulumi."""
