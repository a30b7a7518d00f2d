"""Acts: proposed, signed from outside, called on the chain, completed or refused by the chain alone."""

from collections.abc import Callable, Iterator

import pytest
from coincurve import PrivateKey
from support.fake_unit_of_work import World

from ledger.domain.acts.kinds import KeyPurpose
from ledger.domain.acts.product_registry import ProductReview
from ledger.domain.typed_acts import Domain, Tail, act_signing_digest
from ledger.errors import (
    AccessError,
    ConflictError,
    IllegalTransitionError,
    InputError,
    InvalidActSignatureError,
    MisuseError,
    NotFoundError,
)
from ledger.log.typed_data import address_of_public_key
from ledger.services import steps
from ledger.services.acts import Signer, document_to_sign, propose_act, sign_act
from ledger.services.business import Actor, StoredObject, UnitOfWork

TRADING, AUTHORISATION = "91310000MA0000001X", "91310000MA0000002X"
ACTORS = {code: Actor(f"account of {code}", code, frozenset({"trading_platform"})) for code in (TRADING, AUTHORISATION)}
STRANGER = Actor("account of a stranger", "91310000MA0000003X", frozenset({"provider"}))
KEYS = {TRADING: PrivateKey(b"\x01" * 32), AUTHORISATION: PrivateKey(b"\x02" * 32)}
IDS = {TRADING: b"\xa1" * 32, AUTHORISATION: b"\xa2" * 32}
STEP = "test.reviewed"
HEARD: list[tuple[str, str]] = []


def address(key: PrivateKey) -> bytes:
    return address_of_public_key(key.public_key.format(compressed=False))


def review(approved: bool = True) -> ProductReview:
    return ProductReview(
        product_id=b"\x0a" * 32,
        version=1,
        provider=b"\x0d" * 32,
        content_digest=b"\x0b" * 32,
        price_rule_digest=b"\x0e" * 32,
        public_weight=1_000_000,
        enterprise_weight=0,
        personal_weight=0,
        currency=b"CNY",
        unit_price=1,
        approved=approved,
        review_digest=b"\x0c" * 32,
    )


@pytest.fixture(scope="module", autouse=True)
def step() -> Iterator[None]:
    def completed(uow: UnitOfWork, subject: StoredObject, act: StoredObject) -> None:
        HEARD.append(("completed", subject.object_id))
        uow.change(subject, act="approve", state="reviewed")

    def refused(uow: UnitOfWork, subject: StoredObject, act: StoredObject, reason: str) -> None:
        HEARD.append((reason, subject.object_id))

    steps.register_step(STEP, steps.Step(completed, refused))
    yield
    steps._STEPS.pop(STEP)


@pytest.fixture
def world() -> World:
    HEARD.clear()
    made = World()
    with made.begin() as uow:
        subject = uow.create("product", "p-1", state="registered", parties=("provider",), document={}, act="register")
        signers = [
            Signer("platforms", code, IDS[code], KeyPurpose.BUSINESS, (address(KEYS[code]),))
            for code in (TRADING, AUTHORISATION)
        ]
        propose_act(uow, subject, review(), function="review", step=STEP, signers=signers)
    return made


def act_id(world: World) -> str:
    return next(name for kind, name in world.objects if kind == "act")


def signature(
    world: World, code: str, *, act: ProductReview | None = None, key: PrivateKey | None = None, days: int = 1
) -> dict[str, object]:
    deadline = int(world.now.timestamp()) + days * 86_400
    domain = Domain("ProductRegistry", 31337, world.begin().domain_of("ProductRegistry").verifying_contract)
    digest = act_signing_digest(act or review(), Tail(IDS[code], deadline), domain)
    raw = (key or KEYS[code]).sign_recoverable(digest, hasher=None)
    return {"key": address(KEYS[code]), "deadline": deadline, "signature": raw[:64] + bytes([raw[64] + 27])}


def sign(world: World, code: str, place: int, **changes: object) -> StoredObject:
    with world.begin(ACTORS[code]) as uow:
        return sign_act(uow, act_id(world), place=place, **(signature(world, code) | changes))  # type: ignore[arg-type]


def signed_by_both(world: World) -> None:
    sign(world, TRADING, 0)
    sign(world, AUTHORISATION, 1)


def test_last_signature_calls_the_contract(world: World) -> None:
    assert sign(world, TRADING, 0).state == "open"
    assert world.calls == []
    assert sign(world, AUTHORISATION, 1).state == "calling"

    [call] = world.calls
    assert (call.contract, call.step) == ("ProductRegistry", STEP)
    assert [kind for kind, _, _ in world.events] == ["org.cityledger.act.signed.v1"] * 2


def test_document_to_sign_is_for_one_signer(world: World) -> None:
    with world.begin(ACTORS[AUTHORISATION]) as uow:
        document = document_to_sign(uow, uow.get("act", act_id(world)), place=1, deadline=1_900_000_000)

    assert document["primaryType"] == "ProductReview"
    assert document["message"]["signer"] == "0x" + IDS[AUTHORISATION].hex()
    assert document["domain"]["name"] == "CityLedger ProductRegistry"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"key": b"\x09" * 20}, InvalidActSignatureError),
        ({"signature": bytes(65)}, InvalidActSignatureError),
        ({"signature": bytes(64)}, InvalidActSignatureError),
        ({"deadline": 0}, InputError),
        ({"deadline": 2**40}, InputError),
    ],
)
def test_signature_that_is_not_the_bodys_own_is_refused(
    world: World, change: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        sign(world, TRADING, 0, **change)
    assert world.events == []


def test_signature_over_another_act_is_refused(world: World) -> None:
    with pytest.raises(InvalidActSignatureError, match="not by this key over this act"):
        sign(world, TRADING, 0, **signature(world, TRADING, act=review(approved=False)))


def test_signature_in_the_name_of_another_body_is_refused(world: World) -> None:
    with pytest.raises(InvalidActSignatureError):
        sign(world, TRADING, 0, **signature(world, TRADING, key=KEYS[AUTHORISATION]))
    with pytest.raises(AccessError):
        sign(world, TRADING, 1)


def test_stranger_does_not_find_the_act(world: World) -> None:
    with world.begin(STRANGER) as uow, pytest.raises(NotFoundError):
        sign_act(uow, act_id(world), place=0, **signature(world, TRADING))  # type: ignore[arg-type]


def test_same_signature_twice_is_refused(world: World) -> None:
    sign(world, TRADING, 0)

    with pytest.raises(ConflictError):
        sign(world, TRADING, 0)


def test_act_that_is_being_called_takes_no_signature(world: World) -> None:
    signed_by_both(world)

    with pytest.raises(IllegalTransitionError):
        sign(world, TRADING, 0)


def test_final_call_completes_the_step_once(world: World) -> None:
    signed_by_both(world)
    place = {"tx_hash": b"\x01" * 32, "block_number": 7, "block_hash": b"\x02" * 32}

    with world.begin() as uow:
        steps.complete(uow, act_id(world), **place)  # type: ignore[arg-type]
    assert world.objects["product", "p-1"].state == "reviewed"
    with world.begin() as uow:
        steps.lose(uow, act_id(world))
    assert world.objects["act", act_id(world)].state == "calling"
    with world.begin() as uow:
        steps.complete(uow, act_id(world), **place)  # type: ignore[arg-type]

    assert HEARD == [("completed", "p-1")], "lost blocks change where it stands on the chain, not what it did"
    assert world.objects["act", act_id(world)].document["chain"]["block_number"] == 7


def test_refused_call_ends_the_act_and_tells_the_subject_why(world: World) -> None:
    signed_by_both(world)

    with world.begin() as uow:
        steps.refuse(uow, act_id(world), "ProductRegistryWrongStatus")

    assert world.objects["act", act_id(world)].state == "refused"
    assert HEARD == [("ProductRegistryWrongStatus", "p-1")]
    assert world.events[-1][1]["reason"] == "ProductRegistryWrongStatus"


def test_call_that_a_chain_lost_and_then_refuses_leaves_its_subject_alone(world: World) -> None:
    signed_by_both(world)
    with world.begin() as uow:
        steps.complete(uow, act_id(world), tx_hash=b"\x01" * 32, block_number=7, block_hash=b"\x02" * 32)
    with world.begin() as uow:
        steps.lose(uow, act_id(world))
    with world.begin() as uow:
        steps.refuse(uow, act_id(world), "PartyActExpired")

    assert world.objects["act", act_id(world)].state == "refused"
    assert world.objects["product", "p-1"].state == "reviewed"
    assert HEARD == [("completed", "p-1")]


@pytest.mark.parametrize("call", [steps.complete, steps.refuse])
def test_act_that_is_not_there_is_our_mistake(world: World, call: Callable[..., None]) -> None:
    arguments: dict[str, object] = (
        {"reason": "x"} if call is steps.refuse else {"tx_hash": b"", "block_number": 1, "block_hash": b""}
    )
    with world.begin() as uow, pytest.raises(MisuseError):
        call(uow, "nothing", **arguments)
