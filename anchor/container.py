"""The composition root of the anchor service: settings and key files in, working parts out."""

import logging
import secrets
import sys
from functools import partial
from pathlib import Path

import structlog

from anchor.chain_calls import Relay
from anchor.contract_events import FollowedSuite
from anchor.following import FinalityRule
from anchor.leader import Parts
from anchor.metrics import AnchorMetrics
from anchor.signing import CheckpointSigner, TransactionSigner
from ledger.adapters.chain.gateway import ChainGateway
from ledger.adapters.chain.suite_events import read_suite
from ledger.adapters.chain.suite_manifest import SuiteManifestError, read_manifest
from ledger.adapters.clock import SystemClock
from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.files.keys import (
    ed25519_public_key,
    load_anchor_key,
    load_checkpoint_key,
    load_identity_key,
    load_or_create_relay_key,
    load_sender_key,
    load_space_key,
    secp256k1_address,
)
from ledger.adapters.files.tile_store import FileTileStore
from ledger.adapters.outgoing import Destinations, post_json
from ledger.adapters.settings import Settings
from ledger.adapters.sql.engine import create_engine
from ledger.errors import SettingsError
from ledger.log.rules import load_rules
from ledger.log.tags import TagKeys
from ledger.log.typed_data import LogIdentity
from ledger.services.ports import Promise
from ledger.services.preparation import Preparer

IDLE_IN_TRANSACTION_S = 60
"""A process that is frozen inside a transaction loses its session, and with it the locks that others wait for. Between two
statements of one transaction lie at most the tiles of 16,384 entries. Fenced transactions get the lease's time instead."""

LOCK_WAIT_S = 30
"""A lock that is not given in this time is reported, and asked for again."""


def build_parts(settings: Settings, metrics: AnchorMetrics) -> Parts:
    """Everything the leader works with; what its parts tell goes to ``metrics``.

    Raises:
        SettingsError: a key file is missing, the manifest of the contract suite is none, or a development chain has no place for its state.
    """
    if settings.profile == "development" and settings.chain_state_path is None:
        raise SettingsError(
            "The profile `development` needs CITYLEDGER_CHAIN_STATE_PATH: an anchor on a development chain is final only"
            " when the chain's state is on disk."
        )
    checkpoint_key, anchor_key = load_checkpoint_key(settings.keys_dir), load_anchor_key(settings.keys_dir)
    evidence_log = bytes.fromhex(settings.evidence_log[2:])
    identity = LogIdentity(
        chain_id=settings.chain_id,
        evidence_log=evidence_log,
        origin=settings.origin,
        checkpoint_key=ed25519_public_key(checkpoint_key),
        anchor_address=secp256k1_address(anchor_key),
    )
    clock = SystemClock()
    chain = ChainGateway(settings.rpc_url, settings.chain_id, evidence_log)
    manifest = settings.contracts_manifest
    return Parts(
        engine=create_engine(
            settings.database_url, idle_in_transaction_s=IDLE_IN_TRANSACTION_S, lock_wait_s=LOCK_WAIT_S
        ),
        tiles=FileTileStore(settings.tiles_dir),
        journal=FileCheckpointJournal(settings.journal_path),
        chain=chain,
        signer=CheckpointSigner(identity, checkpoint_key, anchor_key),
        sender=TransactionSigner(load_sender_key(settings.keys_dir), settings.chain_id, evidence_log),
        preparer=Preparer(
            identity=identity,
            rules=load_rules(),
            tag_keys=TagKeys(load_space_key(settings.keys_dir)),
            identity_key=load_identity_key(settings.keys_dir),
            sealer=FileKeyring(settings.keyring_dir, secrets.token_bytes),
            clock=clock,
            randomness=secrets.token_bytes,
        ),
        promise=Promise(int(settings.promise_publish_s), int(settings.promise_anchor_s)),
        rule=FinalityRule(
            settings.profile,
            chain_state_path=settings.chain_state_path,
            depth_blocks=settings.confirmation_depth_blocks,
        ),
        clock=clock,
        anchor_interval_s=settings.anchor_interval_s,
        suite=None if manifest is None else FollowedSuite(read_suite(manifest), chain, metrics.set_contracts),
        relay=None if manifest is None else _relay(settings, manifest, chain),
        post=partial(post_json, destinations=Destinations(settings.dsp_networks)),
    )


def _relay(settings: Settings, manifest: Path, chain: ChainGateway) -> Relay:
    """What contract calls are sent with. The relay's key is made where a folder of an earlier time has none."""
    try:
        contracts = {record.name: record.address for record in read_manifest(manifest).contracts}
    except SuiteManifestError as error:
        raise SettingsError(f"{manifest} is no manifest of a deployed contract suite: {error.detail}") from error
    key = load_or_create_relay_key(settings.keys_dir)
    return Relay(chain, TransactionSigner(key, settings.chain_id, bytes.fromhex(settings.evidence_log[2:])), contracts)


def configure_logging(level: str, form: str) -> None:
    """Structured lines on standard error; no event content and no key ever reaches a log call."""
    renderer = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
