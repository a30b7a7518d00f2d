"""The contract suite on a chain, as those who use it see it: calls relayed over JSON-RPC, events decoded, refusals by name, a clock.

One relayer, whose account is empty, sends every transaction; gas costs nothing on this chain. Who signed decides, not who sends.
"""

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from eth_account import Account
from support.suite import DeployedSuite

from ledger.adapters.chain.abi import AbiEvent, AbiRevert
from ledger.adapters.chain.suite_events import BINDINGS, Suite, UnknownEvent, decode_log, decode_revert
from ledger.domain.typed_acts import Domain
from ledger.log.typed_data import keccak256, to_checksum_address

EventT = TypeVar("EventT", bound=AbiEvent)
GAS_LIMIT = 5_000_000
MINED_WITHIN_S = 30
DAY = 86_400


class RefusedError(Exception):
    """A contract refused a call."""

    def __init__(self, error: AbiRevert | None, answer: Any) -> None:
        super().__init__(f"{error or answer}")
        self.error = error


@dataclass(frozen=True)
class Outcome:
    """What one transaction made happen."""

    events: tuple[AbiEvent, ...]

    def the(self, kind: type[EventT]) -> EventT:
        """Its one event of this class."""
        [found] = self.all(kind)
        return found

    def all(self, kind: type[EventT]) -> list[EventT]:
        """Its events of this class, in order."""
        return [event for event in self.events if isinstance(event, kind)]


class Market:
    """The deployed suite behind one JSON-RPC address."""

    def __init__(self, url: str, suite: DeployedSuite) -> None:
        self._url = url
        self.addresses = suite.addresses
        self._suite = Suite({suite.addresses[name]: name for name in BINDINGS}, 0)
        self.relayer = Account.from_key(keccak256(b"relayer"))
        self.chain_id = int(self.rpc("eth_chainId"), 16)
        for contract in BINDINGS:
            if contract != "Directory":  # takes no signatures
                assert self.ask(contract, "domain_separator") == self.domain_of(contract).separator

    def rpc(self, method: str, *parameters: Any) -> Any:
        """The result of a JSON-RPC call; ``RefusedError`` when a contract reverts."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
        request = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as reply:
            answer = json.load(reply)
        if "error" in answer:
            data = answer["error"].get("data")
            error = decode_revert(bytes.fromhex(data[2:])) if isinstance(data, str) else None
            raise RefusedError(error, answer["error"])
        return answer["result"]

    def relay(self, contract: str, function: str, **arguments: Any) -> Outcome:
        """Sends a call in a transaction of the relayer's and waits for it; ``RefusedError`` when the contract refuses it."""
        to, data = self._call(contract, function, arguments)
        self.rpc("eth_call", {"from": self.relayer.address, "to": to, "data": data}, "latest")
        count = int(self.rpc("eth_getTransactionCount", self.relayer.address, "latest"), 16)
        signed = self.relayer.sign_transaction(
            {
                "chainId": self.chain_id,
                "data": data,
                "gas": GAS_LIMIT,
                "gasPrice": 0,
                "nonce": count,
                "to": to,
                "value": 0,
            }
        )
        tx_hash = self.rpc("eth_sendRawTransaction", "0x" + signed.raw_transaction.hex().removeprefix("0x"))
        receipt = self._receipt(tx_hash)
        assert receipt["status"] == "0x1", f"{contract}.{function} reverted in the block, not in the call before it"
        assert receipt["effectiveGasPrice"] == "0x0"
        decoded = [decode_log(self._suite, log) for log in receipt["logs"]]
        events = [found.event for found in decoded if found is not None and not isinstance(found.event, UnknownEvent)]
        assert len(events) == len(receipt["logs"])
        return Outcome(tuple(events))

    def ask(self, contract: str, function: str, **arguments: Any) -> Any:
        """What a view function answers now."""
        to, data = self._call(contract, function, arguments)
        answer = bytes.fromhex(self.rpc("eth_call", {"to": to, "data": data}, "latest")[2:])
        return getattr(BINDINGS[contract], f"decode_{function}")(answer)

    @contextmanager
    def refuses(self, kind: type[AbiRevert], **values: Any) -> Iterator[None]:
        """What is done inside is refused with this error and, as far as they are given, these values."""
        try:
            yield
        except RefusedError as refusal:
            error = refusal.error
            assert isinstance(error, kind), f"refused with {error}, not with {kind.__name__}"
            found = {field.name: getattr(error, field.name) for field in fields(error)}  # type: ignore[arg-type]
            assert {name: found[name] for name in values} == values
            return
        raise AssertionError(f"not refused with {kind.__name__}")

    def domain_of(self, contract: str) -> Domain:
        """The EIP-712 domain of a contract on this chain."""
        return Domain(contract, self.chain_id, self.addresses[contract])

    @property
    def now(self) -> int:
        """Time of the newest block, Unix seconds."""
        return int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def pass_time(self, *, days: int = 0, seconds: int = 0) -> None:
        """Moves the chain's clock, and mines a block there."""
        self.rpc("evm_setNextBlockTimestamp", hex(self.now + days * DAY + seconds))
        self.rpc("evm_mine")

    def _receipt(self, tx_hash: str) -> Any:
        """The receipt, once the node has mined the transaction; it does so at once, but answers before."""
        deadline = time.monotonic() + MINED_WITHIN_S
        while (receipt := self.rpc("eth_getTransactionReceipt", tx_hash)) is None:
            assert time.monotonic() < deadline, f"{tx_hash} is not mined"
            time.sleep(0.01)
        return receipt

    def _call(self, contract: str, function: str, arguments: dict[str, Any]) -> tuple[str, str]:
        data: bytes = getattr(BINDINGS[contract], f"encode_{function}")(**arguments)
        return to_checksum_address(self.addresses[contract]), "0x" + data.hex()
