"""Supervisors of the embedded PostgreSQL and development chain."""
