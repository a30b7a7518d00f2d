"""Papers behind the digests of an act: from an object as the API shows it, or a file, the digests that it can stand for in an act.

Digests of the chain are salted, so a paper comes with its salt:

- a product version, as ``GET /v1/products/{code}/versions/{n}`` answers: content, price rule, reviews, filing and reasons;
- a participant, as ``GET /v1/participants/{code}`` answers, with the member ``salt`` of ``.../facts``: who it is, qualification, reasons;
- an order or an agreement, as the API answers it: voucher, disclosed part, filing, reasons and price rule (``sign_trade_papers``);
- ``{"domain": "cityledger/v1/...", "salt": hex, "content": JSON or "text": TEXT}``: SHA-256(domain || LF || salt || canonical JSON or text);
- any other file by its own SHA-256, and any JSON file by that of its canonical form (RFC 8785) too.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ledger.cli.sign_trade_papers import Found, agreement_papers, order_papers
from ledger.domain.participant import (
    Connector,
    Organisation,
    Participant,
    QualificationDocument,
    Report,
)
from ledger.domain.records import from_json
from ledger.errors import InputError
from ledger.log.canonical import encode_jcs, parse_json
from ledger.services.participant_records import (
    SALT_BYTES,
    body_id_of,
    profile_digest_of,
    qualification_digest_of,
    reason_digest_of,
)
from ledger.services.product_objects import product_digest

DOMAIN: Final = re.compile(r"cityledger/v1/[a-z0-9-]{1,64}")
"""One line and a salt of one length, so that bytes can be read as one paper only."""
FINDING: Final = "finding about a product version"
_UNREADABLE: Final = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a digest stands for.

    Args:
        digest: 32 bytes.
        title: what the content is; of this only what the digest covers, since it is shown as checked.
        content: JSON value or text; of a file that is no JSON a note of its size.
    """

    digest: bytes
    title: str
    content: Any


def openings_of_file(raw: bytes, name: str) -> list[Opening]:
    """The digests that a file can stand for.

    Raises:
        InputError: it is an object of the service without its salt, or with a member that it does not have.
    """
    whole = Opening(sha256(raw).digest(), name, f"{len(raw):,} bytes")
    try:
        value = parse_json(raw)
    except InputError:
        return [whole]
    canonical = Opening(sha256(encode_jcs(value)).digest(), name, value)
    return [whole, canonical, *(openings_of(value, name) if isinstance(value, Mapping) else ())]


def openings_of(value: Mapping[str, Any], name: str) -> list[Opening]:
    """The digests that an object can stand for; none for one of a kind that is not known.

    Raises:
        InputError: it lacks its salt, or is not what it looks like.
    """
    reader = next((read for member, read in _READERS.items() if member in value), None)
    if reader is None:
        return []
    try:
        return list(reader(value, _salt(value["salt"])))
    except (*_UNREADABLE, InputError) as error:
        raise InputError(
            f"{name} is not what the service answers, or has no salt; nothing can be compared with it."
        ) from error


def _salt(text: str) -> bytes:
    salt = bytes.fromhex(text)
    if len(salt) != SALT_BYTES:
        raise ValueError(text)
    return salt


def _of_salted(value: Mapping[str, Any], salt: bytes) -> Iterator[Opening]:
    domain = value["domain"]
    if not DOMAIN.fullmatch(domain):
        raise ValueError(domain)
    content = value["text"].encode() if "text" in value else encode_jcs(value["content"])
    digest = sha256(domain.encode() + b"\n" + salt + content).digest()
    yield Opening(digest, domain, value["text"] if "text" in value else value["content"])


def _of_version(value: Mapping[str, Any], salt: bytes) -> Iterator[Opening]:
    content = value["content"]
    found: list[tuple[bytes, str, Any]] = [
        (b"content", "content of a product version", content),
        (b"price", "price rule of a product version", {"price": content["price"], "ceiling": content["ceiling"]}),
    ]
    first, final = value.get("first_review"), value.get("final_review")
    found += [(b"finding", FINDING, {"first": first, "final": last}) for last in (final, None) if first is not None]
    found += [
        (b"finding", FINDING, value[member])
        for member in ("filing", "suspension", "delisting")
        if value.get(member) is not None
    ]
    for kind, title, stated in found:
        yield Opening(product_digest(salt, kind, encode_jcs(stated)), title, stated)


def _of_participant(value: Mapping[str, Any], salt: bytes) -> Iterator[Opening]:
    organisation = from_json(Organisation, value["organisation"])
    connector = None if value["connector"] is None else from_json(Connector, value["connector"])
    papers = tuple(from_json(QualificationDocument, paper) for paper in value["documents"])
    who = Participant(organisation, tuple(value["roles"]), value["rules"], "", papers, (), connector)
    yield Opening(body_id_of(salt, organisation.code), organisation.code, organisation.code)  # the name is not in it
    profile = {name: value[name] for name in ("organisation", "roles", "connector", "rules")}
    yield Opening(profile_digest_of(salt, who), f"who {organisation.code} is", profile)
    steps = [step for step in (value["open_step"], value["overtaken_step"]) if step is not None]
    for report in (value["report"], *(step["report"] for step in steps)):
        if report is not None:
            digest = qualification_digest_of(salt, from_json(Report, report), papers)
            judged = {"report": report, "documents": value["documents"]}
            yield Opening(digest, "qualification report and its papers", judged)
    for step in steps:
        if step["reason"] is not None:
            yield Opening(reason_digest_of(salt, step["reason"]), "reasons", step["reason"])


def _of_trade(value: Mapping[str, Any], papers: Found) -> Iterator[Opening]:
    for digest, title, content in papers:
        yield Opening(digest, title, content)
    price_rule = value.get("price_rule")
    if price_rule is not None:
        yield from _of_salted(price_rule, _salt(price_rule["salt"]))


def _of_order(value: Mapping[str, Any], salt: bytes) -> Iterator[Opening]:
    return _of_trade(value, order_papers(value, salt))


def _of_agreement(value: Mapping[str, Any], salt: bytes) -> Iterator[Opening]:
    return _of_trade(value, agreement_papers(value, salt))


_READERS: Final = {
    "domain": _of_salted,
    "contract_hash": _of_agreement,
    "voucher": _of_order,
    "product_code": _of_version,
    "organisation": _of_participant,
}
"""Member by which this kind of object is known, the first that is there -> its reader."""
