"""The contracts of orders and agreements as the authorisation platform reads them itself, by read-only calls to a node of its choice."""

from pathlib import Path
from typing import Any, Final

from ledger.adapters.chain.abi import abi_function
from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.json_rpc import JsonRpc, read_bytes
from ledger.adapters.chain.suite_manifest import read_manifest
from ledger.bundle.agreement_chain import agreement_chain_id
from ledger.bundle.order_digest import order_chain_id
from ledger.domain.platform_books import AGREEMENT, ORDER, Shown
from ledger.domain.platform_comparison import OnChain
from ledger.errors import LedgerError, MisuseError

AGREEMENTS: Final = "DigitalContractRegistry"
ORDERS: Final = "Orders"

ANSWER_TIMEOUT_S: Final = 5.0

AGREEMENT_STATUS: Final = (None, "concluded", "filed", "terminated")
"""By the number of ``IDigitalContractRegistry.AgreementStatus``."""

ORDER_STATUS: Final = (None, "placed", "confirmed", "contracted", "rejected", "withdrawn", "cancelled")
"""By the number of ``IOrders.OrderStatus``."""

_CONTRACT_DIGEST: Final = 6
"""Place in ``IDigitalContractRegistry.AgreementRecord``; its status is the first."""


class NoChain:
    """For a platform that is told no node: nothing is said of the chain, and its status says so."""

    def look(self, shown: Shown) -> OnChain | None:
        """See ``ChainBooks``."""
        del shown
        return None


class ContractBooks:
    """Two contracts at one node.

    Args:
        rpc_url: of the node.
        addresses: of the contracts, 20 bytes each, by their names.
    """

    def __init__(self, rpc_url: str, addresses: dict[str, bytes]) -> None:
        self._rpc, self._addresses = JsonRpc(rpc_url, timeout_s=ANSWER_TIMEOUT_S), addresses

    @classmethod
    def from_manifest(cls, rpc_url: str, manifest: Path) -> "ContractBooks":
        """With the addresses of a manifest. Raises ``SuiteManifestError`` when it cannot be read."""
        return cls(rpc_url, {record.name: record.address for record in read_manifest(manifest).contracts})

    def look(self, shown: Shown) -> OnChain | None:
        """See ``ChainBooks``: a node that does not answer says nothing, which is no difference."""
        try:
            if shown.kind == AGREEMENT:
                return self._agreement(shown)
            return self._order(shown) if shown.kind == ORDER else None
        except (LedgerError, MisuseError, KeyError, TypeError, ValueError, IndexError):
            return None

    def _agreement(self, shown: Shown) -> OnChain:
        name = agreement_chain_id(bytes.fromhex(shown.document["salt"]), shown.object_id)
        record = self._ask(AGREEMENTS, "agreementOf", name)
        return OnChain(AGREEMENT_STATUS[record[0]], {"/contract_hash": record[_CONTRACT_DIGEST].hex()})

    def _order(self, shown: Shown) -> OnChain:
        name = order_chain_id(bytes.fromhex(shown.document["salt"]), shown.object_id)
        return OnChain(ORDER_STATUS[self._ask(ORDERS, "orderOf", name)[0]], {})

    def _ask(self, contract: str, function: str, name: bytes) -> Any:
        """The record of this id, as the newest block has it."""
        called = abi_function(load_artifact(contract).abi, function)
        call = {"to": "0x" + self._addresses[contract].hex(), "data": "0x" + called.encode([name]).hex()}
        return called.decode(read_bytes(self._rpc.call("eth_call", call, "latest")))
