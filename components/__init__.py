"""Component resources: what a release of FleetifyApp consists of."""
