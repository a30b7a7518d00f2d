"""Acts that bodies sign for the contracts: what waits, what is to be signed, and the signatures. Private keys stay with the caller."""

from collections.abc import Mapping

from ledger.client.calls import Call, RemoteObject, RemotePage, get_object, get_page, segment, write_object

ACTS = "/v1/acts"


def get_acts(
    *, waiting_for_me: bool = False, state: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Call[RemotePage]:
    """Acts of which the caller's body is a party, oldest first; with ``waiting_for_me`` those that it has to sign."""
    waiting_for = "me" if waiting_for_me else None
    return get_page(ACTS, waiting_for=waiting_for, state=state, cursor=cursor, limit=limit)


def get_act(act_id: str) -> Call[RemoteObject]:
    """What is signed, by whom, and what became of its contract call."""
    return get_object(f"{ACTS}/{segment(act_id)}")


def get_typed_data(act_id: str, *, place: int, deadline: int) -> Call[RemoteObject]:
    """The EIP-712 document for the signer at ``place``; ``deadline`` in Unix seconds."""
    return get_object(f"{ACTS}/{segment(act_id)}/typed-data", place=str(place), deadline=str(deadline))


def sign_act(
    act_id: str,
    *,
    place: int,
    key: str,
    deadline: int,
    signature: str,
    sm2: Mapping[str, str] | None = None,
    idempotency_key: str | None = None,
) -> Call[RemoteObject]:
    """Brings one signature.

    Args:
        act_id: the act.
        place: which of its signers this is, from 0.
        key: address of the key that signed, ``0x`` and hex.
        deadline: last second in which the signature may be relayed, Unix time.
        signature: r || s || v, ``0x`` and hex.
        sm2: the same body's SM2 signature: ``public_key`` and ``signature`` in hex.
        idempotency_key: the caller's own name of this write.
    """
    content = {"place": place, "key": key, "deadline": deadline, "signature": signature}
    more = {} if sm2 is None else {"sm2": dict(sm2)}
    return write_object(f"{ACTS}/{segment(act_id)}/signatures", content | more, idempotency_key=idempotency_key)
