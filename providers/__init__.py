"""Dynamic providers: Pulumi's verbs, each one call into ``fleetify``."""
