"""``cityledger verify`` on the worked examples, and what the base install needs for it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.http_double import Answer, Seen, http_double
from typer.testing import CliRunner, Result

from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.facts import EQUIVOCATED, HEAD_ANCHORED
from ledger.cli.app import app
from ledger.log.canonical import encode_jcs
from ledger.log.typed_data import keccak256

VECTORS = Path(__file__).parents[1] / "vectors" / "formats"
PROOFS = {case["name"]: case["proof_jcs"].encode() for case in json.loads((VECTORS / "proofs.json").read_text())}
DIRECT, LATER, REDACTED = "anchored directly, full", "anchored by a later head", "redacted: group withheld"
WITHOUT_ANCHOR = encode_jcs({**json.loads(PROOFS[DIRECT]), "anchor": None})
CODE, GENESIS = "0x6001", "0x" + "11" * 32


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["verify", *map(str, arguments)], input=stdin)


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    (tmp_path / "proof.json").write_bytes(PROOFS[DIRECT])
    return tmp_path / "proof.json"


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    """The worked example's trust file with the code and genesis of the double below."""
    value = json.loads((VECTORS / "trust.json").read_text())
    value["chain"]["evidence_log_code_hash"] = "0x" + keccak256(bytes.fromhex(CODE[2:])).hex()
    value["chain"]["genesis_hash"] = GENESIS
    path = tmp_path / "trust.json"
    path.write_text(json.dumps(value))
    return path


def head_answer(tree_size: int, root_hash: str, *, is_equivocated: bool = False) -> str:
    """What the contract's view ``head`` answers."""
    return f"0x{tree_size:064x}{root_hash}{0:064x}{int(is_equivocated):064x}"


def node(proof: bytes, **changes: object):
    """A JSON-RPC node that mined the anchor of ``proof``."""
    anchor = json.loads(proof)["anchor"]
    chain_event = {
        "address": anchor["contract"],
        "topics": [
            "0x" + keccak256(b"HeadAnchored(bytes32,uint64,bytes32)").hex(),
            anchor["log_id"],
            f"0x{anchor['tree_size']:064x}",
        ],
        "data": "0x" + anchor["root_hash"],
    }
    results = {
        "eth_chainId": "0x7a69",
        "eth_getCode": CODE,
        "eth_call": head_answer(anchor["tree_size"], anchor["root_hash"]),
        "eth_getTransactionReceipt": {
            "status": "0x1",
            "blockNumber": hex(anchor["block_number"]),
            "blockHash": anchor["block_hash"],
            "logs": [{"address": anchor["contract"], "topics": [], "data": "0x"}, chain_event],
        },
        "0x0": {"hash": GENESIS},
        hex(anchor["block_number"]): {"hash": anchor["block_hash"]},
        **changes,
    }

    def answer(request: Seen) -> Answer:
        call = json.loads(request.body)
        name = call["params"][0] if call["method"] == "eth_getBlockByNumber" else call["method"]
        result = results[name](*call["params"]) if callable(results[name]) else results[name]
        outcome = result if isinstance(result, dict) and "error" in result else {"result": result}
        return Answer(200, json.dumps({"jsonrpc": "2.0", "id": call["id"], **outcome}).encode())

    return answer


def test_verify_with_trust_is_valid_and_says_that_the_chain_was_not_asked(proof: Path, trust: Path) -> None:
    done = run(proof, "--trust", trust)
    assert done.exit_code == 0
    assert "Verdict: VALID, the anchor on the chain was not checked" in done.output
    assert " 11  chain           not checked" in done.output
    assert "development chain, no consensus" in done.output


def test_verify_prints_every_step_with_its_number(proof: Path, trust: Path) -> None:
    lines = run(proof, "--trust", trust).output.splitlines()
    numbers = [int(line[:3]) for line in lines if line[:3].strip().isdigit()]
    assert numbers == list(range(1, 12))


def test_verify_invented_anchor_is_shown_as_a_claim_until_the_chain_is_asked(proof: Path, trust: Path) -> None:
    # Transaction and block are free bytes as long as nobody asks the chain.
    value = json.loads(PROOFS[DIRECT])
    value["anchor"].update(tx_hash="0x" + "ab" * 32, block_hash="0x" + "cd" * 32, block_number=9)
    proof.write_bytes(encode_jcs(value))
    shown = run(proof, "--trust", trust).output
    steps = {line[:3].strip(): line for line in shown.splitlines()}
    assert "names the contract, chain and log that you trust (step 11 checks that it is there)" in steps["10"]
    assert "anchored root that the proof claims" in steps["9"]
    assert "no byte of it is free" not in shown
    reported = json.loads(run(proof, "--trust", trust, "--json").output)["steps"]
    assert ["claimed" in step["detail"] for step in reported[8:10]] == [True, True]
    with http_double(node(PROOFS[DIRECT], **{"0x9": None}, eth_getTransactionReceipt=None)) as rpc:
        assert run(proof, "--trust", trust, "--rpc", rpc.url).exit_code == 1


def test_verify_anchor_that_the_chain_confirms_is_no_claim(proof: Path, trust: Path) -> None:
    with http_double(node(PROOFS[DIRECT])) as rpc:
        reported = json.loads(run(proof, "--trust", trust, "--rpc", rpc.url, "--json").output)["steps"]
    assert ["claimed" in step["detail"] for step in reported[8:10]] == [False, False]


def test_verify_without_trust_is_consistent_not_trusted(proof: Path) -> None:
    done = run(proof)
    assert done.exit_code == 3
    assert "Verdict: CONSISTENT, NOT TRUSTED" in done.output
    assert "VALID" not in done.output


def test_verify_changed_proof_is_invalid(proof: Path, trust: Path) -> None:
    proof.write_bytes(PROOFS[DIRECT].replace(b"Group 1", b"Group 2"))
    done = run(proof, "--trust", trust)
    assert done.exit_code == 1
    assert "Verdict: INVALID" in done.output
    assert "failed: step 4, 5" in done.output


def test_verify_from_standard_input(trust: Path) -> None:
    assert run("-", "--trust", trust, stdin=PROOFS[REDACTED]).exit_code == 0


def test_verify_redacted_proof_says_what_was_not_checked(proof: Path, trust: Path) -> None:
    proof.write_bytes(PROOFS[REDACTED])
    done = run(proof, "--trust", trust)
    assert done.exit_code == 0
    assert "  5  sm3             not checked" in done.output


@pytest.mark.parametrize("name", [DIRECT, LATER, REDACTED])
def test_verify_with_a_node_checks_the_anchor(name: str, proof: Path, trust: Path) -> None:
    proof.write_bytes(PROOFS[name])
    with http_double(node(PROOFS[name])) as rpc:
        done = run(proof, "--trust", trust, "--rpc", rpc.url)
    assert done.exit_code == 0
    assert "Verdict: VALID\n" in done.output
    assert " 11  chain           passed" in done.output


@pytest.mark.parametrize(
    "changes",
    [
        {"eth_chainId": "0x1"},
        {"eth_getCode": "0x"},
        {"eth_getTransactionReceipt": None},
        {"0x0": {"hash": "0x" + "22" * 32}},
        {"0x7": {"hash": "0x" + "22" * 32}},
        {"0x7": None},
    ],
    ids=["another chain", "no contract", "no transaction", "another genesis", "another block", "no block"],
)
def test_verify_node_that_contradicts_makes_it_invalid(changes: dict[str, object], proof: Path, trust: Path) -> None:
    with http_double(node(PROOFS[DIRECT], **changes)) as rpc:
        done = run(proof, "--trust", trust, "--rpc", rpc.url)
    assert done.exit_code == 1
    assert " 11  chain           FAILED" in done.output


def mined_event(topic: bytes, size: int, data: str, block_number: int) -> dict[str, object]:
    """An event of the contract about the log, as ``eth_getLogs`` gives it."""
    anchor = json.loads(PROOFS[DIRECT])["anchor"]
    return {
        "address": anchor["contract"],
        "topics": ["0x" + topic.hex(), anchor["log_id"], f"0x{size:064x}"],
        "data": data,
        "blockNumber": hex(block_number),
        "blockHash": anchor["block_hash"],
        "transactionHash": anchor["tx_hash"],
    }


def marked(proof: bytes, *, grown: int = 0, root: str | None = None, block: int = 9, **changes: object):
    """The node of ``node``, whose contract has marked the log in ``block``; its head is ``grown`` past the anchor."""
    anchor = json.loads(PROOFS[DIRECT])["anchor"]
    events = [mined_event(EQUIVOCATED[1], 5, "0x" + "00" * 128, block)]
    if grown and root:
        events.insert(0, mined_event(HEAD_ANCHORED, anchor["tree_size"], "0x" + root, 7))

    def logs(asked: dict[str, object]) -> list[dict[str, object]]:
        return [event for event in events if event["topics"][0] in asked["topics"][0]]

    head_root = anchor["root_hash"] if root is None else root
    answer = head_answer(anchor["tree_size"] + grown, "22" * 32 if grown else head_root, is_equivocated=True)
    return node(proof, **{"eth_call": answer, "eth_blockNumber": "0x9", "eth_getLogs": logs, **changes})


def test_topics_of_the_mark_are_those_of_the_contract() -> None:
    abi = {item["name"]: item["inputs"] for item in load_artifact("EvidenceLog").abi if item["type"] == "event"}
    signatures = [
        f"{name}({','.join(given['type'] for given in abi[name])})" for name in ("HeadForked", "ForkReported")
    ]
    assert tuple(keccak256(signature.encode()) for signature in signatures) == EQUIVOCATED


def test_verify_anchored_proof_of_a_marked_log_stands_and_is_loud(proof: Path, trust: Path) -> None:
    # Whoever steals the log's keys can have it marked: that must not spoil what the chain holds.
    with http_double(marked(PROOFS[DIRECT], grown=9)) as rpc:
        done = run(proof, "--trust", trust, "--rpc", rpc.url)
        value = json.loads(run(proof, "--trust", trust, "--rpc", rpc.url, "--json").output)
    assert done.exit_code == 5, done.output
    assert "Verdict: VALID, BUT THIS LOG IS MARKED AS EQUIVOCATED\n" in done.output
    assert "WARNING: this log has been marked as equivocated at block 9: two heads signed by its key" in done.output
    assert "marks no fork" not in done.output
    assert "after the mark" not in done.output
    assert value["verdict"] == "valid_log_equivocated"
    assert "equivocated at block 9" in value["remarks"][0]
    assert value["steps"][-1]["outcome"] == "passed"


def test_verify_proof_anchored_after_the_mark_says_so(proof: Path, trust: Path) -> None:
    with http_double(marked(PROOFS[DIRECT], block=6)) as rpc:
        done = run(proof, "--trust", trust, "--rpc", rpc.url)
    assert done.exit_code == 5
    assert "anchored after the mark, at block 7" in done.output


def test_verify_marked_log_whose_chain_does_not_hold_the_anchor_is_invalid(proof: Path, trust: Path) -> None:
    for changes in ({"eth_getTransactionReceipt": None}, {"grown": -1}, {"root": "22" * 32}):
        with http_double(marked(PROOFS[DIRECT], **changes)) as rpc:
            done = run(proof, "--trust", trust, "--rpc", rpc.url)
        assert (done.exit_code, "Verdict: INVALID\n" in done.output) == (1, True), done.output


@pytest.mark.parametrize(
    ("grown", "is_held", "exit_code"),
    [(0, True, 5), (0, False, 1), (9, True, 5), (9, False, 1), (9, None, 1), (-1, None, 1)],
)
def test_verify_proof_without_anchor_of_a_marked_log_stands_only_when_the_chain_holds_its_checkpoint(
    grown: int, is_held: bool | None, exit_code: int, proof: Path, trust: Path
) -> None:
    own_root = json.loads(PROOFS[DIRECT])["anchor"]["root_hash"]
    root = {True: own_root, False: "22" * 32, None: None}[is_held]
    proof.write_bytes(WITHOUT_ANCHOR)
    with http_double(marked(PROOFS[DIRECT], grown=grown, root=root)) as rpc:
        done = run(proof, "--trust", trust, "--rpc", rpc.url)
    assert done.exit_code == exit_code, done.output
    assert ("MARKED AS EQUIVOCATED" in done.output, "Verdict: INVALID" in done.output) == (
        exit_code == 5,
        exit_code == 1,
    )


def test_verify_contract_whose_head_contradicts_the_anchor_makes_it_invalid(proof: Path, trust: Path) -> None:
    anchor = json.loads(PROOFS[DIRECT])["anchor"]
    for answer in (head_answer(anchor["tree_size"] - 1, "22" * 32), head_answer(anchor["tree_size"], "22" * 32)):
        with http_double(node(PROOFS[DIRECT], eth_call=answer)) as rpc:
            done = run(proof, "--trust", trust, "--rpc", rpc.url)
        assert (done.exit_code, " 11  chain           FAILED" in done.output) == (1, True), done.output


@pytest.mark.parametrize(
    ("grown", "mined_root", "said"),
    [
        (0, None, "but the chain holds its checkpoint"),
        (0, "22" * 32, "anchors another root"),
        (9, None, "NOT ANCHORED although"),
        (9, "22" * 32, "anchors another root"),
        (-1, None, "not anchored yet"),
    ],
)
def test_verify_proof_without_anchor_is_held_against_the_chain(
    grown: int, mined_root: str | None, said: str, proof: Path, trust: Path
) -> None:
    anchor = json.loads(PROOFS[DIRECT])["anchor"]
    head_root = anchor["root_hash"] if grown or mined_root is None else mined_root
    mined = mined_event(HEAD_ANCHORED, anchor["tree_size"], f"0x{mined_root}", 7)
    chain = {
        "eth_call": head_answer(anchor["tree_size"] + grown, head_root),
        "eth_blockNumber": "0x9",
        "eth_getLogs": [] if mined_root is None else [mined],
    }
    proof.write_bytes(WITHOUT_ANCHOR)
    with http_double(node(PROOFS[DIRECT], **chain)) as rpc:
        done = run(proof, "--trust", trust, "--rpc", rpc.url)
    assert (done.exit_code, said in done.output) == (0 if mined_root is None else 1, True), done.output
    assert "Verdict: VALID\n" not in done.output


@pytest.mark.parametrize(
    ("answer", "exit_code", "said"),
    [
        ("0x", 1, "does not know this log"),
        ({"error": {"code": 3, "message": "execution reverted: unknown log"}}, 1, "does not know this log"),
        ({"error": {"code": -32601, "message": "no such method"}}, None, "error: "),
        ("0x00", 4, "error: "),
    ],
)
def test_verify_contract_that_gives_no_head(
    answer: object, exit_code: int | None, said: str, proof: Path, trust: Path
) -> None:
    with http_double(node(PROOFS[DIRECT], eth_call=answer)) as rpc:
        done = run(proof, "--trust", trust, "--rpc", rpc.url)
    assert said in done.output
    assert done.exit_code == exit_code if exit_code is not None else done.exit_code not in {0, 1}


def test_verify_failed_transaction_is_no_anchor(proof: Path, trust: Path) -> None:
    reverted = {"status": "0x0", "blockNumber": "0x7", "blockHash": "0x" + "11" * 32, "logs": []}
    with http_double(node(PROOFS[DIRECT], eth_getTransactionReceipt=reverted)) as rpc:
        assert run(proof, "--trust", trust, "--rpc", rpc.url).exit_code == 1


@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(200, b"<html>"), Answer(200, b"[]"), Answer(200, b'{"error":{"message":"no"}}')]
)
def test_verify_node_that_does_not_answer_is_one_clear_line(answer: Answer, proof: Path, trust: Path) -> None:
    with http_double(answer) as rpc:
        done = run(proof, "--trust", trust, "--rpc", rpc.url)
    assert done.exit_code == 4
    assert done.output.startswith("error: ")
    assert done.output.count("\n") == 1


def test_verify_node_that_answers_nonsense_is_one_clear_line(proof: Path, trust: Path) -> None:
    with http_double(node(PROOFS[DIRECT], eth_getCode="code")) as rpc:
        done = run(proof, "--trust", trust, "--rpc", rpc.url)
    assert (done.exit_code, done.output.count("\n")) == (4, 1)


def test_verify_as_json_has_steps_and_verdict(proof: Path, trust: Path) -> None:
    value = json.loads(run(proof, "--trust", trust, "--json").output)
    assert value["verdict"] == "valid"
    assert [step["number"] for step in value["steps"]] == list(range(1, 12))
    assert value["not_proved"]


def test_verify_file_that_is_not_there_is_one_clear_line(trust: Path) -> None:
    done = run("/nonexistent/proof", "--trust", trust)
    assert done.exit_code == 2
    assert (
        done.output == "error: the proof /nonexistent/proof cannot be read: No such file or directory [invalid_input]\n"
    )


def test_verify_trust_file_that_is_none_is_one_clear_line(proof: Path) -> None:
    done = run(proof, "--trust", proof)
    assert done.exit_code == 2
    assert "is not a trust file" in done.output


def test_verify_url_that_is_none_is_refused(proof: Path) -> None:
    assert run(proof, "--rpc", "file:///etc/passwd").exit_code == 2


def test_verify_needs_no_part_of_the_server(proof: Path, trust: Path) -> None:
    """In a fresh interpreter that cannot import any package of the extra ``server``."""
    program = (
        "import sys\n"
        "for name in ('sqlalchemy','psycopg','web3','eth_account','fastapi','pydantic_settings','structlog','requests'):\n"
        "    sys.modules[name] = None\n"
        "from ledger.cli import main\n"
        "main()\n"
    )
    arguments = [sys.executable, "-c", program, "verify", str(proof), "--trust", str(trust)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Verdict: VALID" in done.stdout
