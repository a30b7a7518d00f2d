"""CityLedger: what is true without a server (domain, log, bundle, services), its adapters and its command line."""
