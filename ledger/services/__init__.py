"""Use cases over ports; no framework types."""
