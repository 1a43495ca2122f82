"""Backups: dump, store, fingerprint, restore, prove."""
