"""The object store: where backups and evidence are kept."""
