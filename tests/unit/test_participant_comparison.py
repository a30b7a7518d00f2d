"""Participants against the registry contract: every difference is found, named and explained."""

from dataclasses import replace
from typing import Any

import pytest
from support.participants import BANK_CODE, OPERATOR, Registry, document

from ledger.domain.admission_rules import missing_documents
from ledger.domain.participant import Participant, QualificationDocument, participant_to_json
from ledger.domain.records import stored_from_json, to_json
from ledger.errors import MisuseError
from ledger.services import participant_steps
from ledger.services.business import StoredObject
from ledger.services.participant_comparison import ChainBody, compare


@pytest.fixture(scope="module")
def registry() -> Registry:
    made = Registry.made()
    made.admit()
    return made


def as_on_chain(stored: StoredObject, participant: Participant) -> ChainBody:
    """The body as its events would tell it."""
    chain = participant.chain
    assert chain is not None
    purposes = {"business": 1, "metering": 2, "finance": 4}
    keys = {
        key.address: {"status": key.state, "purposes": sum(purposes[one] for one in key.purposes)}
        for key in participant.keys
    }
    state = {"status": stored.state, "roles": 2, "qualified_until": chain.qualified_until}
    return ChainBody(chain.body_id, state, keys, chain.revision)


def differences(registry: Registry, body: ChainBody | None, **change: Any) -> list[tuple[str, str | None, str | None]]:
    stored = replace(registry.stored(), **change)
    found = compare([stored], [] if body is None else [body], 7)
    assert (found.block_number, found.compared) == (7, 1)
    assert all(one.code in {BANK_CODE, None} for one in found.differences)
    return [(one.kind, one.here, one.on_chain) for one in found.differences]


def test_equal_bodies_do_not_differ(registry: Registry) -> None:
    assert differences(registry, as_on_chain(registry.stored(), registry.participant())) == []


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"status": "suspended"}, "status"),
        ({"roles": 3}, "roles"),
        ({"qualified_until": 1}, "qualified_until"),
    ],
)
def test_every_member_that_differs_is_named(registry: Registry, change: dict[str, Any], kind: str) -> None:
    body = as_on_chain(registry.stored(), registry.participant())

    [found] = differences(registry, replace(body, state={**body.state, **change}))

    assert found[0] == kind


def test_acts_that_did_not_come_from_here_are_named(registry: Registry) -> None:
    body = as_on_chain(registry.stored(), registry.participant())

    assert differences(registry, replace(body, revision=body.revision + 2)) == [("revision", "0", "2")]


def test_keys_that_differ_are_named(registry: Registry) -> None:
    body = as_on_chain(registry.stored(), registry.participant())
    first, second = sorted(body.keys)
    keys = {first: {**body.keys[first], "status": "revoked"}, "0x" + "00" * 20: {"status": "valid", "purposes": 1}}

    found = differences(registry, replace(body, keys=keys))

    assert {kind for kind, _, _ in found} == {"key_state", "key_missing_on_chain", "key_unknown_here"}
    assert second not in keys


def test_body_that_one_side_lacks_is_named(registry: Registry) -> None:
    body = as_on_chain(registry.stored(), registry.participant())
    other = ChainBody("0x" + "11" * 32, {"status": "active"}, {}, 0)
    gone = ChainBody("0x" + "22" * 32, {"status": "left"}, {}, 1)

    assert differences(registry, None) == [("body_missing_on_chain", "active", None)]
    found = compare([registry.stored()], [body, other, gone], None)
    assert [(one.kind, one.body_id) for one in found.differences] == [("body_unknown_here", other.body_id)]


def test_difference_names_the_step_that_may_explain_it() -> None:
    registry = Registry.made()
    registry.admit()
    body = as_on_chain(registry.stored(), registry.participant())
    registry.act(participant_steps.suspend, OPERATOR, "because", registry.bodies)

    [found] = compare([registry.stored()], [replace(body, state={**body.state, "status": "suspended"})], 7).differences

    assert (found.kind, found.waiting) == ("status", "suspend")


def test_applicants_are_not_compared() -> None:
    registry = Registry.made()
    registry.apply()

    assert compare([registry.stored()], [], 7).compared == 0


def test_record_reads_what_it_wrote_and_nothing_else(registry: Registry) -> None:
    written = participant_to_json(registry.participant())
    assert stored_from_json(Participant, written) == registry.participant()
    assert stored_from_json(Participant, {name: written[name] for name in written if name != "untold"}).untold == ()
    for wrong in (written | {"more": 1}, {name: written[name] for name in written if name != "keys"}):
        with pytest.raises(MisuseError):
            stored_from_json(Participant, wrong)
    assert stored_from_json(QualificationDocument, to_json(document())) == document()


@pytest.mark.parametrize(
    ("roles", "kinds", "missing"),
    [
        (("consumer",), ("business_licence",), 0),
        (("consumer",), (), 1),
        (("consumer", "developer"), ("business_licence",), 1),
        (("service_party",), ("business_licence",), 2),
        (("service_party",), ("business_licence", "graded_protection", "professional_licence"), 0),
    ],
)
def test_admission_rules_name_what_is_missing(roles: tuple[str, ...], kinds: tuple[str, ...], missing: int) -> None:
    assert len(missing_documents(roles, kinds)) == missing
