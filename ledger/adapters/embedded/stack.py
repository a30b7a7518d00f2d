"""The whole service in one folder: what ``cityledger up`` starts, in which order, and what it writes for others.

Order of a start, each step safe to repeat, so that a crash after any of them is repaired by the next start:

1. keys, ports and origin (first start only); 2. PostgreSQL and its schema; 3. the chain, from its last dump; 4. contracts,
the log on the chain and the contract suite, where they are missing; then a dump, so that they last; 5. the log in the database,
the bodies with reserved roles as participants, and the default API keys; 6. the anchor service, which compares all heads it can find and may refuse; only then the API, so that no event
is acknowledged on top of a history that is not the published one; 7. when it answers: ``trust.json`` and ``connection.json``.

A stop goes backwards. ``connection.json`` stays, because it is right again after the next start.
"""

import os
import time
from collections.abc import Callable
from math import ceil
from pathlib import Path

from ledger.adapters.chain.deployment import Deployment, deploy, open_log
from ledger.adapters.chain.suite_manifest import SuiteManifest
from ledger.adapters.clock import SystemClock
from ledger.adapters.embedded.anvil import CHAIN_ID, EmbeddedAnvil
from ledger.adapters.embedded.belonging import check_belonging
from ledger.adapters.embedded.installation import Installation
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.embedded.program import Program
from ledger.adapters.embedded.reserved_bodies import bind_default_keys, record_reserved_bodies
from ledger.adapters.embedded.running import RunningStack, write_connection, write_trust
from ledger.adapters.embedded.suite import deploy_embedded_suite, manifest_path
from ledger.adapters.embedded.supervisor import Supervisor
from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.files.keys import KeyFiles, KeyName, load_or_create_keys
from ledger.adapters.notify import LEADING, Listener
from ledger.adapters.proxies import open_directly
from ledger.adapters.settings import Settings, load_settings
from ledger.adapters.sql.api_keys import ensure_default_keys
from ledger.adapters.sql.engine import create_engine, database_errors
from ledger.adapters.sql.migrate import upgrade
from ledger.adapters.sql.opening import open_shard
from ledger.errors import EmbeddedError, LedgerError
from ledger.log.rules import load_rules
from ledger.log.tags import TagKeys
from ledger.log.typed_data import LogIdentity, to_checksum_address
from ledger.services.ports import Promise
from ledger.services.preparation import Preparer

COUNCIL_THRESHOLD = 2
READY_TIMEOUT_S = 90.0
POLL_INTERVAL_S = 0.1
MADE_WITH_KEYS = ("postgres", "chain", "contracts", "keyring", "journal", "log")


class EmbeddedStack:
    """The parts of one data folder, which the caller has locked.

    Args:
        installation: folder, origin and ports.
        host: address the API listens on.
        port: port the API listens on.
        report: takes one line of progress for a person.
    """

    def __init__(self, installation: Installation, host: str, port: int, report: Callable[[str], None]) -> None:
        self._installation = installation
        self._folder = installation.folder
        self._host, self._port = host, port
        self._report = report
        self._supervisor = Supervisor(report)
        self._chain: EmbeddedAnvil | None = None
        self._programs: list[Program] = []

    def start(self, check_stopped: Callable[[], None]) -> RunningStack:
        """Start everything; returns when events are taken and published.

        Args:
            check_stopped: called between the steps; raises when the person wants to stop.

        Raises:
            LedgerError: a part cannot be started; call ``stop`` for those that were.
        """
        keys = load_or_create_keys(self._folder / "keys", used=[self._folder / name for name in MADE_WITH_KEYS])
        check_stopped()
        database_url = self._start_database()
        check_belonging(database_url, self._installation.origin, keys, self._folder)
        check_stopped()
        chain = self._start_chain()
        check_stopped()
        deployment = self._prepare_chain(chain, keys)
        check_stopped()
        suite = self._prepare_suite(chain, keys, deployment, check_stopped)
        check_stopped()
        settings = self._build_settings(database_url, chain, deployment)
        identity = self._open_log(settings, keys)
        check_stopped()
        self._start_anchor(settings, check_stopped)
        self._start_api(settings, check_stopped)
        contracts = {record.name: record.address for record in suite.contracts}
        running = RunningStack(
            self._folder, self._api_url, database_url, chain.rpc_url, deployment, contracts, identity
        )
        write_trust(running, keys)
        write_connection(running, keys)
        return running

    def check(self) -> None:
        """Restart what ended by itself; call it often.

        Raises:
            EmbeddedError: a part ends again and again, or refuses to go on because stores contradict each other.
        """
        for program in self._programs:
            program.check_not_refused()
        self._supervisor.check()

    def stop(self) -> None:
        """Stop everything that runs, in order. The chain is dumped first: an orderly stop loses no block."""
        programs, self._programs = self._programs, []
        for program in reversed(programs):
            program.stop()
        if self._chain is not None and self._chain.is_alive():
            try:
                self._chain.dump_state()
            except (LedgerError, OSError) as error:  # a full disk too: everything must be stopped all the same
                self._report(f"the chain could not be dumped and keeps what was dumped before: {error}")
        self._supervisor.stop()

    @property
    def _api_url(self) -> str:
        return f"http://{self._host}:{self._port}"

    def _log_path(self, name: str) -> Path:
        return self._folder / "logs" / f"{name}.log"

    def _start_database(self) -> str:
        self._report("PostgreSQL ...")
        database = EmbeddedPostgres(self._folder / "postgres", log_path=self._log_path("postgres"))
        self._supervisor.start("postgres", database)
        upgrade(database.url)
        return database.url

    def _start_chain(self) -> EmbeddedAnvil:
        self._report("development chain ...")
        self._chain = EmbeddedAnvil(
            self._folder / "chain",
            self._installation.rpc_port,
            log_path=self._log_path("anvil"),
            report=self._report,
        )
        self._supervisor.start("anvil", self._chain)
        return self._chain

    def _prepare_chain(self, chain: EmbeddedAnvil, keys: KeyFiles) -> Deployment:
        """Evidence log and log on the chain: were it lost, the next start would make the same ones again."""
        self._report("contracts ...")
        deployment = deploy(chain.rpc_url, keys[KeyName.DEPLOYER], keys.council_addresses, COUNCIL_THRESHOLD)
        open_log(
            chain.rpc_url,
            keys[KeyName.DEPLOYER],
            deployment,
            keys.council_keys,
            origin=self._installation.origin,
            checkpoint_key=keys.checkpoint_public_key,
            anchor_address=keys.anchor_address,
        )
        return deployment

    def _prepare_suite(
        self, chain: EmbeddedAnvil, keys: KeyFiles, deployment: Deployment, check_stopped: Callable[[], None]
    ) -> SuiteManifest:
        """The consortium's contracts, then a dump, so that all of them last."""
        self._report("contract suite ...")
        manifest = deploy_embedded_suite(
            self._folder,
            chain.rpc_url,
            keys,
            COUNCIL_THRESHOLD,
            deployment,
            report=self._report,
            check_stopped=check_stopped,
        )
        chain.dump_state()
        return manifest

    def _build_settings(self, database_url: str, chain: EmbeddedAnvil, deployment: Deployment) -> Settings:
        """What this start decides; everything else is as the environment says."""
        return load_settings(
            data_dir=self._folder,
            keys_dir=self._folder / "keys",
            database_url=database_url,
            rpc_url=chain.rpc_url,
            chain_id=CHAIN_ID,
            profile="development",
            evidence_log=to_checksum_address(deployment.evidence_log),
            council=to_checksum_address(deployment.council),
            origin=self._installation.origin,
            chain_state_path=chain.state_path,
            contracts_manifest=manifest_path(self._folder),
            host=self._host,
            port=self._port,
        )

    def _open_log(self, settings: Settings, keys: KeyFiles) -> LogIdentity:
        self._report("log ...")
        identity = LogIdentity(
            chain_id=settings.chain_id,
            evidence_log=bytes.fromhex(settings.evidence_log[2:]),
            origin=settings.origin,
            checkpoint_key=keys.checkpoint_public_key,
            anchor_address=keys.anchor_address,
        )
        preparer = Preparer(
            identity=identity,
            rules=load_rules(),
            tag_keys=TagKeys(keys[KeyName.SPACE]),
            identity_key=keys[KeyName.IDENTITY],
            sealer=FileKeyring(settings.keyring_dir, os.urandom),
            clock=SystemClock(),
            randomness=os.urandom,
        )
        promise = Promise(ceil(settings.promise_publish_s), ceil(settings.promise_anchor_s))
        engine = create_engine(settings.database_url, pool_size=1)
        try:
            open_shard(engine, preparer, keys.receipt_public_key, promise)
            with database_errors(), engine.begin() as connection:
                record_reserved_bodies(connection, preparer, self._folder)
                bind_default_keys(connection, preparer, keys.api_keys)
                ensure_default_keys(connection, preparer, keys.api_keys)
        finally:
            engine.dispose()
        return identity

    def _start_anchor(self, settings: Settings, check_stopped: Callable[[], None]) -> None:
        """Start the anchor service and wait until it leads: all heads compared, none contradicting."""
        self._report("anchor service ...")
        with Listener() as listener:
            program = self._start_program("anchor", {**settings.environment(), **listener.environment})
            deadline = time.monotonic() + READY_TIMEOUT_S
            while not listener.has_heard(LEADING, POLL_INTERVAL_S):
                check_stopped()
                self.check()
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"anchor does not lead within {READY_TIMEOUT_S:.0f} s: {program.log_tail()}")

    def _start_program(self, module: str, environment: dict[str, str]) -> Program:
        program = Program(module, self._folder, environment, self._log_path(module))
        self._programs.append(program)
        self._supervisor.start(module, program)
        return program

    def _start_api(self, settings: Settings, check_stopped: Callable[[], None]) -> None:
        """Start the API; returns when it is ready and the log has a checkpoint, which only the anchor service makes."""
        self._report("API ...")
        self._start_program("api", settings.environment())
        deadline = time.monotonic() + READY_TIMEOUT_S
        waiting = ["/readyz", "/log/checkpoint"]
        while waiting:
            check_stopped()
            self.check()
            if _answers(self._api_url + waiting[0]):
                del waiting[0]
            elif time.monotonic() > deadline:
                tails = "; ".join(f"{program.name}: {program.log_tail()}" for program in self._programs)
                raise EmbeddedError(f"{waiting[0]} does not answer 200 within {READY_TIMEOUT_S:.0f} s. {tails}")
            else:
                time.sleep(POLL_INTERVAL_S)


def _answers(url: str) -> bool:
    try:
        with open_directly(url, 5) as answer:
            return bool(answer.status == 200)
    except OSError:  # HTTP errors are OSErrors too
        return False
