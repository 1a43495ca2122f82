"""The schema of the live database: ledger, migrations up and down, baseline, rehearsal, drift."""
