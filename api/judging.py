"""What POST /v1/verify knows: this server's trust, its chain node, and the submitters' keys that are registered here."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import structlog

from api.bodies import BodyBudget
from api.container import Container, OpenLog
from api.cpu_share import CpuShare
from ledger.adapters.chain.facts import read_chain_facts, read_chain_identity, read_contract_head
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.sql import api_keys
from ledger.adapters.sql.api_keys import StoredKey
from ledger.bundle.chain_facts import ChainFacts
from ledger.bundle.contract_head import ContractHead
from ledger.bundle.verifier import VerificationReport
from ledger.errors import InputError, LedgerError, OverloadedError, UnavailableError
from ledger.log.proof_file import AnchorFacts, ProofFile
from ledger.log.trust import TrustedChain, TrustedLog, TrustFile, parse_trust_file
from ledger.services.verification import verify_as_known

RPC_TIMEOUT_S: Final = 5.0
PROOFS_WAITING_MAX: Final = 32

PROOF_BYTES_PER_EVENT_BYTE: Final = 8
"""Every disclosed field adds its salt and pointer to a proof; this is above what an event of the largest size needs."""

PROOFS_IN_MEMORY: Final = 16
"""The budget of proofs, in proofs of the largest size; its own, so that nobody without a key takes room from events."""

_logger = structlog.get_logger("api")


@dataclass(frozen=True, slots=True)
class Trust:
    """A trust file, a sentence on where it comes from, and whether its chain is known: without that no node is asked."""

    file: TrustFile
    source: str
    is_chain_known: bool = True


class Judge:
    """Verifies proofs for callers who cannot run the verifier themselves. Lives on one event loop.

    ``proof_bytes_max`` limits a proof before and after decompression; ``budget`` is for the bodies that bring them.
    """

    def __init__(self, container: Container) -> None:
        settings = container.settings
        self.proof_bytes_max = min(settings.body_bytes_max, PROOF_BYTES_PER_EVENT_BYTE * settings.event_bytes_max)
        self.budget = BodyBudget(PROOFS_IN_MEMORY * self.proof_bytes_max, self.proof_bytes_max)
        self._container = container
        self._share = CpuShare()
        self._rpc = JsonRpc(container.settings.rpc_url, timeout_s=RPC_TIMEOUT_S)
        self._lock = threading.Lock()
        self._trust: Trust | None = None
        self._threads = ThreadPoolExecutor(2, "judge")
        self._waiting = 0

    async def verify(self, unpack: Callable[[], bytes]) -> tuple[VerificationReport, Trust]:
        """The report on the proof that ``unpack`` gives, and whose trust it was made with. ``unpack`` is not run on the loop.

        Raises:
            InputError: what ``unpack`` raises.
            OverloadedError: too many proofs wait.
            UnavailableError: the database is away.
        """
        if self._waiting >= PROOFS_WAITING_MAX:
            raise OverloadedError("Too many proofs wait to be verified; retry later.", limit=PROOFS_WAITING_MAX)
        self._waiting += 1
        try:
            log = await self._container.log()
            keys = await self._container.read(api_keys.list_keys)
            # On threads of its own: a chain node that hangs must not hold the connections and threads of reads.
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._verify, log, keys, unpack)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Drops what waits."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(
        self, log: OpenLog, keys: list[StoredKey], unpack: Callable[[], bytes]
    ) -> tuple[VerificationReport, Trust]:
        def keys_of(submitter: str) -> Mapping[str, bytes]:
            mine = [key for stored in keys if stored.submitter == submitter for key in stored.signature_keys]
            return {key.key_id: key.public_key for key in mine}

        trust = self._known_trust(log)

        def require_known_chain() -> None:
            if not trust.is_chain_known:
                raise UnavailableError("No chain is known whose answers could be told from another's.")

        def read_facts(anchor: AnchorFacts) -> ChainFacts:
            require_known_chain()
            with self._share.given_up():
                return read_chain_facts(self._rpc, anchor)

        def read_head(parsed: ProofFile) -> ContractHead:
            require_known_chain()
            # Without a search through the chain's events: one request must not walk a whole chain.
            with self._share.given_up():
                return read_contract_head(self._rpc, parsed, trust.file, is_searched=False)

        with self._share:
            return verify_as_known(unpack(), trust.file, read_facts, read_head, keys_of), trust

    def _known_trust(self, log: OpenLog) -> Trust:
        with self._lock:
            if self._trust is None:
                self._trust = self._from_file(log) or self._from_chain(log)
            if self._trust is not None:
                return self._trust
        # The node may answer again before this proof is judged, and must not be held against these zeros.
        unknown = TrustedChain(log.identity.chain_id, log.identity.evidence_log, bytes(32), bytes(32))
        source = "this server's own log; its chain node does not answer for the log's chain"
        return Trust(self._trust_file(log, unknown), source, is_chain_known=False)

    def _from_file(self, log: OpenLog) -> Trust | None:
        path = self._container.settings.data_dir / "trust.json"
        try:
            file = parse_trust_file(path.read_bytes())
            known = file.log(log.identity.origin)
        except FileNotFoundError:
            return None
        except (OSError, LedgerError) as error:
            _logger.warning("trust_file_unusable", path=str(path), error=str(error))
            return None
        if known.identity != log.identity:
            _logger.warning("trust_file_of_another_log", path=str(path))
            return None
        return Trust(file, "the trust file of this server")

    def _from_chain(self, log: OpenLog) -> Trust | None:
        try:
            chain = read_chain_identity(self._rpc, log.identity.evidence_log)
        except (LedgerError, InputError):
            return None
        if chain.chain_id != log.identity.chain_id:
            return None
        trusted = TrustedChain(chain.chain_id, log.identity.evidence_log, chain.code_hash, chain.genesis_hash)
        return Trust(self._trust_file(log, trusted), "this server's own log and its own chain node")

    def _trust_file(self, log: OpenLog, chain: TrustedChain) -> TrustFile:
        known = TrustedLog(log.identity, log.shard.receipt_key)
        return TrustFile(chain, (known,), self._container.settings.profile)
