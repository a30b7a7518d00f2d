"""The text of the formats says what the code does: its worked example, its codes, its steps, its names."""

import re
from pathlib import Path

from support.formats import entry_case, load

from ledger.bundle.verifier import EXIT_CODES, STEPS
from ledger.log.body import body_value, commit_body_fields, event_from_body_value, field_leaves
from ledger.log.entry import ENTRY_BYTES
from ledger.log.event import EXCLUDED_ATTRIBUTES
from ledger.log.merkle import CompactRange
from ledger.log.tags import KINDS

TEXT = (Path(__file__).resolve().parents[2] / "ledger" / "log" / "FORMATS.md").read_text(encoding="utf-8")


def _section(number: int) -> str:
    return TEXT.split(f"\n## {number}. ")[1].split("\n## ")[0]


def test_worked_example_holds_what_the_code_makes() -> None:
    case = entry_case("permit event, fields, two tags")
    salt = bytes.fromhex(case["body_salt"])
    body = body_value(event_from_body_value(case["opening"]["body"]))
    leaves = field_leaves(body, salt)
    tree = CompactRange()
    tree.extend([leaf.leaf_hash for leaf in leaves])
    stated = {line.strip().split("  ")[-1].strip() for line in _section(12).splitlines() if line.startswith("    ")}
    assert stated == {
        case["body_salt"],
        case["envelope_salt"],
        case["event_jcs"],
        leaves[0].encode().decode(),
        leaves[0].leaf_hash.hex(),
        tree.root_hash().hex(),
        case["envelope_jcs"],
        case["entry_jcs"],
        case["leaf_hash"],
        re.findall(r'"sm3":"([0-9a-f]{64})"', case["entry_jcs"])[0],
    }
    assert commit_body_fields(body, salt).hex() in case["entry_jcs"]
    assert f"its {len(leaves)} leaves" in _section(12)


def test_refusal_codes_are_those_of_the_vectors() -> None:
    stated = set(re.findall(r"^\| `([a-z_]+)` \|", _section(10), re.MULTILINE))
    assert stated == {case["code"] for case in load("cityledger/refusals.json")}


def test_steps_and_exit_codes_are_those_of_the_verifier() -> None:
    stated = re.findall(r"^([0-9]+)\. \*([a-z0-9 ]+)\*", _section(11), re.MULTILINE)
    assert [(int(number), name) for number, name in stated] == list(STEPS)
    for verdict, code in EXIT_CODES.items():
        assert re.search(rf"`{verdict}`[^.]*\((?:exit code )?{code}\)", _section(11)), verdict


def test_names_and_sizes_are_those_of_the_code() -> None:
    assert all(f"`{name}`" in _section(1) for name in EXCLUDED_ATTRIBUTES)
    assert all(f"`{kind}`" in _section(3) for kind in KINDS)
    assert f"{ENTRY_BYTES} bytes" in _section(4)
