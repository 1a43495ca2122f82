"""Dynamic providers of the database chain: resource class beside its provider."""
