"""Files: keys, keyring, tiles, journal."""
