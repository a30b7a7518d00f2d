"""What follows the filing of an agreement and its end, in a fake world: connectors that report, papers that are signed."""

from typing import Any

from support.authorisation_world import put_key_on_file
from support.product_world import CODES, SM2_SECRETS, acting
from support.trade_steps import Trade

from ledger.adapters.signing_keys import sign_paper
from ledger.domain.control_instruction import Purpose, Reported, instruction_id
from ledger.services.act_sm2 import Sm2Signature
from ledger.services.business import StoredObject
from ledger.services.control_instructions import InstructionReport, number_of, report_instruction

SECRETS = SM2_SECRETS
BODY_OF = {"consumer": "bank", "provider": "provider"}


def put_keys_on_file(trade: Trade) -> None:
    """Every body that signs papers has its SM2 key."""
    for name, secret in SECRETS.items():
        put_key_on_file(trade.world, name, secret)


def sm2_of(name: str, kind: str, paper: dict[str, Any]) -> Sm2Signature:
    """A body's signature of a paper."""
    signed = sign_paper(kind, paper, SECRETS[name])
    return Sm2Signature(bytes.fromhex(signed["public_key"]), bytes.fromhex(signed["signature"]))


def instruction(trade: Trade, side: str, purpose: Purpose = Purpose.START) -> StoredObject:
    return trade.world.objects["control_instruction", instruction_id(number_of(trade.agreement, purpose), side)]


def report(
    trade: Trade,
    side: str,
    state: Reported,
    *,
    purpose: Purpose = Purpose.START,
    reason: str = "",
    by: str | None = None,
) -> StoredObject:
    """The connector of this side says something, by its body unless told otherwise."""
    with acting(trade.world, by or BODY_OF[side]) as uow:
        number = number_of(trade.agreement, purpose)
        return report_instruction(uow, number, side, InstructionReport(state, reason))


def performing(trade: Trade) -> Trade:
    """Both connectors have the start in force."""
    for side in BODY_OF:
        report(trade, side, Reported.RECEIVED)
        report(trade, side, Reported.IN_FORCE)
    return trade


def said_of(trade: Trade, event: str) -> list[dict[str, Any]]:
    """Data of the events of this type, without ``org.cityledger.`` and version."""
    return [data for kind, data, _ in trade.world.events if kind == f"org.cityledger.{event}.v1"]


def due(trade: Trade, stored: StoredObject, duty: str) -> Any:
    return trade.world.deadlines[stored.kind, stored.object_id, duty]


def inbox(trade: Trade, name: str) -> list[str]:
    """Events that a body was told of, sorted."""
    notices = (one for (kind, _), one in trade.world.objects.items() if kind == "notice")
    return sorted(one.document["event"] for one in notices if one.parties == (CODES[name],))
