"""Object storage: where backups and evidence are kept."""
