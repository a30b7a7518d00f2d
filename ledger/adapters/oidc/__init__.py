"""Bearer tokens of OpenID Connect issuers: their keys, fetched and kept, and the check of a token."""
