"""The authorisation platform's own database, keys, settings and view of the chain; nothing of the trading platform's database."""
