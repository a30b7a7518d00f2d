"""A chain in memory that takes contract calls: nonces, pool and lost blocks are ``FakeChain``'s, what a call does is said by the test."""

from dataclasses import dataclass, field

from support.fake_chain import Block, FakeChain, Pooled

from ledger.adapters.chain.bindings.product_registry import ERRORS
from ledger.adapters.chain.errors import RevertedError, RpcRejectedError
from ledger.adapters.chain.gateway import TxReceipt
from ledger.log.typed_data import LogIdentity

REFUSAL = next(error for error in ERRORS if error.__name__.startswith("ProductRegistry") and not error.FIELDS)
"""A custom error of a contract of the suite, without values."""


@dataclass
class Rules:
    """``refuses``: the contract never takes them. ``needs``: only after the other one; ``fails``: so often without a reason, in a block."""

    refuses: set[bytes] = field(default_factory=set)
    needs: dict[bytes, bytes] = field(default_factory=dict)
    fails: dict[bytes, int] = field(default_factory=dict)


class FakeCallChain(FakeChain):
    """``CallChain`` in memory. Each call can be done once, as the acts of the real contracts."""

    def __init__(self, identity: LogIdentity, *, automine: bool = True) -> None:
        super().__init__(identity, automine=automine)
        self.rules = Rules()
        self.done_in: dict[bytes, list[bytes]] = {}
        self.keeps_states = True

    def done(self) -> list[bytes]:
        """What was done in the chain as it is now, in its order."""
        return [data for block in self.blocks for data in self.done_in.get(block.block_hash, [])]

    def has_code(self, address: bytes) -> bool:
        return self._hooked("has_code", lambda: self.deployed)

    def simulate_call(self, sender: bytes, to: bytes, data: bytes, block_number: int | None = None) -> None:
        def act() -> None:
            if block_number is not None and not self.keeps_states:
                raise RpcRejectedError("no such state", method="eth_call")
            refused = self._refusal(data)
            if refused is not None:
                raise RevertedError("refused", error=None, values={}, data="0x" + refused.hex())

        return self._hooked("simulate_call", act)

    def estimate_call(self, sender: bytes, to: bytes, data: bytes) -> int:
        return self._hooked("estimate_call", lambda: 100_000)

    def _refusal(self, data: bytes) -> bytes | None:
        done = self.done()
        needed = self.rules.needs.get(data)
        if data in self.rules.refuses or data in done or (needed is not None and needed not in done):
            return REFUSAL.SELECTOR
        return None

    def _execute(self, pooled: Pooled, block: Block) -> TxReceipt:
        done = self.done_in.setdefault(block.block_hash, [])
        fails = self.rules.fails.get(pooled.data, 0)
        self.rules.fails[pooled.data] = max(0, fails - 1)
        succeeds = fails == 0 and self._refusal(pooled.data) is None and pooled.data not in done
        if succeeds:
            done.append(pooled.data)
        return TxReceipt(pooled.tx_hash, block.number, block.block_hash, succeeds, ())
