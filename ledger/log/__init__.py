"""The evidence log: canonical events, commitments, tree, proofs, checkpoints. Pure."""
