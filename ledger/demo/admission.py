"""First part of the story: accounts, applications, reviews, and the chain takes the bodies in."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from ledger.adapters.embedded.reserved_bodies import reserved_code
from ledger.adapters.files.keys import secp256k1_address
from ledger.client import accounts, participant_acts, participants
from ledger.client.calls import Call, RemoteObject
from ledger.demo.city import City
from ledger.demo.offices import OFFICES, PERMIT_OFFICE, Office, Papers, application, report
from ledger.demo.permit_events import SOURCE
from ledger.domain.acts.kinds import BodyRole
from ledger.domain.roles import ADMIN, AUTHORISATION_PLATFORM, PLATFORM_SERVICE, RESERVED
from ledger.errors import ConflictError, RefusedByServiceError

ISSUER: Final = "urn:cityledger:demo"
"""Of the offices' accounts; no token names it: their desks use API keys."""

RECORDS_DESK: Final = "permit-office-records"
"""The permit office's program that sends its records; its key is bound to the office's source."""

REASONS: Final = "the papers say so"


class MakeKey(Protocol):
    """Makes an API key on the operator's machine; one that is there already is left as it is."""

    def __call__(self, *, role: str, submitter: str, source_prefixes: list[str], account_id: str, api_key: str) -> None:
        """Stores ``api_key`` for an account, in one of its roles."""
        ...


def seat_installation(city: City, api_keys: dict[str, str]) -> None:
    """Opens the desks of the bodies with reserved roles; ``api_keys`` are the installation's by role."""
    private_keys = city.memory.installation_keys()
    for role in RESERVED:
        city.seat(role, reserved_code(BodyRole[role.upper()]), api_keys[role], [private_keys[role]])


def open_desks(city: City, make_key: MakeKey) -> None:
    """The operator grants each office an account; the office's desk works with an API key of it."""
    for office in OFFICES:
        account_id = _account(city, office)
        _seat(city, office, office.name, account_id, make_key)
    _seat(city, PERMIT_OFFICE, RECORDS_DESK, _account(city, PERMIT_OFFICE), make_key, sends_events=True)


def admit_offices(city: City, papers: Papers) -> None:
    """Every office applies and is reviewed; then all sign, and wait for the chain together."""
    waiting = [office for office in OFFICES if not _bring_to_the_chain(city, papers, office)]
    for office in waiting:
        admitted = city.wait_for(
            partial(city.desk("operator").client.run, participants.get_participant(office.code)),
            lambda found: found.state != "admitting",
            f"the admission of {office.name}",
        )
        refused = admitted.value["refused_step"]
        if admitted.state != "active":
            raise ConflictError(f"{office.name} was not admitted: {refused and refused['reason']}")
        city.say(f"  {office.name} is admitted: {office.title} {office.code}, {' and '.join(office.roles)}")


def compare_with_chain(city: City) -> None:
    """The auditor compares what is recorded with what the registry contract holds."""
    auditor = city.desk("auditor").client
    city.wait_for(
        partial(auditor.run, participants.get_differences(limit=1_000)),
        lambda found: not found.items,
        "agreement with the chain",
    )
    city.say("  the auditor compares the participants with the registry contract: nothing differs")


def _account(city: City, office: Office) -> str:
    granted = city.desk("operator").client.run(
        accounts.grant_account(
            participant=office.code,
            issuer=ISSUER,
            subject=office.name,
            level=ADMIN,
            roles=office.roles,
            idempotency_key=city.memory.write_name(f"account-{office.name}"),
        )
    )
    return str(granted.value["account_id"])


def _seat(
    city: City, office: Office, desk: str, account_id: str, make_key: MakeKey, *, sends_events: bool = False
) -> None:
    api_key = city.memory.api_key(desk, f"clk_{secrets.token_hex(6)}_{secrets.token_hex(32)}")
    make_key(
        role=PLATFORM_SERVICE if sends_events else office.roles[0],
        submitter=desk,
        source_prefixes=[SOURCE] if sends_events else [],
        account_id=account_id,
        api_key=api_key,
    )
    private_keys = [] if sends_events else list(city.memory.private_keys(office.name).values())
    city.seat(desk, "" if sends_events else office.code, api_key, private_keys)


def _bring_to_the_chain(city: City, papers: Papers, office: Office) -> bool:
    """Takes every step before the chain; whether the office is admitted already.

    What the operator reviewed, the authorisation platform approves.
    """
    operator, platform, code = city.desk("operator"), city.desk(AUTHORISATION_PLATFORM), office.code
    steps: dict[str, Callable[[int], Call[RemoteObject]]] = {
        "applied": lambda revision: participant_acts.accept_identity(code, reasons=REASONS, revision=revision),
        "identity_reviewed": lambda revision: participant_acts.accept_role(code, reasons=REASONS, revision=revision),
        "role_reviewed": lambda revision: participant_acts.approve(code, report(papers, office), revision=revision),
        "approved": lambda revision: participant_acts.admit(code, revision=revision),
    }
    found = _find(city, code)
    if found is None:
        keys = {
            purpose: "0x" + secp256k1_address(key).hex()
            for purpose, key in city.memory.private_keys(office.name).items()
        }
        city.desk(office.name).client.run(participants.apply_for_admission(application(papers, office, keys)))
        papers_said = "1 paper" if len(office.papers) == 1 else f"{len(office.papers)} papers"
        city.say(f"  {office.name} applies with {papers_said}, two keys of its own")
        found = operator.client.run(participants.get_participant(code))
    while found.state in steps:
        city.look()
        assert found.revision is not None, "a participant has an ETag"
        by = platform if found.state == "role_reviewed" else operator
        by.client.run(steps[found.state](found.revision))
        found = operator.client.run(participants.get_participant(code))
    if found.state == "admitting":
        step = found.value["open_step"]
        city.sign(step["act_id"], asked_by=operator, act="ParticipantRegistry.Admission", subject=code)
        return False
    return True


def _find(city: City, code: str) -> RemoteObject | None:
    try:
        return city.desk("operator").client.run(participants.get_participant(code))
    except RefusedByServiceError as error:
        if error.facts.get("status") == 404:
            return None
        raise
