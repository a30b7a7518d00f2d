"""What a signer is given is rebuilt, not believed: another type, member, chain, contract, deadline, body or key is refused by name."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from support.act_samples import BODY_ID, CHAIN_ID, CONTRACT, DEADLINE, document, request, sample

from ledger.domain.act_json import ACTS
from ledger.domain.signing_errors import (
    DeadlineOverError,
    KeyNotSignerError,
    OtherBodyError,
    UnexplainedActError,
    WrongChainError,
    WrongContractError,
)
from ledger.domain.signing_request import check_deadline, check_place, check_signer, request_from_json

NAME = "ParticipantRegistry.KeyAddition"
KEY = b"\x0e" * 20
BODY = "91310000MA0000001X"
Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize("name", sorted(ACTS))
def test_act_of_every_kind_is_read_back(name: str) -> None:
    act = sample(name)
    found = request_from_json(document(act))
    assert (found.act, found.tail.signer, found.tail.deadline) == (act, BODY_ID, DEADLINE)
    assert (found.domain.chain_id, found.domain.verifying_contract) == (CHAIN_ID, CONTRACT)


def test_digest_is_that_of_another_implementation() -> None:
    account = Account.from_key(b"\x11" * 32)
    value = document(sample(NAME))
    signed = account.sign_message(encode_typed_data(full_message=value))
    digest = request_from_json(value).digest
    assert Account._recover_hash(digest, signature=signed.signature) == account.address


DAMAGE: dict[str, Change] = {
    "another contract": lambda value: value["domain"].update(name="CityLedger Treasury"),
    "a contract of others": lambda value: value["domain"].update(name="Uniswap V2"),
    "another version": lambda value: value["domain"].update(version="2"),
    "another type": lambda value: value.update(primaryType="Permit"),
    "a member too many": lambda value: value["message"].update(spender="0x" + "00" * 20),
    "a member of the domain too many": lambda value: value["domain"].update(salt="0x00"),
    "a member missing": lambda value: value["message"].pop("nonce"),
    "no deadline": lambda value: value["message"].pop("deadline"),
    "a negative deadline": lambda value: value["message"].update(deadline=-1),
    "a type of another name": lambda value: value["types"].update(Permit=[]),
    "a type of another shape": lambda value: value["types"][NAME.partition(".")[2]].pop(),
    "text for a number": lambda value: value["message"].update(nonce="seven"),
    "truth for a number": lambda value: value["message"].update(purposes=True),
    "a number beyond its type": lambda value: value["message"].update(purposes=256),
    "capital letters": lambda value: value["message"].update(bodyId=value["message"]["bodyId"].upper()),
    "a short id": lambda value: value["message"].update(bodyId="0x00"),
    "a foreign SM2 digest": lambda value: value["message"].update(sm2SignatureDigest="0x" + "01" * 32),
    "no message": lambda value: value.pop("message"),
    "no domain": lambda value: value.pop("domain"),
    "a domain that is a list": lambda value: value.update(domain=[]),
    "a member beside": lambda value: value.update(note="sign me"),
}


@pytest.mark.parametrize("name", sorted(DAMAGE))
def test_document_that_is_not_ours_is_refused(name: str) -> None:
    value = deepcopy(document(sample(NAME)))
    DAMAGE[name](value)
    with pytest.raises(UnexplainedActError):
        request_from_json(value)


@pytest.mark.parametrize("value", [None, [], "x", {}, {"typed_data": {}}], ids=repr)
def test_what_is_no_document_is_refused(value: Any) -> None:
    with pytest.raises(UnexplainedActError):
        request_from_json(value)


WRAPPED: dict[str, Change] = {
    "another version": lambda value: value.update(v=2),
    "a place before the first": lambda value: value.update(place=-1),
    "a place after the last": lambda value: value.update(place=2),
    "a key that is none": lambda value: value["signers"][0].update(keys=["me"]),
    "no signers": lambda value: value.pop("signers"),
    "a subject without a name": lambda value: value["subject"].pop("object_id"),
    "papers that are none": lambda value: value.update(papers=["x"]),
}


@pytest.mark.parametrize("name", sorted(WRAPPED))
def test_request_in_another_form_is_refused(name: str) -> None:
    value = request(sample(NAME), ["0x" + KEY.hex()], body=BODY)
    WRAPPED[name](value)
    with pytest.raises(UnexplainedActError):
        request_from_json(value)


def test_place_of_another_body_is_refused() -> None:
    value = request(sample(NAME), ["0x" + KEY.hex()], body=BODY) | {"place": 1}
    with pytest.raises(OtherBodyError):
        request_from_json(value)


def test_another_chain_or_contract_is_refused() -> None:
    found = request_from_json(document(sample(NAME)))
    check_place(found, CHAIN_ID, {"ParticipantRegistry": CONTRACT})
    with pytest.raises(WrongChainError):
        check_place(found, CHAIN_ID + 1, None)
    with pytest.raises(WrongContractError):
        check_place(found, CHAIN_ID, {"ParticipantRegistry": b"\x01" * 20})
    with pytest.raises(WrongContractError):
        check_place(found, CHAIN_ID, {"Orders": CONTRACT})


def test_deadline_is_over_with_its_second() -> None:
    found = request_from_json(document(sample(NAME)))
    check_deadline(found, DEADLINE - 1)
    with pytest.raises(DeadlineOverError):
        check_deadline(found, DEADLINE)


def test_only_a_key_of_the_asked_body_may_sign() -> None:
    found = request_from_json(request(sample(NAME), ["0x" + KEY.hex()], body=BODY))
    assert check_signer(found, KEY, BODY).participant == BODY
    with pytest.raises(KeyNotSignerError):
        check_signer(found, b"\x0f" * 20, None)
    with pytest.raises(OtherBodyError, match="place 1"):
        check_signer(found, b"\x0d" * 20, None)
    with pytest.raises(OtherBodyError, match="kept for"):
        check_signer(found, KEY, "91310000MA0000002X")
    with pytest.raises(UnexplainedActError):
        check_signer(request_from_json(document(sample(NAME))), KEY, BODY)
