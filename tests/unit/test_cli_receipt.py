"""``cityledger receipt audit`` over HTTP: tiles served by a small server, the chain by a JSON-RPC double."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.http_double import Answer, HttpDouble, Seen, http_double
from support.public_log_double import PublishedLog
from typer.testing import CliRunner, Result

from ledger.cli.app import app
from ledger.client.ingest import ReceiptFile
from ledger.log.trust import TrustedChain, TrustedLog, TrustFile
from ledger.log.typed_data import keccak256

CODE, GENESIS = b"\x60\x01", b"\x11" * 32
BLOCK_TIME = 1_795_254_100  # 2026-11-21T09:41:40Z


def serve(published: PublishedLog, request: Seen) -> Answer:
    if request.target == "/log/checkpoint":
        return Answer(200, published.note().encode())
    content = published.files.get(request.target.removeprefix("/log/"))
    return Answer(404, b'{"code":"not_found","detail":"no such tile"}') if content is None else Answer(200, content)


def node(published: PublishedLog, sizes: list[int], request: Seen) -> Answer:
    call = json.loads(request.body)
    identity = published.keys.identity
    logs = [
        {
            "address": "0x" + identity.evidence_log.hex(),
            "topics": [
                "0x" + keccak256(b"HeadAnchored(bytes32,uint64,bytes32)").hex(),
                "0x" + identity.log_id.hex(),
                f"0x{size:064x}",
            ],
            "data": "0x" + published.head(size).root_hash.hex(),
            "blockNumber": hex(number),
            "blockHash": "0x" + "33" * 32,
            "transactionHash": "0x" + "44" * 32,
        }
        for number, size in enumerate(sizes, 1)
    ]
    results = {
        "eth_chainId": hex(identity.chain_id),
        "eth_getCode": "0x" + CODE.hex(),
        "eth_blockNumber": hex(len(sizes)),
        "eth_getLogs": logs,
        "eth_getBlockByNumber": {"hash": "0x" + GENESIS.hex(), "timestamp": hex(BLOCK_TIME)},
    }
    return Answer(200, json.dumps({"jsonrpc": "2.0", "id": 1, "result": results[call["method"]]}).encode())


@pytest.fixture
def published() -> PublishedLog:
    return PublishedLog([b'{"entry":%d}' % number for number in range(300)])


@pytest.fixture
def service(published: PublishedLog) -> Iterator[HttpDouble]:
    with http_double(lambda request: serve(published, request)) as double:
        yield double


@pytest.fixture
def trust(published: PublishedLog, tmp_path: Path) -> Path:
    identity = published.keys.identity
    chain = TrustedChain(identity.chain_id, identity.evidence_log, keccak256(CODE), GENESIS)
    path = tmp_path / "trust.json"
    path.write_bytes(TrustFile(chain, (TrustedLog(identity, published.keys.receipt_public_key),)).encode())
    return path


@pytest.fixture
def receipts(published: PublishedLog, tmp_path: Path) -> Path:
    keeper = ReceiptFile(tmp_path / "receipts" / "r.jsonl")
    for start in range(0, 300, 100):
        items = [published.item(index) for index in range(start, start + 100)]
        keeper.keep(
            published.receipt(items, published.note(start + 100)), [("/s", str(item.leaf_index)) for item in items]
        )
    return keeper.path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["receipt", "audit", *map(str, arguments)])


def test_receipt_audit_kept_promises_end_well(
    receipts: Path, trust: Path, service: HttpDouble, published: PublishedLog
) -> None:
    with http_double(lambda request: node(published, [150, 300], request)) as rpc:
        done = run(receipts.parent, "--trust", trust, "--api-url", service.url, "--rpc", rpc.url)
    assert done.exit_code == 0
    assert "Verdict: every promise that is due was kept" in done.output
    assert "development chain, no consensus" in done.output
    assert [line.split()[-1] for line in done.output.splitlines() if line.startswith("anchored in time")] == ["300"]


def test_receipt_audit_sends_no_key(
    receipts: Path, trust: Path, service: HttpDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLEDGER_API_KEY", "clk_secret_key")
    run(receipts, "--trust", trust, "--api-url", service.url)
    assert service.seen
    assert all("authorization" not in request.headers for request in service.seen)


def test_receipt_audit_without_a_node_says_that_the_chain_was_not_checked(
    receipts: Path, trust: Path, service: HttpDouble
) -> None:
    done = run(receipts, "--trust", trust, "--api-url", service.url)
    assert done.exit_code == 0
    assert "the chain was not checked" in done.output
    assert "Verdict: every place that is due was kept, THE ANCHORS ON THE CHAIN WERE NOT CHECKED" in done.output
    assert "every promise that is due was kept" not in done.output
    rows = {line[:38].strip(): line[38:].split() for line in done.output.splitlines()}
    assert rows["anchor not checked"] == rows["promises"] != ["0"]
    told = json.loads(run(receipts, "--trust", trust, "--api-url", service.url, "--json").output)
    assert (told["chain_checked"], told["anchor_not_checked"]) == (False, told["promises"])


def test_receipt_audit_deleted_tile_is_a_finding(
    receipts: Path, trust: Path, service: HttpDouble, published: PublishedLog
) -> None:
    published.files = {path: data for path, data in published.files.items() if "entries/001" not in path}
    done = run(receipts, "--trust", trust, "--api-url", service.url)
    assert done.exit_code == 1
    assert "tiles_damaged: leaf 256" in done.output


def test_receipt_audit_broken_promise_names_line_leaf_and_code(
    receipts: Path, trust: Path, service: HttpDouble, published: PublishedLog
) -> None:
    keeper = ReceiptFile(receipts)
    keeper.keep(published.receipt([published.item(5)._replace(leaf_index=1000)]), [("/s", "gone")])
    done = run(receipts, "--trust", trust, "--api-url", service.url, "--json")
    value = json.loads(done.output)
    assert done.exit_code == 1
    assert [(found["code"], found["leaf_index"]) for found in value["findings"]] == [
        ("promise_broken_missing_leaf", 1000)
    ]
    assert value["findings"][0]["where"] == f"{receipts}:4"


def test_receipt_audit_other_chain_is_a_finding(receipts: Path, trust: Path, service: HttpDouble) -> None:
    def script(request: Seen) -> Answer:
        result = {"hash": "0x" + "22" * 32} if b"getBlockByNumber" in request.body else "0x01"
        return Answer(200, json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode())

    with http_double(script) as rpc:
        done = run(receipts, "--trust", trust, "--api-url", service.url, "--rpc", rpc.url)
    assert done.exit_code == 1
    assert "wrong_chain" in done.output


def test_receipt_audit_single_receipt_file_is_taken(
    trust: Path, service: HttpDouble, published: PublishedLog, tmp_path: Path
) -> None:
    path = tmp_path / "one.json"
    path.write_bytes(published.receipt([published.item(5)]).encode())
    assert run(path, "--trust", trust, "--api-url", service.url).exit_code == 0


@pytest.mark.parametrize("raw", [b"{}", b"not json", b'{"identities":[]}', b"\xff", b'{ "v":1}'])
def test_receipt_audit_what_is_no_receipt_is_a_finding(
    raw: bytes, trust: Path, service: HttpDouble, tmp_path: Path
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(raw + b"\n")
    done = run(path, "--trust", trust, "--api-url", service.url)
    assert done.exit_code == 1
    assert f"{path}:1: receipt_malformed" in done.output


def test_receipt_audit_receipt_of_an_unknown_log_is_a_finding(
    trust: Path, service: HttpDouble, published: PublishedLog, tmp_path: Path
) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(published.receipt([])._replace(origin="other/2026").encode() + b"\n")
    done = run(path, "--trust", trust, "--api-url", service.url)
    assert done.exit_code == 1
    assert "foreign_receipt" in done.output


def test_receipt_audit_empty_folder_is_refused(trust: Path, service: HttpDouble, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run(tmp_path / "empty", "--trust", trust, "--api-url", service.url)
    assert done.exit_code == 2
    assert "holds no receipt files" in done.output


def test_receipt_audit_without_trust_is_one_clear_line(receipts: Path, service: HttpDouble) -> None:
    done = run(receipts, "--api-url", service.url)
    assert done.exit_code == 4
    assert done.output.startswith("error: there is no trust file")
