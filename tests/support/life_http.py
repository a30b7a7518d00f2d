"""What follows an agreement over HTTP: instructions and reports, the end with its papers, cases, and contracts of connectors."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from support.contract_steps import NAME, abstract_of, sm2
from support.product_http import OPERATOR, Bodies
from support.product_world import CODES, DIGEST
from support.trade_ends import SECRETS
from support.trade_http import TRADE_CONTRACTS, HttpTrade, settle_trade
from support.trade_steps import BANK_NODE, PROVIDER_NODE

from ledger.adapters.signing_keys import SM2, public_part, sign_paper
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.bundle.agreement_papers import PROOF, VOUCHER
from ledger.domain.agreement import DisclosedPart
from ledger.domain.policies.national import encode_strategy
from ledger.domain.records import from_json
from ledger.domain.termination import END_BY_EXPIRY
from ledger.log.timestamps import format_time
from ledger.services import agreement_endings

STATEMENT = {"text": "交付的字段缺失", "attachments": [DIGEST]}
REPORT = {"state": "received", "reason": ""}
_SM2 = {"public_key": "04" + "11" * 64, "signature": "22" * 64}
_NO_CONTRACT = "84" + "0" * 45


def put_keys_on_file(bodies: Bodies) -> None:
    """Every body that signs papers has its SM2 key."""
    with bodies.log.engine.begin() as connection:
        uow = SqlUnitOfWork(connection, bodies.log.preparer, OPERATOR, contracts={})
        for name, secret in SECRETS.items():
            body = uow.get("participant", CODES[name])
            keys = [{"public_key": public_part(SM2, secret).hex(), "valid_from": "", "revoked_at": None}]
            uow.change(body, act="add_sm2_key", document={**body.document, "sm2_keys": keys})


def now_text() -> str:
    return format_time(datetime.now(UTC))


def execution_body(**members: Any) -> dict[str, Any]:
    defaults = {"strategy_id": "s-1", "actions": ["read"], "outcome": "allowed", "result": "调用成功", "details": ""}
    return defaults | {"reported_at": now_text()} | members


def proof_body(agreement_id: str, **members: Any) -> dict[str, Any]:
    """The bank's proof of now, signed."""
    said = {"method": "overwritten", "digest": DIGEST, "done_at": now_text(), "statement": "已覆写三次"} | members
    return said | {"sm2": sign_paper(PROOF, {"contractId": agreement_id, **said}, SECRETS["bank"])}


def voucher_signature(voucher: dict[str, Any]) -> dict[str, Any]:
    return {"sm2": sign_paper(VOUCHER, voucher, SECRETS["trading"])}


def complaint_body(subject_kind: str, subject_id: str) -> dict[str, Any]:
    return STATEMENT | {"subject_kind": subject_kind, "subject_id": subject_id, "category": "quality"}


class HttpLifeAfter:
    """What follows the filed agreement of a trade."""

    def __init__(self, trade: HttpTrade) -> None:
        self.trade = trade
        self.dispute_id = ""

    @property
    def number(self) -> str:
        return self.numbers("start")

    def numbers(self, purpose: str) -> str:
        path = f"/v1/control-instructions?agreement_id={self.trade.agreement_id}"
        return str(next(one["number"] for one in self.trade.read("bank", path)["items"] if one["purpose"] == purpose))

    def report(self, who: str, state: str, *, purpose: str = "start", reason: str = "") -> dict[str, Any]:
        side = {"bank": "consumer", "provider": "provider"}[who]
        path = f"/v1/control-instructions/{self.numbers(purpose)}/{side}/reports"
        return self.trade.made(who, path, {"state": state, "reason": reason})

    def performing(self) -> "HttpLifeAfter":
        for who in ("bank", "provider"):
            self.report(who, "received")
            self.report(who, "in_force")
        return self

    def dissolved(self) -> "HttpLifeAfter":
        body = {"effective_at": int(time.time()), "text": "项目结束"}
        self.trade.do("bank", f"{self.trade.agreement_path}/dissolution", body)
        return self

    def expired(self) -> "HttpLifeAfter":
        """As the anchor service ends it when its last day is over."""
        log = self.trade.bodies.log
        with log.engine.begin() as connection:
            uow = SqlUnitOfWork(connection, log.preparer, OPERATOR, contracts=TRADE_CONTRACTS)
            assert agreement_endings.end_when_due(uow, self.trade.agreement_id, END_BY_EXPIRY) is not None
        return self

    def complained(self, who: str = "bank", kind: str = "agreement") -> "HttpLifeAfter":
        name = self.trade.agreement_id if kind == "agreement" else self.trade.order_id
        self.dispute_id = self.trade.made(who, "/v1/disputes", complaint_body(kind, name))["dispute_id"]
        return self

    @property
    def case_path(self) -> str:
        return f"/v1/disputes/{self.dispute_id}"

    def case(self, who: str, step: str, body: Any = None, *, settles: bool = False) -> dict[str, Any]:
        done = self.trade.made(who, f"{self.case_path}/{step}", STATEMENT if body is None else body)
        if settles:
            settle_trade(self.trade.bodies)
        return done

    def mediated(self) -> "HttpLifeAfter":
        self.case("provider", "messages")
        self.case("bank", "mediation")
        self.case("trading", "mediation-end")
        return self


def template_body(**members: Any) -> dict[str, Any]:
    return {"issuerId": BANK_NODE, "issuerEntityId": CODES["bank"]} | members


def create_body(who: str = "bank", **members: Any) -> dict[str, Any]:
    """Table B.3 of now, signed."""
    now = datetime.now(UTC)
    said = {
        "contractName": NAME,
        "contractAbstract": "贷后管理按次核验施工许可",
        "issueTime": format_time(now),
        "activationTime": format_time(now),
        "endTime": format_time(now + timedelta(days=365)),
        "signMode": "02",
        "issuerId": {"bank": BANK_NODE, "provider": PROVIDER_NODE}[who],
        "issuerEntityId": CODES[who],
    } | members
    return said | {"signature": sm2(who, said)}


def strategy_of(code: str, calls: int = 500) -> dict[str, Any]:
    return {
        "subjectInfo": {"dataProductId": code},
        "executionNodeInfo": {"providerNodeId": PROVIDER_NODE, "consumerNodeId": BANK_NODE},
        "actions": ["read"],
        "constraints": [{"constraintName": "count", "constraintOperator": "11", "constraintValue": str(calls)}],
    }


def negotiate_body(contract_id: str, strategy: dict[str, Any], *signers: str) -> dict[str, Any]:
    abstract = abstract_of(contract_id, strategy)
    signed = [{"entityId": CODES[one], "signature": sm2(one, abstract), "signatoryTime": now_text()} for one in signers]
    body = {"contractName": NAME, "contractId": contract_id, "strategy": strategy}
    return body | ({"signatureList": signed} if signed else {})


def own_strategy(agreement: dict[str, Any]) -> dict[str, Any]:
    """The first permission of an agreement, as B.5 and B.6 say it."""
    [policy] = from_json(DisclosedPart, agreement["disclosed"]).read_policies()
    said = encode_strategy(policy.permissions[0], policy.scope)
    return {**said, "subjectInfo": {**said["subjectInfo"], "dataProductEntityId": CODES["provider"]}}


def registrate_body(agreement: dict[str, Any], **members: Any) -> dict[str, Any]:
    strategy, name = own_strategy(agreement), agreement["agreement_id"]
    abstract = abstract_of(name, strategy)
    parties = [{"signatoryEntityId": CODES[who], "signature": sm2(who, abstract)} for who in ("provider", "bank")]
    body = {"contractName": NAME, "contractId": name, "strategy": strategy, "signatoryEntities": parties}
    return body | {"signatoryTime": now_text(), "contractExpansionItem": ""} | members


def interface_execution_body(agreement: dict[str, Any], **members: Any) -> dict[str, Any]:
    executed = {"executedStrategyId": "s-1", "executedActions": ["read"], "executionResult": "调用成功"}
    return {
        "contractName": NAME,
        "contractId": agreement["agreement_id"],
        "strategy": own_strategy(agreement),
        "executedStrategy": executed,
        "reportTime": now_text(),
    } | members


def terminate_body(agreement: dict[str, Any], who: str = "bank", **members: Any) -> dict[str, Any]:
    """An early end of now, signed; the agreement ends with its last day."""
    scheduled = f"{agreement['valid_until']}T23:59:59+08:00"
    said = {
        "contractName": NAME,
        "contractId": agreement["agreement_id"],
        "issueTime": now_text(),
        "activationTime": now_text(),
        "issuerId": {"bank": BANK_NODE, "provider": PROVIDER_NODE}[who],
        "issuerEntityId": CODES[who],
        "erminateType": "01",
        "scheduledEndTime": scheduled,
        "agreedEndTime": now_text(),
    } | members
    said = {name: value for name, value in said.items() if value is not None}
    return said | {"signature": sm2(who, said)}


LIFE_BODIES: dict[str, dict[str, Any]] = {
    "/v1/control-instructions": {"reports": REPORT},
    "/v1/agreements": {
        "execution-reports": execution_body(),
        "signature": {"sm2": _SM2},
        "proof": {"method": "deleted", "digest": DIGEST, "done_at": now_text(), "statement": "x", "sm2": _SM2},
        "acceptance": {},
        "contest": {"text": "x"},
    },
    "/v1/notices": {"reading": {}},
    "/v1/disputes": {
        **dict.fromkeys(("messages", "proposal", "mediation", "mediation-end", "ruling", "withdrawal"), STATEMENT),
        "acceptance": {"digest": DIGEST},
        "referral": STATEMENT | {"arbitrator": CODES["arbitrator"]},
        "step-withdrawal": {},
        "disputes": complaint_body("agreement", _NO_CONTRACT),
    },
}
"""Beginning of a route -> its last part -> a body that is in order."""

INTERFACE_BODIES: dict[str, Any] = {
    "/contractTemplate": template_body(),
    "/contractCreate": create_body(),
    "/contractNegotiate": {
        "contractName": NAME,
        "contractId": _NO_CONTRACT,
        "strategy": strategy_of("691310000MA0000007L3101000000015"),
    },
    "/contractRegistrate": {
        "contractName": NAME,
        "contractId": _NO_CONTRACT,
        "strategy": strategy_of("691310000MA0000007L3101000000015"),
        "signatoryEntities": [
            {"signatoryEntityId": CODES[who], "signature": "00" * 64} for who in ("provider", "bank")
        ],
        "signatoryTime": now_text(),
        "contractExpansionItem": "",
    },
    "/contractExecution": {
        "contractName": NAME,
        "contractId": _NO_CONTRACT,
        "strategy": strategy_of("691310000MA0000007L3101000000015"),
        "executedStrategy": {"executedStrategyId": "s", "executedActions": ["read"], "executionResult": "x"},
        "reportTime": now_text(),
    },
    "/contractTerminate": {
        "contractName": NAME,
        "contractId": _NO_CONTRACT,
        "issueTime": now_text(),
        "activationTime": now_text(),
        "issuerId": BANK_NODE,
        "issuerEntityId": CODES["bank"],
        "signature": "00" * 64,
        "erminateType": "02",
        "scheduledEndTime": now_text(),
    },
}
"""Interface -> a message that is in order, about no contract that is there."""
