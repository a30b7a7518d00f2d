"""Whose signatures a call of the suite asks for, read from what the contracts ask the registry while the call runs.

Every signature of a body is judged by ``ParticipantRegistry.requireSignature``; the trace of a transaction shows each question with the
requirement in it: one of these roles (none: the body that the act names), a key for this purpose, and whether a suspended body may.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import decode
from support.suite import DeployedSuite
from support.trade.market import Market

from ledger.adapters.chain.abi import SELECTOR_BYTES, abi_function, canonical_type
from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.suite_events import BINDINGS
from ledger.domain.acts.kinds import BodyRole, KeyPurpose
from ledger.log.typed_data import keccak256

QUESTION = abi_function(load_artifact("ParticipantRegistry").abi, "requireSignature")


@dataclass
class SignerBook:
    """(contract, function) -> what was asked for, as text: ``ROLE or ROLE PURPOSE``, and ``d`` where a suspended body may as well."""

    market: Market
    asked: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names = {"0x" + self.market.addresses[name].hex(): name for name in BINDINGS}

    def read(self, tx_hash: str) -> None:
        """Takes in one transaction; right after it, because the node keeps only the newest states."""
        trace = self.market.rpc("debug_traceTransaction", tx_hash, {"tracer": "callTracer"})
        contract = self._names[trace["to"]]
        function = _functions(contract)[trace["input"][: 2 + 2 * SELECTOR_BYTES]]
        found = self.asked.setdefault((contract, function), set())
        found |= {_requirement(frame) for frame in _frames(trace) if self._is_question(frame)}

    def _is_question(self, frame: Any) -> bool:
        is_registry = self._names.get(frame.get("to")) == "ParticipantRegistry"
        return is_registry and frame["input"].startswith("0x" + QUESTION.selector.hex())


class TracedMarket(Market):
    """A market that writes down whose signatures each relayed call asked for."""

    def __init__(self, url: str, suite: DeployedSuite) -> None:
        super().__init__(url, suite)
        self.book = SignerBook(self)

    def _receipt(self, tx_hash: str) -> Any:
        receipt = super()._receipt(tx_hash)
        self.book.read(tx_hash)
        return receipt


def _frames(frame: Any) -> Iterator[Any]:
    yield frame
    for called in frame.get("calls", ()):
        yield from _frames(called)


def _requirement(frame: Any) -> str:
    data = bytes.fromhex(frame["input"][2:])[SELECTOR_BYTES:]
    _digest, _party, (roles, purpose, while_suspended) = decode(list(map(canonical_type, QUESTION.inputs)), data)
    names = " or ".join(str(role.name) for role in BodyRole if role & roles) or "itself"
    purposes = "+".join(str(one.name) for one in KeyPurpose if one & purpose)
    return f"{names} {purposes}{' d' if while_suspended else ''}"


def _functions(contract: str) -> dict[str, str]:
    found = {}
    for item in load_artifact(contract).abi:
        if item["type"] == "function":
            signature = f"{item['name']}({','.join(map(canonical_type, item['inputs']))})"
            found["0x" + keccak256(signature.encode())[:SELECTOR_BYTES].hex()] = str(item["name"])
    return found
