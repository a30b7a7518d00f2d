"""Credentials for the connectors of others: whose, for which address, how they are replaced and removed; and where each may go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_unit_of_work import OPERATOR, World
from support.product_world import CODES, a_world, acting

from ledger.domain.negotiation.credentials import (
    CREDENTIALS_MAX,
    TOKEN_CHARACTERS_MAX,
    TOKEN_CHARACTERS_MIN,
    address_key,
    check_token,
    keys_above,
)
from ledger.domain.negotiation.defects import InvalidCallbackAddressError, InvalidNegotiationMessageError
from ledger.errors import AccessError, ConflictError, IllegalTransitionError, NotFoundError
from ledger.services.business import StoredObject
from ledger.services.connector_credentials import KIND, credential_id, remove_credential, set_credential

ADDRESS = "https://Connector.example/dsp/"
TOKEN = "a-token-of-theirs-0123456789"


def put(world: World, who: str = "bank", address: str = ADDRESS, token: str = TOKEN) -> StoredObject:
    with acting(world, who) as uow:
        return set_credential(uow, address, token)


def test_token_is_sealed_and_nowhere_else() -> None:
    world = a_world()
    stored = put(world)
    assert world.private[KIND, stored.object_id] == {"token": TOKEN}
    assert dict(stored.document) == {"participant": CODES["bank"], "address": "https://connector.example:443/dsp"}
    assert TOKEN not in str(world.events) + str(world.objects)
    assert world.events[-1][0] == "org.cityledger.connector_credential.set.v1"


def test_second_one_for_an_address_replaces_the_first_and_removal_forgets_it() -> None:
    world = a_world()
    name = put(world).object_id
    assert put(world, address="https://connector.example:443/dsp", token=TOKEN + "2").object_id == name
    assert world.private[KIND, name] == {"token": TOKEN + "2"}
    with acting(world, "bank") as uow:
        assert remove_credential(uow, name).state == "removed"
    assert world.private[KIND, name] == {}
    with acting(world, "bank") as uow, pytest.raises(IllegalTransitionError):
        remove_credential(uow, name)
    assert (put(world).state, put(world).revision) == ("set", 5)


def test_credential_is_its_bodys_alone() -> None:
    world = a_world()
    name = put(world).object_id
    assert put(world, "provider").object_id != name
    with acting(world, "provider") as uow, pytest.raises(NotFoundError):
        remove_credential(uow, name)
    operator = world.begin(OPERATOR)
    with pytest.raises(NotFoundError):
        remove_credential(operator, name)
    with pytest.raises(AccessError):
        set_credential(operator, ADDRESS, TOKEN)


def test_body_has_a_bounded_number() -> None:
    world = a_world()
    stored = put(world)
    for number in range(1, CREDENTIALS_MAX):
        world.objects[KIND, f"ccr-{number}"] = stored
    with pytest.raises(ConflictError, match="100"):
        put(world, address="https://another.example")
    assert put(world).revision == 2, "one that is there may be replaced"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x" * (TOKEN_CHARACTERS_MIN - 1),
        "x" * (TOKEN_CHARACTERS_MAX + 1),
        "a b" * 10,
        "a\r\nb: c" * 5,
        "=" * 20,
        "é" * 20,
    ],
)
def test_what_is_no_bearer_token_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(InvalidNegotiationMessageError) as refused:
        check_token(token)
    assert token == "" or token not in str(refused.value)


@pytest.mark.parametrize("address", ["http://connector.example", "https://a@b.example", "https://b.example?x=1", "x"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidCallbackAddressError):
        put(a_world(), address=address)


def test_addresses_that_a_credential_may_be_for() -> None:
    assert keys_above("https://H.example/a/b/") == (
        "https://h.example:443/a/b",
        "https://h.example:443/a",
        "https://h.example:443",
    )
    assert keys_above("http://[::1]:8080") == ("http://[::1]:8080",)
    for strange in ("https://h.example/a/%2e%2e/b", "https://h.example/a//b"):
        assert keys_above(strange) == (address_key(strange),), "servers differ in what this means"


@given(
    st.lists(st.text("abc", min_size=1, max_size=3), max_size=5),
    st.lists(st.text("abc", min_size=1, max_size=3), max_size=5),
)
def test_address_gets_a_credential_exactly_of_what_it_lies_below(path: list[str], of: list[str]) -> None:
    address, other = ("/".join(["https://h.example", *segments]) for segments in (path, of))
    assert (address_key(other) in keys_above(address)) == (path[: len(of)] == of)
    for foreign in ("https://h.example.org", "https://h.example:8443", "https://g.example"):
        assert not set(keys_above(address)) & set(keys_above(foreign))
    assert credential_id(CODES["bank"], address) != credential_id(CODES["provider"], address)
