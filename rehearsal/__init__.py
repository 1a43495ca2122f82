"""The laptop environment: real PostgreSQL, stand-ins for the vendors. Shares no code with the product."""
