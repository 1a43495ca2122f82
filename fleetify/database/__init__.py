"""The database half of a release: backup, proof, migrations, rollback."""
