"""The operator drill, second half: other histories. Older databases, forked logs and stolen keys, each on a copy of one city.

Every copy is a service of its own, because what is done to it cannot be taken back.
"""

import base64
import json
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.drill import City, file_kept, flip, permit
from support.live_service import UpProcess

from anchor.publishing import Chunk, chunk_files
from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.evidence_log import ChainHead, encode_anchor
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.files.keys import KeyName
from ledger.adapters.files.tile_store import FileTileStore
from ledger.log.checkpoint import open_checkpoint
from ledger.log.entry import Entry
from ledger.log.hashing import hash_leaf
from ledger.log.merkle import CompactRange
from ledger.log.proof import consistency_path
from ledger.log.receipt import ReceiptItem, sign_receipt
from ledger.log.tiles import TileNodeReader, tile_path
from ledger.log.timestamps import format_time

pytestmark = pytest.mark.long

EVENTS = 300
STORES = ("log", "journal", "keys", "keyring")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stopped service with 300 final events."""
    folder = tmp_path_factory.mktemp("template") / "data"
    up = UpProcess(folder)
    try:
        city = City(up.wait_until_ready(), folder.parent)
        city.send(*range(EVENTS))
        city.wait_until_final()
        city.close()
    finally:
        assert up.stop() == 0
    return folder


Start = Callable[[], City]


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    subprocess.run(["cp", "-a", template, tmp_path / "data"], check=True)
    return tmp_path / "data"


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts the copy, as often as asked."""
    cities: list[City] = []

    def start() -> City:
        cities.append(City(UpProcess(folder).wait_until_ready(), tmp_path))
        return cities[-1]

    yield start
    for city in cities:
        stop(city)


def stop(city: City) -> None:
    city.close()
    city.live.process.stop()


def stored(folder: Path) -> dict[str, bytes]:
    """Every byte of every store in files. Database and chain are compared by their heads: their files vary by themselves."""
    return {
        str(path): path.read_bytes()
        for store in STORES
        for path in sorted((folder / store).rglob("*"))
        if path.is_file() and path.stat().st_size  # an empty journal is made where there is none, and says nothing
    }


def test_drill_database_of_an_older_day_start_refuses_names_all_heads_and_changes_nothing(
    folder: Path, start: Start, template: Path, tmp_path: Path
) -> None:
    city = start()
    city.send(*range(EVENTS, EVENTS + 20))
    size = city.wait_until_final()
    stop(city)
    shutil.move(folder / "postgres", tmp_path / "right")
    subprocess.run(["cp", "-a", template / "postgres", folder / "postgres"], check=True)
    before = stored(folder)
    old_size = size - 20

    up = UpProcess(folder)
    assert up.wait_until_ended() == 4
    assert "Refused to start: the database is behind the journal of published checkpoints" in up.said
    assert "Nothing was changed." in up.said
    for name, shown in {
        "database": old_size,
        "published": old_size,
        "journal": size,
        "tiles": size,
        "chain": size,
    }.items():
        assert f"{name}: size {shown}, root " in up.said
    assert stored(folder) == before

    shutil.rmtree(folder / "postgres")
    shutil.move(tmp_path / "right", folder / "postgres")
    city = start()
    assert city.marks()["final"] == size
    city.send(EVENTS + 21)
    assert city.wait_until_final() == size + 1
    assert city.fsck().codes == set()


@pytest.fixture(scope="module")
def stopped(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that is only ever refused, and so stays as it is."""
    folder = tmp_path_factory.mktemp("stopped") / "data"
    subprocess.run(["cp", "-a", template, folder], check=True)
    return folder


def shorten(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def add_foreign_note(path: Path) -> None:
    note = json.loads(path.read_bytes().splitlines()[-1])
    path.write_bytes(path.read_bytes() + json.dumps(note.replace("invalid/", "example/")).encode() + b"\n")


CARELESS: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "journal shortened": (
        "journal/checkpoints.jsonl",
        shorten,
        "the journal is behind the checkpoint in the database",
    ),
    "journal lost": (
        "journal/checkpoints.jsonl",
        Path.unlink,
        "the journal is behind the checkpoint in the database",
    ),
    "journal with a foreign note": (
        "journal/checkpoints.jsonl",
        add_foreign_note,
        "The checkpoint in the journal is not one of this log",
    ),
    "tile altered": (
        "log/tile/0/001.p/*",
        lambda path: flip(path, 40),
        "the tiles do not have the root of the journal's checkpoint",
    ),
    "checkpoint key exchanged": (
        "keys/checkpoint.key",
        lambda path: path.write_text("07" * 32 + "\n"),
        "The database holds the log",
    ),
    "keyring lost": (
        f"keyring/{datetime.now(UTC):%Y%m}.keys",
        Path.unlink,
        "The keyring has no keys of",
    ),
}


AGAIN = {"journal shortened"}
"""Rows that another one's detector names in the same words."""


@pytest.mark.parametrize("row", [pytest.param(row, marks=[pytest.mark.long] * (row in AGAIN)) for row in CARELESS])
def test_drill_start_refuses_by_name(stopped: Path, row: str) -> None:
    name, damage, said = CARELESS[row]
    widest = max(stopped.glob(name), key=lambda found: (len(found.name), found.name))
    with file_kept(widest) as path:
        damage(path)
        before = stored(stopped)
        up = UpProcess(stopped)
        assert up.wait_until_ended() == 4, up.said
        assert stored(stopped) == before
    assert said in up.said
    assert "CityLedger runs" not in up.said
    assert "Traceback" not in up.said


# --- a running service whose database was made consistent again --------------------------------------------------------


def test_drill_published_entry_deleted_consistently_service_stops_by_name(start: Start) -> None:
    city = start()
    newest = city.value("SELECT max(leaf_index) FROM entries")
    with city.database.transaction():
        for table in ("entries", "identities"):
            city.execute(f"DELETE FROM {table} WHERE leaf_index = %s", newest)
        city.rewrite_head()
    city.close()
    assert city.live.process.wait_until_ended() == 4
    assert "is behind the published checkpoint" in city.live.process.said
    assert "it was restored from an older state. Nothing was changed." in city.live.process.said


def test_drill_published_entry_replaced_consistently_the_publisher_refuses(start: Start) -> None:
    city = start()
    before = city.tiles.read_checkpoint()
    entry = Entry(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
    with city.database.transaction():
        city.execute(
            "UPDATE entries SET (body_commitment, envelope_commitment, sm3_commitment, leaf_hash) = (%s, %s, %s, %s)"
            " WHERE leaf_index = 40",
            *(entry.body, entry.envelope, entry.sm3, entry.leaf_hash),
        )
        city.rewrite_head()
    city.close()
    assert city.live.process.wait_until_ended() == 4
    assert "The root recomputed from the database" in city.live.process.said
    assert "Nothing was published." in city.live.process.said
    assert city.tiles.read_checkpoint() == before


# --- two histories under the real keys --------------------------------------------------------------------------------


class Forged:
    """Another history of the same log, published in a folder: made by the operator, who has every key.

    Args:
        city: the true one.
        folder: where it is published.
        rewritten: leaf index of an entry that is another here.
        added: how many entries it has more.
    """

    def __init__(self, city: City, folder: Path, *, rewritten: int | None = None, added: int = 0) -> None:
        rows = city.database.execute(
            "SELECT body_commitment, envelope_commitment, sm3_commitment FROM entries ORDER BY leaf_index"
        )
        entries = [Entry(*row).encode() for row in rows]
        if rewritten is not None:
            entries[rewritten] = Entry(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32).encode()
        entries += [Entry(b"\x04" * 32, b"\x05" * 32, number.to_bytes(32)).encode() for number in range(added)]
        self.leaf_hashes = [hash_leaf(entry) for entry in entries]
        self.tree_size = len(entries)
        tree = CompactRange()
        tree.extend(self.leaf_hashes)
        self.root_hash = tree.root_hash()
        self.note = city.signer.sign(self.tree_size, self.root_hash)
        self.folder = folder
        store = FileTileStore(folder / "log")
        store.write(chunk_files(Chunk(0, 0, entries, self.leaf_hashes), {})[0])
        store.write_checkpoint(self.note)
        self._store = store

    @property
    def anchor_signature(self) -> bytes:
        """What the anchor key signed, r || s || v; it ends the note."""
        return base64.b64decode(self.note.splitlines()[-1].split(" ")[-1])[4:]

    def path_from(self, tree_size: int) -> list[bytes]:
        def read(level: int, index: int, width: int) -> bytes:
            return self._store.read(tile_path(level, index, width))

        return consistency_path(tree_size, self.tree_size, TileNodeReader(read, self.tree_size))


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            """Nothing on the test's standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def stranger(city: City) -> TransactionSender:
    """An account that nobody knows and that has nothing."""
    return TransactionSender(city.live.rpc_url, PrivateKey().secret)


def test_drill_two_signed_heads_are_named_by_monitor_contract_and_audit(start: Start, tmp_path: Path) -> None:
    city = start()
    forged = Forged(city, tmp_path / "forged", rewritten=40)
    state = tmp_path / "state.json"
    with served(forged.folder) as url:
        assert city.monitor(state, url=url, with_chain=False).exit_code == 0  # shown to one outsider only
    alarmed = city.monitor(state, with_chain=False)
    assert (alarmed.exit_code, alarmed.codes) == (1, {"fork", "entry_rewritten"})
    notes = [alarmed.findings["fork"]["evidence"][name] for name in ("note_1", "note_2")]
    assert notes == [forged.note, city.tiles.read_checkpoint()]
    said = city.live.run(["monitor", "--once", "--state", state], cwd=tmp_path)
    assert said.returncode == 1
    assert "fork: " in said.stdout

    then = format_time(datetime.now(UTC) - timedelta(hours=1))
    promise = ReceiptItem(40, forged.leaf_hashes[40], then, then, then)
    key = Ed25519PrivateKey.from_private_bytes(city.keys[KeyName.RECEIPT])
    victim = city.keep("victim", sign_receipt(city.identity.origin, [promise], forged.note, key.sign))
    assert city.audit(victim).codes == {"inconsistent_checkpoint", "promise_broken_other_leaf"}

    heads = [open_checkpoint(note, city.identity) for note in notes]
    signed = [(head.checkpoint.tree_size, head.checkpoint.root_hash, head.anchor_signature) for head in heads]
    reporter = stranger(city)
    contract = reporter.contract(city.identity.evidence_log, load_artifact("EvidenceLog").abi)
    call = contract.encode_abi("reportFork", [city.identity.log_id, *signed, signed[1][1], []])
    assert reporter.send(city.identity.evidence_log, bytes.fromhex(call[2:]))["status"] == 1
    assert city.monitor(tmp_path / "fresh.json").codes == {"log_equivocated"}
    assert city.fsck().codes == {"log_equivocated"}
    city.send(EVENTS + 1)
    city.wait_until_final()  # a marked log still anchors: what is true must not be lost with it


def test_drill_second_root_for_the_anchored_size_marks_the_log(start: Start, tmp_path: Path) -> None:
    city = start()
    honest = city.client.proof("urn:city:permit-office", "case-7:0")
    forged = Forged(city, tmp_path / "forged", rewritten=40)
    head = ChainHead(forged.tree_size, forged.root_hash)
    call = encode_anchor(city.identity.log_id, forged.tree_size, head, path=[], signature=forged.anchor_signature)
    assert stranger(city).send(city.identity.evidence_log, call)["status"] == 1
    assert city.fsck().codes == {"log_equivocated"}
    assert city.sources.chain.head(city.identity.log_id).root_hash != forged.root_hash
    assert_honest_proofs_stand(city, tmp_path, honest)


def assert_honest_proofs_stand(city: City, folder: Path, earlier: bytes) -> None:
    """What the chain holds stays valid, loudly; what cannot be told from the other history does not."""
    city.send(EVENTS + 1)
    city.wait_until_final()  # anchored after the mark
    later = city.client.proof("urn:city:permit-office", f"case-{EVENTS + 1}:0")
    for number, raw, is_later in ((7, earlier, False), (EVENTS + 1, later, True)):
        (folder / "proof.json").write_bytes(raw)
        (folder / "event.json").write_text(json.dumps(permit(number)))
        trusting = ["--trust", str(city.live.trust_path), "--rpc", city.live.rpc_url]
        said = city.live.run(["verify", folder / "proof.json", *trusting], cwd=folder)
        assert said.returncode == 5, said.stdout
        assert re.search(r"WARNING: this log has been marked as equivocated at block [0-9]+:", said.stdout)
        assert ("after the mark" in said.stdout) == is_later
        program = [sys.executable, "-I", Path(__file__).with_name("independent_verifier.py"), *trusting]
        files = ["--proof", folder / "proof.json", "--event", folder / "event.json"]
        other = subprocess.run([*map(str, program + files)], capture_output=True, text=True, check=False, timeout=60)
        assert (other.returncode, other.stderr) == (5, ""), other.stdout
        request = urllib.request.Request(
            f"{city.live.connection['api_url']}/v1/verify", raw, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            report = json.load(answer)
        assert (report["verdict"], len(report["remarks"])) == ("valid_log_equivocated", 1)


def test_drill_stolen_anchor_key_foreign_head_stops_anchoring_and_is_named(
    folder: Path, start: Start, tmp_path: Path
) -> None:
    city = start()
    size = city.marks()["final"]
    note = city.tiles.read_checkpoint()
    forged = Forged(city, tmp_path / "forged", added=5)
    call = encode_anchor(
        city.identity.log_id,
        size,
        ChainHead(forged.tree_size, forged.root_hash),
        path=forged.path_from(size),
        signature=forged.anchor_signature,
    )
    assert stranger(city).send(city.identity.evidence_log, call)["status"] == 1
    deadline = time.monotonic() + 30
    while city.value("SELECT halted FROM log_status") is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    reason, exhibit = city.row("SELECT halted, exhibit FROM log_status")
    assert reason.startswith("foreign_head_on_chain: The chain holds a head of size")
    assert (exhibit["chain_tree_size"], exhibit["chain_root_hash"]) == (forged.tree_size, forged.root_hash.hex())
    assert (exhibit["published_tree_size"], exhibit["published_note"]) == (size, note)
    city.wait_until_ready_says("anchoring", "halted")
    assert city.fsck().codes == {"foreign_head_on_chain", "halted"}
    assert city.monitor(tmp_path / "first.json").codes == {"foreign_head_on_chain"}

    receipt = city.send(*range(EVENTS, EVENTS + 10)).receipt  # taken and published all the same
    assert receipt.checkpoint is not None
    said = city.monitor(tmp_path / "second.json")
    assert (said.exit_code, said.codes) == (1, {"foreign_head_on_chain"})
    assert city.fsck().codes == {"root_mismatch", "halted"}
    assert city.audit(city.keep("later", receipt)).codes == {"chain_contradicts_log"}
    time.sleep(3)  # longer than between two anchors
    assert city.marks()["anchored"] == size
    shown = city.live.run(["status"], cwd=tmp_path)
    assert "halted" in shown.stdout

    stop(city)
    up = UpProcess(folder)
    assert up.wait_until_ended() == 4
    assert "the chain's head is not in this database's history" in up.said
    assert f"chain: size {forged.tree_size}, root {forged.root_hash.hex()}" in up.said
