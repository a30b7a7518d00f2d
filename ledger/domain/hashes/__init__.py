"""Ids and hashes that the contracts of the suite compute, one module for each Solidity source that computes them."""
