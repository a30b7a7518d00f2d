"""Looks for words in everything that a running service keeps: its database, its files and logs, its chain, its events; and in the database,
files and logs of the other platform beside it.

A word is looked for in the forms in which software writes text: as it is, in UTF-16, escaped as in JSON, in hex, and in base64 at each of the
three places where it can begin. What stays closed to this are the ciphertexts themselves, which is what they are for; of those that the
service can open itself, the events are opened with its keyring.
"""

import base64
import json
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from support.live_service import LiveService

from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.files.keyring import FileKeyring
from ledger.adapters.sql.engine import create_engine
from ledger.services.ports import SealedBody

BLOCK_BYTES = 1 << 20
OTHER_PLACES = ("database of the other platform", "files of the other platform")
PLACES = ("database", "files", "chain", "events", *OTHER_PLACES)
_SEALED = (("entries", "sealed_body"), ("outbox", "sealed_event"))


def forms_of(word: str) -> set[bytes]:
    """The bytes that stand for a word of at least six bytes wherever it is kept in clear."""
    raw = word.encode()
    assert len(raw) >= 6, f"{word} is too short to be looked for: it would be found by chance"
    escaped = json.dumps(word)[1:-1].encode()
    found = {raw, word.encode("utf-16-le"), word.encode("utf-16-be"), escaped, escaped.upper()}
    found |= {raw.hex().encode(), raw.hex().upper().encode()}
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + raw)
        whole = encoded[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]  # letters that depend on this word alone
        found |= {whole, whole.replace(b"+", b"-").replace(b"/", b"_")}
    return found


def places_of(service: LiveService, platform: Path, words: Iterable[str]) -> dict[str, set[str]]:
    """Word -> the kinds of places (``PLACES``) in which the service, or the running platform of that folder, keeps it in clear."""
    forms = {word: forms_of(word) for word in words}
    found: dict[str, set[str]] = {word: set() for word in forms}
    for place, raw in chain(_everything(service), _everything_of_platform(platform)):
        for word, spelled in forms.items():
            if place not in found[word] and any(one in raw for one in spelled):
                found[word].add(place)
    return found


def _everything(service: LiveService) -> Iterator[tuple[str, bytes]]:
    for raw in _files(service.folder, longest=4_096):
        yield "files", raw
    yield "files", service.process.said.encode()
    for raw in _chain(service.rpc_url):
        yield "chain", raw
    engine = create_engine(str(service.connection["database_url"]), pool_size=1)
    try:
        with engine.connect() as connection:
            for raw in _database(connection):
                yield "database", raw
            for raw in _events(connection, service.folder / "keyring"):
                yield "events", raw
    finally:
        engine.dispose()


def _everything_of_platform(folder: Path) -> Iterator[tuple[str, bytes]]:
    database, files = OTHER_PLACES
    for raw in _files(folder, longest=4_096):
        yield files, raw
    engine = create_engine(json.loads((folder / "connection.json").read_text())["database_url"], pool_size=1)
    try:
        with engine.connect() as connection:
            for raw in _database(connection):
                yield database, raw
    finally:
        engine.dispose()


def _database(connection: Connection) -> Iterator[bytes]:
    """Every row of every table as text; what it keeps as bytes stands there in hex."""
    tables = "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname <> 'information_schema'"
    for table in connection.execute(text(tables)).scalars().all():
        for row in connection.execute(text(f"SELECT whole::text FROM {table} AS whole")).scalars():
            yield str(row).encode()


def _events(connection: Connection, keyring: Path) -> Iterator[bytes]:
    """Every event that is in the log or waits for it, opened as the service opens it."""
    sealer = FileKeyring(keyring, os.urandom)
    for table, column in _SEALED:
        query = f"SELECT identity, sealed_month, sealed_generation, {column} FROM {table} WHERE {column} IS NOT NULL"
        for identity, month, generation, blob in connection.execute(text(query)):
            yield sealer.unseal(bytes(identity), SealedBody(month, generation, bytes(blob)))


def _chain(rpc_url: str) -> Iterator[bytes]:
    """Every block with its transactions, and every log."""
    rpc = JsonRpc(rpc_url)
    newest = int(str(rpc.call("eth_blockNumber")), 16)
    for number in range(newest + 1):
        block: Any = rpc.call("eth_getBlockByNumber", hex(number), True)
        yield json.dumps(block).encode()
    yield json.dumps(rpc.call("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"})).encode()


def _files(folder: Path, *, longest: int) -> Iterator[bytes]:
    """Every file of the data folder in blocks that overlap by ``longest``: also the database's own, with what it has overwritten."""
    for path in sorted(folder.rglob("*")):
        try:
            if not path.is_file():
                continue
            with path.open("rb") as file:
                tail = b""
                while block := file.read(BLOCK_BYTES):
                    yield tail + block
                    tail = block[-longest:]
        except FileNotFoundError:
            continue  # a temporary file of a running service
