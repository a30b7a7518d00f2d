"""Writes the vectors of the signed acts: tests/vectors/acts/*.json, one file a contract, three cases an EIP-712 type.

Case "usual" has values spread by SHA-256, "largest" the greatest of every type, "least" zeros and empty arrays. Numbers are decimal
strings, bytes are hex. ``head`` is type hash and fields, what the contracts' libraries build; ``digest`` is what is signed. Python
(tests/conformance/test_act_vectors.py) and Solidity (tests/contracts/TypedActs.vectors.t.sol) read the same files. A difference means
that signatures made before are worth nothing on chain.

``hashes.json`` holds the ids and hashes that contracts compute (``hash_vectors.py``); tests/contracts/Hashes.vectors.t.sol reads it too.

Usage: ``python scripts/act_vectors.py [--check]``; ``--check`` writes nothing and fails on any difference.
"""

import inspect
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from hash_vectors import hash_cases
from spread_values import CASES, hexed, make_atom, make_struct, spread, to_json

from ledger.domain import typed_acts
from ledger.domain.typed_acts import Act, Domain, Tail
from ledger.log.typed_data import address_of_public_key, to_checksum_address

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "vectors" / "acts"
MODULES = (
    "participant_registry",
    "product_registry",
    "settlement_rules",
    "digital_contract_registry",
    "orders",
    "delivery_receipts",
    "disputes",
    "revenue_settlement",
    "distribution_tables",
    "payouts",
)
CHAIN_ID = 2026


def acts_of(module: str) -> list[type[Act]]:
    """The acts of one contract, in the order of the source."""
    found = vars(import_module(f"ledger.domain.acts.{module}")).values()
    return [
        item
        for item in found
        if inspect.isclass(item) and issubclass(item, Act) and "__dataclass_fields__" in vars(item)
    ]


def files() -> dict[str, str]:
    """Every vector file: its name and its text."""
    made = {}
    for module in MODULES:
        acts = acts_of(module)
        contract = acts[0].CONTRACT
        domain = Domain(contract, CHAIN_ID, spread(f"address of {contract}", 20))
        cases = [_case(act, name, domain) for act in acts for name in CASES]
        content = {
            "contract": contract,
            "domain": {
                "name": f"CityLedger {contract}",
                "version": "1",
                "chainId": str(CHAIN_ID),
                "verifyingContract": to_checksum_address(domain.verifying_contract),
            },
            "domainSeparator": hexed(domain.separator),
            "acts": cases,
        }
        made[f"{contract}.json"] = json.dumps(content, indent=1) + "\n"
    public_key, signature = spread("sm2 public key", 64), spread("sm2 signature", 64)
    sm2 = {
        "publicKey": hexed(public_key),
        "signature": hexed(signature),
        "digest": hexed(typed_acts.sm2_signature_digest(public_key, signature)),
    }
    made["sm2.json"] = json.dumps(sm2, indent=1) + "\n"
    made["hashes.json"] = json.dumps({"hashes": hash_cases()}, indent=1) + "\n"
    return made


def _case(act: type[Act], name: str, domain: Domain) -> dict[str, Any]:
    label = f"{act.CONTRACT} {act.__name__} {name}"
    made = make_struct(act, label, name)
    assert isinstance(made, Act)
    atoms = ("bytes32", "uint256", "bytes32")
    parts = zip(atoms, ("signer", "deadline", "sm2SignatureDigest"), strict=True)
    tail = Tail(*(make_atom(solidity, f"{label} {part}", name) for solidity, part in parts))
    digest = typed_acts.act_signing_digest(made, tail, domain)
    key = PrivateKey(spread(f"key of {label}", 32))
    signed = key.sign_recoverable(digest, hasher=None)
    case = {
        "name": f"{act.__name__} {name}",
        "primaryType": act.__name__,
        "type": typed_acts.type_string(act),
        "fields": to_json(made),
        "signer": hexed(tail.signer),
        "sm2SignatureDigest": hexed(tail.sm2_signature_digest),
        "deadline": str(tail.deadline),
        "head": hexed(typed_acts.encode_head(made)),
        "structHash": hexed(typed_acts.act_struct_hash(made, tail)),
        "digest": hexed(digest),
        "sm2Message": hexed(typed_acts.act_sm2_message(made, tail, domain)),
        "key": to_checksum_address(address_of_public_key(key.public_key.format(compressed=False))),
        "signature": hexed(signed[:64] + bytes([signed[64] + 27])),
    }
    if hasattr(made, "components_hash"):
        case["componentsHash"] = hexed(made.components_hash)
    return case


def main() -> int:
    """Writes or checks all files."""
    check = "--check" in sys.argv[1:]
    made = files()
    differing = []
    FOLDER.mkdir(exist_ok=True)
    for name, text in made.items():
        path = FOLDER / name
        if not path.is_file() or path.read_text() != text:
            differing.append(name)
            if not check:
                path.write_text(text)
    stray = sorted(path.name for path in FOLDER.glob("*.json") if path.name not in made)
    if check and (differing or stray):
        print(f"tests/vectors/acts differs from what this makes: {', '.join(differing + stray)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
