"""Writes the project's own frozen vectors: tests/vectors/cityledger/*.json, one file a subject.

They add to the worked examples in ``tests/vectors/formats``: the same event in every content mode, every refusal with its code, bodies
of many events, redacted and erased openings, log receipts, and a submitter's signature in each algorithm. Inputs are stated in full, so
that another implementation can use the files. Everything is deterministic; a difference means that a frozen format has changed.

Usage: ``python scripts/generate_vectors.py [--check]``; ``--check`` writes nothing and fails on any difference.
"""

import base64
import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import vector_inputs as inputs
from coincurve import PrivateKey
from coincurve.ecdsa import der_to_cdata, serialize_compact
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import LedgerError
from ledger.log.entry import build_entry
from ledger.log.envelope import Envelope
from ledger.log.event import Event, event_from_binary, event_from_value, parse_event
from ledger.log.opening import build_erased_opening, build_opening, redact
from ledger.log.receipt import ReceiptItem, sign_receipt
from ledger.log.rules import load_rules
from ledger.log.signatures import encode_signature_value, submitter_message, verify_submitter_signature
from ledger.log.tags import TagKeys
from ledger.services.batches import parse_batch, parse_ndjson

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "vectors" / "cityledger"
ITEMS_MAX = 100


def salt(label: str) -> bytes:
    """A salt for vectors only: 32 bytes that anybody can make again."""
    return sha256(f"vector salt {label}".encode()).digest()


def read(form: dict[str, Any]) -> Event:
    """The event of one form: ``mode``, ``body_base64`` and, in binary mode, ``headers``."""
    body = base64.b64decode(form["body_base64"], validate=True)
    if form["mode"] == "binary":
        return event_from_binary([(name, value) for name, value in form["headers"]], body)
    return parse_event(body)


def read_many(form: dict[str, Any]) -> list[Event | LedgerError]:
    """The items of a batch or NDJSON body."""
    body = base64.b64decode(form["body_base64"], validate=True)
    parse = parse_batch if form["mode"] == "batch" else parse_ndjson
    return list(parse(body, ITEMS_MAX))


def _form(mode: str, body: bytes, headers: list[list[str]] | None = None) -> dict[str, Any]:
    form: dict[str, Any] = {"mode": mode, "body_base64": base64.b64encode(body).decode()}
    return form if headers is None else {**form, "headers": headers}


def modes() -> list[dict[str, Any]]:
    """The same event in several forms, and its one canonical form."""
    cases = []
    for name, forms in inputs.MODES:
        stated = [_form(*form) for form in forms]
        events = [read(form) for form in stated]
        if any(event != events[0] for event in events):
            raise SystemExit(f"modes: the forms of {name!r} are not one event")
        signature = events[0].signature
        cases.append(
            {
                "name": name,
                "forms": stated,
                "event_jcs": events[0].canonical.decode(),
                "signature": None if signature is None else signature._asdict(),
            }
        )
    return cases


def refusals() -> list[dict[str, Any]]:
    """Single events that are refused, with the code of the refusal."""
    cases = []
    for name, *form in inputs.REFUSALS:
        stated = _form(*form)
        cases.append({"name": name, **stated, "code": _code_of(lambda stated=stated: read(stated))})
    return cases


def many() -> list[dict[str, Any]]:
    """Batch and NDJSON bodies: ``items`` in order, or the code with which the whole is refused."""
    cases = []
    for name, *form in inputs.MANY:
        stated = _form(*form)
        case: dict[str, Any] = {"name": name, **stated}
        try:
            items = read_many(stated)
        except LedgerError as error:
            cases.append({**case, "refused_whole": error.code})
            continue
        results = [
            {"code": item.code} if isinstance(item, LedgerError) else {"event_jcs": item.canonical.decode()}
            for item in items
        ]
        cases.append({**case, "items": results})
    return cases


def openings() -> list[dict[str, Any]]:
    """Full, redacted and erased openings of the same entries."""
    keys = TagKeys(bytes.fromhex(inputs.SPACE_KEY))
    cases = []
    for name, value, withheld in inputs.OPENINGS:
        event = event_from_value(value)
        _, tags = load_rules(1).tags(event, "permit-office", keys)
        envelope = Envelope("fields", inputs.ORIGIN, inputs.RECEIVED_AT, 1, None, "permit-office", tags, event.type)
        body_salt, envelope_salt = salt(f"{name} body"), salt(f"{name} envelope")
        entry = build_entry(
            event, body_kind="fields", body_salt=body_salt, envelope=envelope, envelope_salt=envelope_salt
        )
        full = build_opening(event, body_salt, envelope, envelope_salt)
        cases.append(
            {
                "name": name,
                "entry_jcs": entry.encode().decode(),
                "leaf_hash": entry.leaf_hash.hex(),
                "full_jcs": full.encode().decode(),
                "redacted": [
                    {"withheld": pointers, "opening_jcs": redact(full, pointers).encode().decode()}
                    for pointers in withheld
                ],
                "erased_jcs": build_erased_opening(envelope, envelope_salt).encode().decode(),
            }
        )
    return cases


def receipts() -> list[dict[str, Any]]:
    """Log receipts, signed with the receipt key of the worked examples."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(inputs.RECEIPT_PRIVATE_KEY))
    cases = []
    for name, items, checkpoint in inputs.RECEIPTS:
        promised = [
            ReceiptItem(index, salt(f"leaf {index}"), received_at, publish_by, anchor_by)
            for index, received_at, publish_by, anchor_by in items
        ]
        receipt = sign_receipt(inputs.ORIGIN, promised, checkpoint, key.sign)
        cases.append(
            {
                "name": name,
                "receipt_key": key.public_key().public_bytes_raw().hex(),
                "signed_base64": base64.b64encode(receipt.signed_bytes()).decode(),
                "receipt_jcs": receipt.encode().decode(),
            }
        )
    return cases


def signatures() -> list[dict[str, Any]]:
    """The same event signed by a submitter in each algorithm: public key and signature in the form that is taken."""
    event = event_from_value(inputs.SIGNED_EVENT).canonical
    message = submitter_message(inputs.ORIGIN, event)
    ed25519 = Ed25519PrivateKey.from_private_bytes(salt("submitter ed25519"))
    secp256k1 = PrivateKey(salt("submitter secp256k1"))
    made = {
        "ed25519": (ed25519.public_key().public_bytes_raw(), encode_signature_value(ed25519.sign(message))),
        "secp256k1": (
            secp256k1.public_key.format(),
            encode_signature_value(serialize_compact(der_to_cdata(secp256k1.sign(message)))),
        ),
        "sm2": (bytes.fromhex(inputs.SM2_PUBLIC_KEY), inputs.SM2_SIGNATURE),
    }
    cases = []
    for alg, (public_key, value) in made.items():
        verify_submitter_signature(alg, public_key, inputs.ORIGIN, event, value)
        cases.append(
            {
                "alg": alg,
                "public_key": public_key.hex(),
                "origin": inputs.ORIGIN,
                "event_jcs": event.decode(),
                "signed_base64": base64.b64encode(message).decode(),
                "value": value,
            }
        )
    return cases


SUBJECTS = {
    "modes": modes,
    "refusals": refusals,
    "many": many,
    "openings": openings,
    "receipts": receipts,
    "signatures": signatures,
}


def _code_of(attempt: Any) -> str:
    try:
        attempt()
    except LedgerError as error:
        return error.code
    raise SystemExit("refusals: an event that was to be refused was taken")


def render() -> dict[Path, str]:
    """Every file and its text."""
    return {
        FOLDER / f"{subject}.json": json.dumps(make(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        for subject, make in SUBJECTS.items()
    }


def main(arguments: list[str]) -> int:
    """Writes the files, or with ``--check`` compares them."""
    rendered = render()
    if arguments == ["--check"]:
        differing = [
            path.relative_to(ROOT)
            for path, text in rendered.items()
            if not path.exists() or path.read_text(encoding="utf-8") != text
        ]
        for path in differing:
            print(f"{path} is not what scripts/generate_vectors.py makes: a frozen format has changed")
        return 1 if differing else 0
    if arguments:
        print("usage: generate_vectors.py [--check]")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in rendered.items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(rendered)} files in {FOLDER.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
