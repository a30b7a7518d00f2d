"""Contracts by the interfaces of TC609-6-2025-14 annex B in a fake world: what connectors send, signed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from support.fake_unit_of_work import World
from support.product_world import CODES, acting
from support.trade_ends import SECRETS
from support.trade_steps import BANK_NODE, PROVIDER_NODE, Trade

from ledger.adapters.signing_keys import sign_paper
from ledger.bundle.agreement_papers import CONTRACT
from ledger.domain.contract_draft import ContractCreation, contract_abstract
from ledger.domain.policies.national import parse_strategy
from ledger.log.timestamps import format_time, parse_rfc3339
from ledger.services import contract_drafts
from ledger.services.business import StoredObject

NAME = "施工许可状态数据使用协议"


class FakeBodies:
    """The admitted bodies of a world, by role."""

    def __init__(self, world: World) -> None:
        self._world = world

    def with_role(self, role: str) -> Sequence[StoredObject]:
        return [
            one
            for (kind, _), one in self._world.objects.items()
            if kind == "participant" and one.state == "active" and role in one.document["roles"]
        ]


def sm2(name: str, paper: dict[str, Any]) -> str:
    """A body's signature of a contract's paper, 128 hex digits."""
    return sign_paper(CONTRACT, paper, SECRETS[name])["signature"]


def creation_request(trade: Trade, name: str = "bank", **members: Any) -> dict[str, Any]:
    """Table B.3 without the signature."""
    now = trade.world.now
    node = {"bank": BANK_NODE, "provider": PROVIDER_NODE}[name]
    defaults = {
        "contractName": NAME,
        "contractAbstract": "贷后管理按次核验施工许可",
        "issueTime": format_time(now),
        "activationTime": format_time(now),
        "endTime": format_time(now + timedelta(days=365)),
        "signMode": "02",
        "issuerId": node,
        "issuerEntityId": CODES[name],
    }
    return defaults | members


def creation_of(request: dict[str, Any]) -> ContractCreation:
    times = (parse_rfc3339(request[name]) for name in ("issueTime", "activationTime", "endTime"))
    return ContractCreation(
        request["contractName"],
        request["contractAbstract"],
        *times,
        request["signMode"],
        request["issuerId"],
        request["issuerEntityId"],
    )


def strategy(trade: Trade, *, calls: int = 1_000, **members: Any) -> dict[str, Any]:
    """Table B.4's: so many calls of the trade's product."""
    defaults = {
        "subjectInfo": {"dataProductId": trade.life.code},
        "executionNodeInfo": {"providerNodeId": PROVIDER_NODE, "consumerNodeId": BANK_NODE},
        "actions": ["read"],
        "constraints": [{"constraintName": "count", "constraintOperator": "11", "constraintValue": str(calls)}],
    }
    return defaults | members


def abstract_of(contract_id: str, said: dict[str, Any], name: str = NAME) -> dict[str, Any]:
    """What both parties sign."""
    return contract_abstract(contract_id, name, *parse_strategy(said))


def create(trade: Trade, name: str = "bank", *, signed_by: str | None = None, **members: Any) -> StoredObject:
    request = creation_request(trade, name, **members)
    signature = bytes.fromhex(sm2(signed_by or name, request))
    with acting(trade.world, name) as uow:
        return contract_drafts.create_contract(uow, creation_of(request), request, signature, FakeBodies(trade.world))


def negotiate(
    trade: Trade, name: str, contract_id: str, said: dict[str, Any], *signers: str, contract_name: str = NAME
) -> StoredObject:
    abstract = abstract_of(contract_id, said)
    signatures = [(CODES[signer], bytes.fromhex(sm2(signer, abstract))) for signer in signers]
    with acting(trade.world, name) as uow:
        return contract_drafts.negotiate_contract(uow, contract_id, contract_name, said, signatures)


def agreed(trade: Trade, said: dict[str, Any]) -> str:
    """A contract that both have agreed to; returns its id."""
    contract_id = create(trade).object_id
    negotiate(trade, "bank", contract_id, said)
    negotiate(trade, "provider", contract_id, said)
    return contract_id
