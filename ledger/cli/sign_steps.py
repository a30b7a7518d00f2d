"""The steps of ``cityledger sign``: show what is in the document, choose the keys, sign what was shown and nothing else. Offline."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.adapters.chain.suite_manifest import read_manifest
from ledger.adapters.files.keystore import KeyRecord, Keystore
from ledger.adapters.signing_keys import SECP256K1, SM2, sign_request
from ledger.cli.console import read_input
from ledger.cli.passwords import protect_memory, read_password
from ledger.cli.sign_keys import public_text
from ledger.cli.sign_papers import Opening, openings_of, openings_of_file
from ledger.cli.sign_text import lines_of, say
from ledger.domain.act_explained import papers_of
from ledger.domain.signing_errors import DocumentChangedError, ForeignPaperError, OtherBodyError, PaperUnseenError
from ledger.domain.signing_request import (
    SigningRequest,
    check_deadline,
    check_place,
    check_signer,
    request_from_json,
)
from ledger.errors import InputError
from ledger.log.canonical import parse_json


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """What a person was shown.

    Args:
        path: of the document.
        raw: its bytes, as they were shown.
        request: the act in them.
        openings: what its digests may stand for.
    """

    path: Path
    raw: bytes
    request: SigningRequest
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class ChosenKeys:
    """The keys that shall sign: where they are, and their records; ``sm2`` is None without an SM2 signature."""

    store: Keystore
    key: KeyRecord
    sm2: KeyRecord | None


def show_request(document: Path, papers: Sequence[Path], manifest: Path | None, chain_id: int | None) -> ShownRequest:
    """Recomputes everything in a document and prints it in words.

    Raises:
        UnexplainedActError: something in it cannot be explained.
        WrongChainError: it is for another chain than ``chain_id`` or the manifest say.
        WrongContractError: it is for another contract than the manifest's.
        ForeignPaperError: a paper is none of the act.
        DeadlineOverError: it can be relayed no more; it was printed.
    """
    raw = read_input(document, "the document")
    request = request_from_json(parse_json(raw))
    contracts = None
    if manifest is not None:
        known = read_manifest(manifest)
        contracts = {one.name: one.address for one in known.contracts}
        check_place(request, known.chain_id, contracts)
    check_place(request, chain_id, contracts)
    openings = _openings(request, papers)
    now, is_chain_known = time.time(), manifest is not None or chain_id is not None
    for line in lines_of(request, openings, now=now, is_chain_known=is_chain_known, has_manifest=manifest is not None):
        say(line)
    check_deadline(request, now)
    return ShownRequest(document, raw, request, openings)


def require_seen(request: SigningRequest, openings: Sequence[Opening], unseen: Sequence[str]) -> None:
    """Refuses an act with a digest whose paper is not there and that the signer has not named as unseen.

    Raises:
        PaperUnseenError: names them.
        InputError: a name is no digest of this act.
    """
    papers, known = papers_of(request.act), {opening.digest for opening in openings}
    names = list(dict.fromkeys(name for name, _ in papers))
    strange = [name for name in unseen if name not in names]
    if strange:
        raise InputError(
            f"--unseen {', '.join(strange)}: this act has no such digest; it has {', '.join(names) or 'none'}."
        )
    hidden = {name for name, digest in papers if digest not in known and name not in unseen}
    missing = [name for name in names if name in hidden]
    if missing:
        options = " ".join(f"--unseen {name}" for name in missing)
        raise PaperUnseenError(
            f"The act holds digests of papers that were not shown: {', '.join(missing)}. Attach each with --document FILE, or say"
            f" that you sign without having seen it: {options}."
        )


def choose_keys(store: Keystore, request: SigningRequest, key: str, sm2_key: str | None) -> ChosenKeys:
    """The keys of these names, once they may sign at this place; prints what is public of them.

    Which SM2 keys a body has on file is the service's to judge; whose the key is, its record tells.

    Raises:
        NotFoundError: there is no key of this name.
        InputError: a key is of the other kind.
        KeyNotSignerError: the key may not sign this act.
        OtherBodyError: it may sign at another place only, or is kept for another body.
    """
    record, sm2 = _record(store, key, SECP256K1), None
    asked = check_signer(request, record.public, record.body)
    if sm2_key is not None:
        sm2 = _record(store, sm2_key, SM2)
        if sm2.body not in (None, asked.participant):
            raise OtherBodyError(
                f"The key {sm2_key} is kept for {sm2.body}, and the signature is that of {asked.participant}."
            )
    for one in (record, sm2):
        if one is not None:
            say(f"密钥 with the key: {one.name} {one.kind} {public_text(one)}")
    return ChosenKeys(store, record, sm2)


def sign_shown(
    shown: ShownRequest, keys: ChosenKeys, password_file: Path | None, sm2_password_file: Path | None
) -> dict[str, Any]:
    """The signature of what was shown, as the service takes it.

    Raises:
        WrongPasswordError: a password does not open its key.
        KeystoreDamagedError: a key file was changed.
        DocumentChangedError: the document is no longer the one that was shown.
        DeadlineOverError: it went by meanwhile.
    """
    protect_memory()
    secret = _open(keys.store, keys.key, password_file)
    sm2_secret = None if keys.sm2 is None else _open(keys.store, keys.sm2, sm2_password_file)
    if str(shown.path) != "-" and read_input(shown.path, "the document") != shown.raw:
        raise DocumentChangedError(f"{shown.path} was changed after it was shown; nothing was signed.")
    check_deadline(shown.request, time.time())
    return sign_request(shown.request, secret, sm2_secret)


def _openings(request: SigningRequest, papers: Sequence[Path]) -> tuple[Opening, ...]:
    """What the papers of the document and those of the command line may stand for."""
    openings = [opening for paper in request.papers for opening in openings_of(paper, "a paper of the document")]
    inside = {*(digest for _, digest in papers_of(request.act)), request.tail.signer}
    for path in papers:
        found = openings_of_file(read_input(path, "the paper"), path.name)
        if not any(opening.digest in inside for opening in found):
            raise ForeignPaperError(f"{path} is none of the papers of this act: no digest in it is that of the file.")
        openings += found
    return tuple(openings)


def _open(store: Keystore, record: KeyRecord, password_file: Path | None) -> bytes:
    return store.open(record.name, read_password(password_file, f"the key {record.name}"))


def _record(store: Keystore, name: str, kind: str) -> KeyRecord:
    record = store.record(name)
    if record.kind != kind:
        raise InputError(f"The key {name} is of {record.kind}; {kind} is needed here.")
    return record
