"""HTTP API over the services."""
