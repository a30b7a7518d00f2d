"""The functions of our contracts by name, for calls without generated classes."""

from functools import cache

from ledger.adapters.chain.abi import AbiFunction, abi_function
from ledger.adapters.chain.artifact import load_artifact


@cache
def contract_function(contract_name: str, function: str) -> AbiFunction:
    """The one function of this name.

    Raises:
        ValueError: the contract has none, or several.
    """
    return abi_function(load_artifact(contract_name).abi, function)
