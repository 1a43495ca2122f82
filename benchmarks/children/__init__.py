"""Programs that a benchmark starts in a fresh Python; each prints one line of JSON."""
