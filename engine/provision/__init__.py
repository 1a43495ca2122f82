"""Finds, installs or builds the `pulumi` that the project runs on. See ../README.md."""
