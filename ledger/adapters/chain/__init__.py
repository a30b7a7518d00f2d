"""The chain over JSON-RPC."""
