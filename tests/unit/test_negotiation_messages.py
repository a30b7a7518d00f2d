"""Messages of the Dataspace Protocol 2025-1: strict reading, exact writing."""

from typing import Any

import orjson
import pytest
from support.negotiations import CONSUMER_PID, PROVIDER_PID, an_agreement, an_offer

from ledger.bundle.negotiation_record import MESSAGE_BYTES_MAX, encode_message, message_digest, parse_message
from ledger.domain.catalog_dsp import CONTEXT_URL
from ledger.domain.negotiation.addresses import check_callback_address, message_url
from ledger.domain.negotiation.defects import InvalidCallbackAddressError, InvalidNegotiationMessageError
from ledger.domain.negotiation.life import Act
from ledger.domain.negotiation.messages import MessageType, message_value, read_message
from ledger.domain.negotiation.offers import policy_of, terms_text
from ledger.domain.policies.defects import InvalidPolicyError
from ledger.domain.policies.profile import PROFILE
from ledger.errors import DuplicateKeyError, TooLargeError

BASE = {"@context": [CONTEXT_URL]}
PIDS = {"providerPid": PROVIDER_PID, "consumerPid": CONSUMER_PID}
ADDRESS = {"callbackAddress": "https://bank.example/callback"}
WHY = {"code": "99", "reason": ["Licence does not fit.", {"message": "again"}]}
NESTED = {"or": [{"and": [{"leftOperand": "partner", "operator": "eq", "rightOperand": "gold"}]}]}


def of_type(kind: str, *parts: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {**BASE, "@type": kind}
    for part in parts:
        message |= part
    return message


MESSAGES = {
    "request": of_type("ContractRequestMessage", PIDS, {"offer": an_offer()}),
    "first_request": of_type(
        "ContractRequestMessage", ADDRESS, {"consumerPid": CONSUMER_PID, "offer": an_offer(profile=[PROFILE])}
    ),
    "offer": of_type("ContractOfferMessage", PIDS, {"offer": an_offer(prohibition=[{"action": "sell"}])}),
    "first_offer": of_type("ContractOfferMessage", ADDRESS, {"providerPid": PROVIDER_PID, "offer": an_offer()}),
    "agreement": of_type("ContractAgreementMessage", PIDS, {"agreement": an_agreement(odd={"kept": [1]})}),
    "nested": of_type(
        "ContractAgreementMessage",
        PIDS,
        {"agreement": an_agreement(permission=[{"action": "use", "constraint": [NESTED]}])},
    ),
    "verification": of_type("ContractAgreementVerificationMessage", PIDS, {"@id": "urn:uuid:1"}),
    "accepted": of_type("ContractNegotiationEventMessage", PIDS, {"eventType": "ACCEPTED"}),
    "finalized": of_type("ContractNegotiationEventMessage", PIDS, {"eventType": "FINALIZED", "unknown": None}),
    "termination": of_type("ContractNegotiationTerminationMessage", PIDS, WHY),
    "bare_termination": of_type("ContractNegotiationTerminationMessage", PIDS),
    "negotiation": of_type("ContractNegotiation", PIDS, {"state": "VERIFIED"}),
    "error": of_type("ContractNegotiationError", PIDS, WHY),
}
ACTS = {
    "request": Act.REQUEST,
    "first_request": Act.REQUEST,
    "offer": Act.OFFER,
    "first_offer": Act.OFFER,
    "agreement": Act.AGREE,
    "nested": Act.AGREE,
    "verification": Act.VERIFY,
    "accepted": Act.ACCEPT,
    "finalized": Act.FINALIZE,
    "termination": Act.TERMINATE,
    "bare_termination": Act.TERMINATE,
    "negotiation": None,
    "error": None,
}


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_message_is_read_and_written_again_as_it_came(name: str) -> None:
    raw = orjson.dumps(MESSAGES[name], option=orjson.OPT_SORT_KEYS)
    message = parse_message(raw)
    assert encode_message(message) == raw
    assert read_message(message_value(message), message.type) == message
    assert message.act is ACTS[name]
    assert message.starts is name.startswith("first_")
    assert message_digest(message) == message_digest(parse_message(orjson.dumps(MESSAGES[name])))


def test_every_type_has_an_example() -> None:
    assert {message["@type"] for message in MESSAGES.values()} == set(MessageType)


@pytest.mark.parametrize(
    ("name", "member"),
    sorted(
        (name, member) for name, message in MESSAGES.items() for member in message if member not in ("@id", "unknown")
    ),
)
def test_member_of_another_kind_is_refused_by_name(name: str, member: str) -> None:
    for wrong in (7, None, [], {}):
        with pytest.raises(InvalidNegotiationMessageError) as refused:
            read_message(MESSAGES[name] | {member: wrong})
        assert refused.value.facts["place"].startswith(member)


@pytest.mark.parametrize(
    ("name", "member"),
    sorted(
        (name, member)
        for name, message in MESSAGES.items()
        for member in message
        if member not in ("@id", "unknown", "code", "reason")
    ),
)
def test_missing_member_is_refused_by_name(name: str, member: str) -> None:
    rest = {key: value for key, value in MESSAGES[name].items() if key != member}
    with pytest.raises(InvalidNegotiationMessageError, match=member):
        read_message(rest)


@pytest.mark.parametrize("name", ["first_offer", "first_request", "offer", "request"])
def test_message_that_begins_and_goes_on_at_once_is_refused(name: str) -> None:
    with pytest.raises(InvalidNegotiationMessageError, match="exactly one"):
        read_message(MESSAGES[name] | PIDS | ADDRESS)


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"ContractNegotiation"', b"{}"])
def test_what_is_no_message_at_all_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidNegotiationMessageError):
        parse_message(raw)


def test_message_of_a_type_that_is_not_taken_is_refused() -> None:
    with pytest.raises(InvalidNegotiationMessageError, match="ContractOfferMessage or ContractAgreementMessage here"):
        read_message(MESSAGES["request"], MessageType.OFFER, MessageType.AGREEMENT)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"@type": "Agreement"}, "offer.@type"),
        ({"@id": ""}, "offer.@id"),
        ({"target": None}, "offer.target"),
        ({"assigner": ["a"]}, "offer.assigner"),
        ({"profile": 1}, "offer.profile"),
        ({"permission": []}, "offer.permission"),
        ({"obligation": {}}, "offer.obligation"),
        ({"permission": ["use"]}, "offer.permission[0]"),
        ({"permission": [{}]}, "offer.permission[0].action"),
        ({"permission": [{"action": []}]}, "offer.permission[0].action"),
        ({"permission": [{"action": "use", "target": "x"}]}, "offer.permission[0].target"),
        ({"permission": [{"action": "use", "constraint": {}}]}, "offer.permission[0].constraint"),
        ({"permission": [{"action": "use", "constraint": [{}]}]}, "offer.permission[0].constraint[0]"),
        ({"permission": [{"action": "use", "constraint": [{"or": [{}]}]}]}, "offer.permission[0].constraint[0].or[0]"),
        (
            {"permission": [{"action": "use", "constraint": [{"or": [], "and": []}]}]},
            "offer.permission[0].constraint[0]",
        ),
        (
            {
                "permission": [
                    {"action": "use", "constraint": [{"leftOperand": "a", "operator": "is", "rightOperand": "b"}]}
                ]
            },
            "offer.permission[0].constraint[0].operator",
        ),
        (
            {
                "permission": [
                    {"action": "use", "constraint": [{"leftOperand": "a", "operator": "eq", "rightOperand": None}]}
                ]
            },
            "offer.permission[0].constraint[0].rightOperand",
        ),
    ],
)
def test_offer_that_is_none_is_refused_at_its_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidNegotiationMessageError) as refused:
        read_message(MESSAGES["request"] | {"offer": an_offer(**change)})
    assert refused.value.facts == {"place": place}


def test_offer_without_permission_and_prohibition_is_refused() -> None:
    offer = {name: value for name, value in an_offer(obligation=[{"action": "delete"}]).items() if name != "permission"}
    with pytest.raises(InvalidNegotiationMessageError, match="a permission or a prohibition"):
        read_message(MESSAGES["request"] | {"offer": offer})


@pytest.mark.parametrize(
    "timestamp", ["", "2026-11-22", "at 2026-11-22T05:40:00Z", "2026-11-22T05:40:00Z.", "2026-13-01T00:00:00Z"]
)
def test_agreement_without_a_time_is_refused(timestamp: str) -> None:
    with pytest.raises(InvalidNegotiationMessageError, match=r"agreement\.timestamp"):
        read_message(MESSAGES["agreement"] | {"agreement": an_agreement(timestamp=timestamp)})


def test_bytes_are_strict_json_of_bounded_length() -> None:
    raw = orjson.dumps(MESSAGES["accepted"])
    with pytest.raises(DuplicateKeyError):
        parse_message(raw[:-1] + b',"eventType":"FINALIZED"}')
    with pytest.raises(TooLargeError):
        parse_message(raw + b" " * MESSAGE_BYTES_MAX)


@pytest.mark.parametrize("pid", ["", "two words", "a\nb", "a" * 257])
def test_process_id_is_one_bounded_word(pid: str) -> None:
    with pytest.raises(InvalidNegotiationMessageError, match="consumerPid"):
        read_message(MESSAGES["accepted"] | {"consumerPid": pid})


@pytest.mark.parametrize(
    "address",
    [
        "https://bank.example",
        "https://bank.example:8443/a/b/",
        "http://127.0.0.1:8083",
        "http://[::1]:8083/x",
        "http://localhost:8083",
    ],
)
def test_address_that_messages_can_be_sent_to_is_taken(address: str) -> None:
    check_callback_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bank.example",
        "ftp://bank.example",
        "http://bank.example",
        "http://127.0.0.1.bank.example",
        "http://localhost.bank.example",
        "https://",
        "https:///path",
        "https://user@bank.example",
        "https://bank.example/?to=",
        "https://bank.example/#top",
        "https://bank.example/a b",
        "https://bank.example\\@other.example",
        "https://bank.example:0",
        "https://bank.example:99999",
        "https://[::1",
        "https://bank.example/a/../b",
        "https://bank.example/" + "a" * 2_048,
    ],
)
def test_address_that_messages_cannot_be_sent_to_is_refused(address: str) -> None:
    with pytest.raises(InvalidCallbackAddressError):
        check_callback_address(address)
    with pytest.raises(InvalidCallbackAddressError):
        read_message(MESSAGES["first_request"] | {"callbackAddress": address})


@pytest.mark.parametrize("address", ["https://bank.example/dsp", "https://bank.example/dsp/"])
def test_slash_at_the_end_of_an_address_changes_nothing(address: str) -> None:
    url = message_url(address, "negotiations", "urn:uuid:1/../2?x", "events")
    assert url == "https://bank.example/dsp/negotiations/urn:uuid:1%2F..%2F2%3Fx/events"


def test_offer_is_read_as_a_policy_of_this_profile_only() -> None:
    for profile in (PROFILE, [PROFILE]):
        assert policy_of(an_offer(profile=profile)) == policy_of(an_offer())
    assert policy_of(an_agreement()).scope.consumer_node == an_agreement()["assignee"]
    for offer in (an_offer(profile="urn:other"), an_offer(permission=[{"action": "juggle"}]), an_offer(odd=1)):
        with pytest.raises(InvalidPolicyError):
            policy_of(offer)


def test_terms_are_the_same_in_any_order_and_differ_in_kind() -> None:
    def offer(*values: Any) -> dict[str, Any]:
        constraints = [{"leftOperand": "count", "operator": "lteq", "rightOperand": value} for value in values]
        return an_offer(permission=[{"action": "read", "constraint": constraints}, {"action": "use", "constraint": []}])

    turned = offer(2, 1) | {"@id": "urn:other", "prohibition": [], "profile": []}
    turned["permission"] = [{"action": "use"}, turned["permission"][0]]
    assert terms_text(offer(1, 2)) == terms_text(turned)
    assert terms_text(an_offer(profile="p")) == terms_text(an_offer(profile=["p"])) != terms_text(an_offer())
    assert len({terms_text(offer(1, value)) for value in (1, True, "1", 2)}) == 4
