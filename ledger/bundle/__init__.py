"""Verification of proofs and bundles as numbered steps: pure."""
