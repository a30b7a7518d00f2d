"""Acts as JSON and as EIP-712 documents: another implementation computes the same digest from them."""

import json
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from ledger.domain.act_json import ACTS, act_from_json, act_name, act_to_json, typed_data
from ledger.domain.acts.participant_registry import Admission, KeyGrant
from ledger.domain.typed_acts import Act, Domain, Tail, act_signing_digest
from ledger.errors import MisuseError

ADMISSION = Admission(
    body_id=b"\x01" * 32,
    roles=3,
    profile_digest=b"\x02" * 32,
    qualification_digest=b"\x03" * 32,
    qualified_until=2**64 - 1,
    keys=(KeyGrant(b"\x04" * 20, 3), KeyGrant(b"\x05" * 20, 4)),
)
DOMAIN = Domain("ParticipantRegistry", 31337, b"\x06" * 20)
TAIL = Tail(b"\x01" * 32, 1_900_000_000, b"\x07" * 32)


def test_every_act_of_the_suite_is_known() -> None:
    folder = Path(__file__).resolve().parents[2] / "ledger" / "domain" / "acts"
    declared = sum(path.read_text(encoding="utf-8").count("@dataclass(frozen=True)") for path in folder.glob("*.py"))
    structs = sum(path.read_text(encoding="utf-8").count("(Struct):") for path in folder.glob("*.py"))

    assert len(ACTS) == declared - structs


def test_act_survives_json() -> None:
    text = json.dumps(act_to_json(ADMISSION))

    assert act_from_json(act_name(ADMISSION), json.loads(text)) == ADMISSION


def test_integer_beyond_what_json_holds_is_a_string() -> None:
    assert act_to_json(ADMISSION)["qualifiedUntil"] == str(2**64 - 1)
    assert act_to_json(ADMISSION)["roles"] == 3


def test_document_gives_another_implementation_the_same_digest() -> None:
    document = typed_data(ADMISSION, TAIL, DOMAIN)
    document["message"]["qualifiedUntil"] = int(document["message"]["qualifiedUntil"])
    account = Account.from_key(b"\x11" * 32)

    signed = account.sign_message(encode_typed_data(full_message=document))

    digest = act_signing_digest(ADMISSION, TAIL, DOMAIN)
    assert Account._recover_hash(digest, signature=signed.signature) == account.address


@pytest.mark.parametrize("name", sorted(ACTS))
def test_types_of_a_document_name_every_member_of_its_message(name: str) -> None:
    kind: type[Act] = ACTS[name]
    assert name == f"{kind.CONTRACT}.{kind.__name__}"


def test_unknown_act_is_our_mistake() -> None:
    with pytest.raises(MisuseError):
        act_from_json("Orders.Theft", {})
