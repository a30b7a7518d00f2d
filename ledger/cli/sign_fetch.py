"""What ``cityledger sign fetch`` asks the service for: the act, its EIP-712 document, and the papers behind its digests."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from ledger.client.acts import get_act, get_typed_data
from ledger.client.agreements import get_agreement
from ledger.client.orders import get_order
from ledger.client.participants import get_participant, get_participant_facts
from ledger.client.products import get_version
from ledger.client.runners import Client
from ledger.domain.signing_request import request_to_json
from ledger.errors import InputError, RefusedByServiceError
from ledger.log.canonical import encode_jcs

_PARTICIPANT_MEMBERS: Final = (
    *("organisation", "roles", "connector", "rules", "documents", "report"),
    *("open_step", "overtaken_step"),
)

_TRADE: Final = {"order": get_order, "agreement": get_agreement}


def fetch_request(client: Client, act_id: str, place: int, deadline: int, *, with_salt: bool) -> dict[str, Any]:
    """The file for the signer at ``place``.

    Args:
        client: with the API key of a body that sees the act.
        act_id: the act.
        place: which signer, from 0.
        deadline: of the signature, Unix seconds.
        with_salt: whether to read the salt of a participant, without which nothing can be compared with its digests.

    Raises:
        InputError: the act has no such place.
        RefusedByServiceError: the caller does not see the act.
    """
    answer = client.run(get_act(act_id)).value
    if place >= len(answer["signers"]):
        raise InputError(f"The act has {len(answer['signers'])} signers, counted from 0.")
    document = client.run(get_typed_data(act_id, place=place, deadline=deadline)).value
    return request_to_json(act_id, place, answer, document, _papers(client, answer, with_salt=with_salt))


def idempotency_key(act_id: str, signature: Mapping[str, Any]) -> str:
    """The name of this write: the same signature of the same act is the same write, however often it is sent."""
    return sha256(act_id.encode() + b"\n" + encode_jcs(dict(signature))).hexdigest()[:40]


def _papers(client: Client, answer: Mapping[str, Any], *, with_salt: bool) -> list[Mapping[str, Any]]:
    """The objects behind the act's digests that the caller may read; of a participant no real-name facts, only the salt among them."""
    kind, name = answer["subject"]["kind"], answer["subject"]["object_id"]
    try:
        if kind == "participant" and with_salt:
            found = client.run(get_participant(name)).value
            salt = client.run(get_participant_facts(name)).value["salt"]
            return [{member: found[member] for member in _PARTICIPANT_MEMBERS} | {"salt": salt}]
        if kind == "product" and "version" in answer["message"]:
            return [client.run(get_version(name, answer["message"]["version"])).value]
        if kind in _TRADE:
            return [client.run(_TRADE[kind](name)).value]
    except RefusedByServiceError as error:
        if error.facts.get("status") not in (403, 404):
            raise
    return []
