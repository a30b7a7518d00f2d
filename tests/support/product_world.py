"""Bodies, actors and content for tests of products and demands, and a chain that agrees or refuses at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from coincurve import PrivateKey
from support.both_schemes import CONCLUSION, signed_by_both, sm2_public_key
from support.fake_unit_of_work import World

from ledger.bundle.template_digest import template_digest
from ledger.domain.contract_templates import LIBRARY
from ledger.domain.participant import ChainKey, OnChain, Organisation, Participant, Sm2Key, participant_to_json
from ledger.domain.records import from_json
from ledger.domain.subject_code import generate_subject_code
from ledger.domain.typed_acts import Tail
from ledger.log.typed_data import address_of_public_key
from ledger.services.acts import act_of, sign_act
from ledger.services.business import Actor, StoredObject, UnitOfWork
from ledger.services.product_reviews import ASPECTS, Finding

ROLES = {
    "provider": ("provider",),
    "stranger": ("provider", "consumer"),
    "trading": ("trading_platform",),
    "authorisation": ("authorisation_platform",),
    "price": ("price_authority",),
    "regulator": ("regulator",),
    "bank": ("consumer",),
    "other_trading": ("trading_platform",),
    "other_price": ("price_authority",),
    "line": ("line_authority",),
    "arbitrator": ("arbitrator",),
}
CODES = {name: generate_subject_code("310000", f"MA{number:06d}0") for number, name in enumerate(ROLES, 1)}
KEYS = {name: PrivateKey(bytes([number]) * 32) for number, name in enumerate(ROLES, 1)}
SM2_SECRETS = {
    name: bytes([0x40 + place]) * 32 for place, name in enumerate(("bank", "provider", "trading", "regulator"))
}
"""SM2 keys of those that sign by them; on file from the admission on are those of the two that conclude agreements."""
SM2_ON_FILE = {name: sm2_public_key(SM2_SECRETS[name]).hex() for name in ("bank", "provider")}
DIGEST = "ab" * 32
TEMPLATE = next(iter(LIBRARY.values()))
PLACE = {"tx_hash": b"\x01" * 32, "block_number": 7, "block_hash": b"\x02" * 32}


def actor(name: str, *, account: str = "1", roles: tuple[str, ...] | None = None) -> Actor:
    """An account of a body."""
    return Actor(f"{name}-{account}", CODES[name], frozenset(ROLES[name] if roles is None else roles))


def address(name: str) -> bytes:
    return address_of_public_key(KEYS[name].public_key.format(compressed=False))


def body_document(name: str, **chain: Any) -> dict[str, Any]:
    """The document of an admitted participant."""
    known = {"body_id": f"{list(ROLES).index(name) + 1:064x}", "revision": 0, "qualified_until": 2_000_000_000}
    return participant_to_json(
        Participant(
            Organisation(CODES[name], f"{name} 有限公司", "0", "上海市", name),
            roles=ROLES[name],
            rules="admission/1",
            facts_digest="",
            documents=(),
            keys=(ChainKey("0x" + address(name).hex(), ("business",), "valid"),),
            sm2_keys=tuple(Sm2Key(key, "2026-11-01T00:00:00.000000Z") for key in [SM2_ON_FILE.get(name)] if key),
            chain=from_json(OnChain, known | chain),
        )
    )


def admit_all(uow: UnitOfWork) -> None:
    for name in ROLES:
        uow.create(
            "participant",
            CODES[name],
            state="active",
            parties=(CODES[name],),
            document=body_document(name),
            act="confirm_admission",
        )


def a_world() -> World:
    """A world in which every body is admitted."""
    world = World()
    with world.begin() as uow:
        admit_all(uow)
    return world


def content(**members: Any) -> dict[str, Any]:
    """The permit-status service without public data, unless told otherwise."""
    defaults: dict[str, Any] = {
        "title": "施工许可状态服务",
        "description": "按许可证号查询施工许可的办理状态与日期。",
        "function": "查询许可状态",
        "keywords": ["施工许可", "permit"],
        "topic": "D0100",
        "scene": "S0101",
        "delivery_form": "002",
        "source": "001",
        "frequency": "002",
        "quality": "001",
        "security_level": "002",
        "sensitivity_grade": "general",
        "interfaces": [
            {
                "transfer_format": "HttpData-PULL",
                "delivery_method": "03",
                "description": "GET /permits/{number}",
                "media_type": "application/json",
            }
        ],
        "responsible_party": {"unit": "数据资源部", "update_procedure": "每日从业务系统更新"},
        "weights": {"public": 0, "enterprise": 1_000_000, "personal": 0},
        "price": {"kind": "per_call", "currency": "CNY", "unit_price": 50_000_000},
        "policy": {
            "@type": "Offer",
            "permission": [
                {
                    "action": "read",
                    "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 10_000}],
                    "duty": [{"action": "logRecordSend"}],
                }
            ],
            "prohibition": [{"action": "distribute"}],
        },
        "contract_template": {"name": TEMPLATE.name, "digest": template_digest(TEMPLATE)},
        "reference_split": [{"role": "provider", "share": 1_000_000}],
        "spatial": "310000",
    }
    return defaults | members


def public_content(**members: Any) -> dict[str, Any]:
    """The same with public data in it."""
    return content(
        **{
            "weights": {"public": 700_000, "enterprise": 300_000, "personal": 0},
            "certificate": {"number": "登记2026-0001", "digest": DIGEST, "issued_on": "2026-10-01"},
            "ceiling": {"unit_price": 80_000_000, "source": "价格主管部门 2026-12"},
        }
        | members
    )


def findings(*, failed: str | None = None) -> tuple[Finding, ...]:
    return tuple(Finding(aspect, aspect != failed, f"{aspect}: looked at, see file") for aspect in ASPECTS)


def open_act(world: World) -> StoredObject:
    """The one act that waits for signatures."""
    [act] = [stored for (kind, _), stored in world.objects.items() if kind == "act" and stored.state == "open"]
    return act


def sign_open_act(world: World) -> StoredObject:
    """Every signer of the open act signs it with its own key."""
    act = open_act(world)
    names = {code: name for name, code in CODES.items()}
    for place, signer in enumerate(act.document["signers"]):
        name = names[signer["participant"]]
        with world.begin(actor(name)) as uow:
            act = sign_as(uow, act, place, name)
    return act


def sign_as(uow: UnitOfWork, act: StoredObject, place: int, name: str, *, sm2: bool = True) -> StoredObject:
    """One signature of a body at its place in an act; of an agreement by both schemes, unless told not to."""
    deadline = int(uow.now.timestamp()) + 86_400
    tail = Tail(bytes.fromhex(act.document["signers"][place]["body_id"]), deadline)
    said, key = act_of(act), address(name)
    secret = SM2_SECRETS[name] if sm2 and act.document["step"] == CONCLUSION else None
    signature, beside = signed_by_both(KEYS[name], secret, said, tail, uow.domain_of(said.CONTRACT))
    return sign_act(uow, act.object_id, place=place, key=key, deadline=deadline, signature=signature, sm2=beside)


def settle(world: World, *, refused: str | None = None) -> None:
    """The open act is signed, and the chain agrees, or refuses it for this reason."""
    world.decide(sign_open_act(world).object_id, refused)


@contextmanager
def acting(world: World, name: str, **options: Any) -> Iterator[UnitOfWork]:
    """A unit of work of a body's account."""
    revision = options.pop("revision", None)
    with world.begin(actor(name, **options), revision=revision) as uow:
        yield uow
