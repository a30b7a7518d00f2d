"""Typed HTTP client of the service: standard library only, so that the base install can use it."""
