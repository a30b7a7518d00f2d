"""Papers behind digests: what the services hash into acts is found again from what the API shows, and nothing else fits."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from support.act_samples import request, sample
from support.participants import BANK_CODE, SALT, application, report

from ledger.cli.sign_papers import Opening, openings_of, openings_of_file
from ledger.cli.sign_steps import require_seen
from ledger.cli.sign_text import lines_of
from ledger.domain.acts.participant_registry import Admission
from ledger.domain.participant import Participant, participant_to_json
from ledger.domain.records import to_json
from ledger.domain.signing_request import request_from_json
from ledger.errors import InputError
from ledger.log.canonical import encode_jcs
from ledger.services.business import StoredObject
from ledger.services.participant_records import (
    body_id_of,
    profile_digest_of,
    qualification_digest_of,
    reason_digest_of,
)
from ledger.services.product_objects import content_digest, finding_digest, price_rule_digest

APPLIED = application(BANK_CODE)
PARTICIPANT = Participant(
    APPLIED.organisation, APPLIED.roles, "council", "", documents=APPLIED.documents, keys=APPLIED.keys, report=report()
)
STEP = {"step": "suspend", "act_id": "ab" * 20, "reason": "投诉成立", "report": None}
REVIEW = {"participant": BANK_CODE, "passed": True, "findings": [], "at": "2026-11-22T00:00:00Z"}
FILING = {"number": "备案1", "ceiling": {"unit_price": 5}}
CONTENT = {"name": "施工许可", "price": {"currency": "CNY", "unit_price": 7}, "ceiling": None}
NOW = datetime(2026, 11, 22, tzinfo=UTC)
VERSION = StoredObject("product_version", "p/1", 1, "filed", (), {"salt": SALT.hex(), "content": CONTENT}, NOW, NOW)


def participant_paper(**changes: Any) -> dict[str, Any]:
    value = participant_to_json(PARTICIPANT) | {"open_step": STEP, "salt": SALT.hex()}
    return value | changes


def version_paper(**changes: Any) -> dict[str, Any]:
    value = {"product_code": "p", "version": 1, "salt": SALT.hex(), "content": CONTENT}
    value |= {"first_review": REVIEW, "final_review": REVIEW, "filing": FILING}
    return value | changes


def digests(openings: list[Opening]) -> set[bytes]:
    return {opening.digest for opening in openings}


def test_participant_opens_what_its_acts_hold() -> None:
    found = digests(openings_of(participant_paper(), "paper"))
    assert found == {
        body_id_of(SALT, BANK_CODE),
        profile_digest_of(SALT, PARTICIPANT),
        qualification_digest_of(SALT, report(), APPLIED.documents),
        reason_digest_of(SALT, "投诉成立"),
    }


def test_changed_participant_opens_nothing_of_them() -> None:
    other = digests(openings_of(participant_paper(roles=["provider"], salt="01" * 32), "paper"))
    assert not other & digests(openings_of(participant_paper(), "paper"))


def test_report_of_a_renewal_that_waits_is_found() -> None:
    fresh = to_json(report()) | {"valid_until": "2031-01-01"}
    found = openings_of(participant_paper(open_step=STEP | {"report": fresh}), "paper")
    judged = {"report": fresh, "documents": participant_paper()["documents"]}
    assert judged in [opening.content for opening in found]


def test_version_opens_what_its_acts_hold() -> None:
    assert digests(openings_of(version_paper(), "paper")) == {
        content_digest(VERSION),
        price_rule_digest(VERSION),
        finding_digest(VERSION, {"first": REVIEW, "final": REVIEW}),
        finding_digest(VERSION, {"first": REVIEW, "final": None}),
        finding_digest(VERSION, FILING),
    }


def test_salted_paper_of_any_kind_opens() -> None:
    value = {"domain": "cityledger/v1/order-content", "salt": SALT.hex()}
    written = openings_of({**value, "content": {"b": 1, "a": "合"}}, "paper")
    assert digests(written) == {sha256(b"cityledger/v1/order-content\n" + SALT + '{"a":"合","b":1}'.encode()).digest()}
    spoken = openings_of({**value, "text": "理由"}, "paper")
    assert digests(spoken) == {sha256(b"cityledger/v1/order-content\n" + SALT + "理由".encode()).digest()}


@pytest.mark.parametrize(
    "paper",
    [
        participant_paper(salt="00"),
        participant_paper(salt="zz" * 32),
        {name: value for name, value in participant_paper().items() if name != "salt"},
        participant_paper(organisation={"code": 7}),
        version_paper(content={}),
        {"domain": "cityledger/v1/a\nb", "salt": SALT.hex(), "content": 1},
        {"domain": "cityledger/v2/a", "salt": SALT.hex(), "content": 1},
        {"domain": "cityledger/v1/a", "salt": SALT.hex()},
    ],
    ids=["short salt", "no hex", "no salt", "another organisation", "no price", "two lines", "foreign domain", "empty"],
)
def test_paper_that_is_not_what_it_looks_like_is_named(paper: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="paper"):
        openings_of(paper, "paper")


def test_title_says_only_what_its_digest_covers() -> None:
    """A title is shown as checked: what a service may write beside a true digest is not in it."""
    lied = version_paper(product_code="another", version=9)
    assert [one.title for one in openings_of(lied, "p")] == [one.title for one in openings_of(version_paper(), "p")]
    renamed = to_json(APPLIED.organisation) | {"name": "Another Bank"}
    [who] = [
        one.title
        for one in openings_of(participant_paper(organisation=renamed), "p")
        if one.digest == body_id_of(SALT, BANK_CODE)
    ]
    assert who == BANK_CODE


def test_object_of_no_known_kind_opens_nothing() -> None:
    assert openings_of({"iban": "x"}, "paper") == []


def test_file_opens_by_its_bytes_and_by_its_canonical_form() -> None:
    raw = b'{"b": 1, "a": 2}'
    assert digests(openings_of_file(raw, "f")) == {sha256(raw).digest(), sha256(encode_jcs({"a": 2, "b": 1})).digest()}
    assert digests(openings_of_file(b"%PDF", "f")) == {sha256(b"%PDF").digest()}


def test_paper_is_shown_in_full_beside_its_digest_and_counts_as_seen() -> None:
    act = sample("ParticipantRegistry.Admission")
    assert isinstance(act, Admission)
    ids = {"body_id": body_id_of(SALT, BANK_CODE), "profile_digest": profile_digest_of(SALT, PARTICIPANT)}
    papers = {"qualification_digest": qualification_digest_of(SALT, report(), APPLIED.documents)}
    admission = Admission(**{**vars(act), **ids, **papers})
    asked = request_from_json(request(admission, ["0x" + "0e" * 20], body=BANK_CODE))
    openings = openings_of(participant_paper(), "paper")
    lines = list(lines_of(asked, openings, now=0, is_chain_known=True, has_manifest=False))
    said = "\n".join(lines)
    assert f"= {BANK_CODE} (已核对 checked)" in said
    assert "NOT SEEN" not in said
    assert f'"name": "{APPLIED.organisation.name}"' in said
    assert f'"seal_sha256": "{report().seal_sha256}"' in said
    require_seen(asked, openings, ())
