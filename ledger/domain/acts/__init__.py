"""The signed acts of every contract of the suite, one module a contract, one frozen dataclass an EIP-712 type."""
