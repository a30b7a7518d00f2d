"""The authorisation platform: another body's program, with books and keys of its own; it speaks with the ledger's service by HTTP alone."""
