"""Stand-ins for vendors' Pulumi plugins: the same resource types, checked as strictly, over local servers."""
