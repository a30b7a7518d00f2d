"""The story of one product, played by its bodies over the HTTP API: what ``cityledger demo`` tells. A client, with no way around the API."""
