"""``python -m anchor fsck [--json] [--no-chain]``: prints findings, progress and a summary.

Exit code 0 clean, 1 findings, 4 a setting is missing or a part does not answer: the chain too, unless it is not to be asked.
"""

import argparse
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from anchor.fsck import Fsck, Sources, Summary
from anchor.fsck_tree import Finding
from ledger.adapters.chain.gateway import ChainGateway
from ledger.adapters.clock import SystemClock
from ledger.adapters.files.journal import FileCheckpointJournal
from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.files.keys import (
    ed25519_public_key,
    load_anchor_key,
    load_checkpoint_key,
    load_identity_key,
    load_receipt_key,
    load_space_key,
    secp256k1_address,
)
from ledger.adapters.files.tile_store import FileTileStore
from ledger.adapters.settings import Settings, load_settings
from ledger.adapters.sql.engine import create_engine
from ledger.errors import LedgerError, SettingsError
from ledger.log.rules import load_rules
from ledger.log.tags import TagKeys
from ledger.log.typed_data import LogIdentity
from ledger.services.preparation import Preparer

EXIT_CLEAN, EXIT_FINDINGS, EXIT_UNAVAILABLE = 0, 1, 4
FINDINGS_SHOWN_MAX = 100
"""Of one code; the summary counts all."""

PROGRESS_EVERY_S = 0.5


def build_sources(settings: Settings, *, with_chain: bool) -> Sources:
    """What ``fsck`` compares. Who the log is comes from key files and settings, never from the database."""
    evidence_log = bytes.fromhex(settings.evidence_log[2:])
    identity = LogIdentity(
        chain_id=settings.chain_id,
        evidence_log=evidence_log,
        origin=settings.origin,
        checkpoint_key=ed25519_public_key(load_checkpoint_key(settings.keys_dir)),
        anchor_address=secp256k1_address(load_anchor_key(settings.keys_dir)),
    )
    preparer = Preparer(
        identity=identity,
        rules=load_rules(),
        tag_keys=TagKeys(load_space_key(settings.keys_dir)),
        identity_key=load_identity_key(settings.keys_dir),
        sealer=FileKeyring(settings.keyring_dir, secrets.token_bytes),
        clock=SystemClock(),
        randomness=secrets.token_bytes,
    )
    return Sources(
        create_engine(settings.database_url),
        FileTileStore(settings.tiles_dir),
        FileCheckpointJournal(settings.journal_path),
        preparer,
        ChainGateway(settings.rpc_url, settings.chain_id, evidence_log) if with_chain else None,
        _receipt_key(settings),
        settings.profile,
        settings.promise_anchor_s,
    )


def _receipt_key(settings: Settings) -> bytes | None:
    """The public half; None where the file is not: it belongs to the API, and entry 0 says the same."""
    try:
        return ed25519_public_key(load_receipt_key(settings.keys_dir))
    except SettingsError:
        return None


def main(arguments: Sequence[str]) -> int:
    """The program."""
    parser = argparse.ArgumentParser(
        prog="python -m anchor fsck", description="Re-derive and compare everything stored."
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--no-chain", action="store_true", help="do not ask the chain")
    options = parser.parse_args(arguments)
    show = _show_json if options.json else _show_text
    try:
        sources = build_sources(load_settings(), with_chain=not options.no_chain)
    except SettingsError as error:
        sys.stderr.write(f"fsck: {error.detail}\n")
        return EXIT_UNAVAILABLE
    try:
        summary = Fsck(sources, _limited(show), _throttled(show)).run()
    except LedgerError as error:
        sys.stderr.write(f"fsck: {error.code}: {error.detail}\n")
        return EXIT_UNAVAILABLE
    finally:
        sources.engine.dispose()
    show(
        {
            "result": _result(summary, with_chain=not options.no_chain),
            "entries": summary.entries,
            "checkpoints": summary.checkpoints,
            "anchored_heads": summary.anchored_heads,
            "chain": summary.chain,
            "findings": summary.findings,
        }
    )
    if not summary.is_clean:
        return EXIT_FINDINGS
    return EXIT_UNAVAILABLE if summary.is_chain_away else EXIT_CLEAN


def _result(summary: Summary, *, with_chain: bool) -> str:
    """In a few words; what was not looked at is never called clean."""
    if not summary.is_clean:
        return "findings"
    if summary.is_chain_away:
        return "incomplete: nothing found, but the chain was not checked whole; run fsck again when its node answers"
    return "clean" if with_chain else "clean but for the chain, which was not asked"


def _limited(show: Callable[[dict[str, Any]], None]) -> Callable[[Finding], None]:
    shown: Counter[str] = Counter()

    def report(finding: Finding) -> None:
        shown[finding.code] += 1
        if shown[finding.code] <= FINDINGS_SHOWN_MAX:
            show({"code": finding.code, "detail": finding.detail, **finding.facts})

    return report


def _throttled(show: Callable[[dict[str, Any]], None]) -> Callable[[int, int], None]:
    last = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last
        if done == total or time.monotonic() - last >= PROGRESS_EVERY_S:
            last = time.monotonic()
            show({"progress": done, "total": total})

    return progress


def _show_json(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _show_text(line: dict[str, Any]) -> None:
    if "code" in line:
        sys.stdout.write(f"{line['code']}: {line['detail']}\n")
    elif "progress" not in line:
        sys.stdout.write("".join(f"{name}: {value}\n" for name, value in line.items()))
    sys.stdout.flush()
