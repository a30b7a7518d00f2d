"""The examples of what follows an agreement, of disputes and of the interfaces of TC609-6-2025-14 in the OpenAPI document."""

import json
from typing import Any

from support.life_http import (
    REPORT,
    STATEMENT,
    HttpLifeAfter,
    complaint_body,
    create_body,
    execution_body,
    interface_execution_body,
    negotiate_body,
    proof_body,
    put_keys_on_file,
    registrate_body,
    strategy_of,
    template_body,
    terminate_body,
    voucher_signature,
)
from support.product_http import Bodies
from support.product_world import CODES
from support.trade_examples import TradeStory
from support.trade_http import settle_trade

from api.openapi import ANY_CONTRACT

INSTRUCTIONS = "/v1/control-instructions"
INSTRUCTION = f"{INSTRUCTIONS}/{{instruction_number}}/{{side}}"
AGREEMENT = "/v1/agreements/{agreement_id}"
DISPUTES = "/v1/disputes"
DISPUTE = f"{DISPUTES}/{{dispute_id}}"
JSON = {"Content-Type": "application/json"}


class LifeStory(TradeStory):
    """The same, of what follows one filed agreement."""

    def __init__(self, to: Any, bodies: Bodies) -> None:
        super().__init__(to, bodies)
        put_keys_on_file(bodies)
        self.names: dict[str, str] = {}
        self.filed()

    def filed(self) -> None:
        """Another filed agreement takes the place of the one before."""
        self.trade.drafted().placed().confirmed().generated().signed().filed()
        self.after = HttpLifeAfter(self.trade)

    def path(self, route: str) -> str:
        path = super().path(route)
        for name, value in {**self.names, "dispute_id": self.after.dispute_id}.items():
            path = path.replace("{" + name + "}", value)
        return path


def record_life(to: Any, bodies: Bodies) -> None:
    """From the filing to the proof, a case to its ruling, and a contract through the six interfaces."""
    story = LifeStory(to, bodies)
    _performance(story)
    _end(story)
    _case(story)
    _interfaces(story)


def _performance(story: LifeStory) -> None:
    story.names = {"instruction_number": story.after.number, "side": "provider"}
    story.shown(INSTRUCTIONS, "bank", "The bank's instructions")
    story.shown(INSTRUCTION, "provider", "What the provider's connector fetches")
    story.step(f"{INSTRUCTION}/reports", "provider", REPORT, "It is received", other="price")
    body = execution_body()
    story.step(f"{AGREEMENT}/execution-reports", "bank", body, "A node reports", status=201, other="price")
    story.shown(f"{AGREEMENT}/execution-reports", "provider", "Reports of performance")


def _end(story: LifeStory) -> None:
    story.after.expired()
    voucher = story.trade.read("trading", story.path(f"{AGREEMENT}/termination"))["voucher"]
    signature = voucher_signature(voucher)
    story.step(f"{AGREEMENT}/termination/signature", "trading", signature, "The platform signs", other="bank")
    story.shown(f"{AGREEMENT}/termination", "bank", "The voucher of an agreement that expired")
    story.shown(f"{AGREEMENT}/termination.pdf", "bank", "The first bytes of it, shown in base64")
    proof = proof_body(story.trade.agreement_id)
    story.step(f"{AGREEMENT}/destruction/proof", "bank", proof, "The consumer's proof, signed", other="provider")
    contest = {"text": "备份仍在"}
    story.step(f"{AGREEMENT}/destruction/contest", "provider", contest, "The provider contests it", other="bank")
    story.after.trade.made("bank", story.path(f"{AGREEMENT}/destruction/proof"), proof_body(story.trade.agreement_id))
    story.step(f"{AGREEMENT}/destruction/acceptance", "provider", {}, "The provider is content", other="bank")
    story.shown(f"{AGREEMENT}/destruction", "bank", "What became of the data")
    story.shown("/v1/notices", "provider", "The provider's inbox")
    [notice, *_] = story.trade.read("provider", "/v1/notices")["items"]
    story.names["notice_id"] = notice["notice_id"]
    story.step("/v1/notices/{notice_id}/reading", "provider", {}, "It stays in the inbox", other="price")


def _case(story: LifeStory) -> None:
    story.filed()
    complaint = complaint_body("agreement", story.trade.agreement_id)
    made = story.step(DISPUTES, "bank", complaint, "A bank complains", status=201, other="trading")
    story.after.dispute_id = made["dispute_id"]
    story.step(f"{DISPUTE}/messages", "provider", STATEMENT, "The provider answers", other="price")
    story.step(f"{DISPUTE}/mediation", "bank", STATEMENT, "The bank turns to the platform", other="trading")
    proposed = story.step(f"{DISPUTE}/proposal", "trading", STATEMENT, "The mediator proposes", other="price")
    accepted = {"digest": proposed["proposal"]["digest"]}
    story.step(f"{DISPUTE}/acceptance", "bank", accepted, "One party accepts", other="trading")
    story.step(f"{DISPUTE}/mediation-end", "trading", STATEMENT, "It came to nothing", other="price")
    referral = STATEMENT | {"arbitrator": CODES["arbitrator"]}
    story.step(f"{DISPUTE}/referral", "bank", referral, "The act waits for the bank's signature", other="trading")
    story.step(f"{DISPUTE}/step-withdrawal", "bank", {}, "Before it was signed", other="price")
    story.after.case("bank", "referral", referral, settles=True)
    story.step(
        f"{DISPUTE}/ruling", "arbitrator", STATEMENT, "The act waits for the arbitrator's signature", other="bank"
    )
    settle_trade(story.bodies)
    story.shown(DISPUTE, "provider", "A case that was ruled")
    story.shown(DISPUTES, "bank", "The bank's cases")
    story.shown(f"{DISPUTE}/messages", "arbitrator", "Everything that was said")
    story.after.complained()
    story.step(f"{DISPUTE}/withdrawal", "bank", STATEMENT, "Who complained gives it up", other="trading")


def _interfaces(story: LifeStory) -> None:
    trade = story.trade
    _message(
        story, "/contractTemplate", "bank", template_body(templateId="5f0c1f4e-2d0e-5c1b-9a57-1f3f5a6f7001"), "One"
    )
    contract_id = _message(story, "/contractCreate", "bank", create_body(), "Begun by a bank")["contractId"]
    said = negotiate_body(contract_id, strategy_of(trade.code))
    _message(story, "/contractNegotiate", "bank", said, "The bank proposes")
    agreement = trade.agreement()
    _message(story, "/contractRegistrate", "bank", registrate_body(agreement), "It is filed")
    _message(story, "/contractExecution", "provider", interface_execution_body(agreement), "A node reports")
    _message(story, "/contractTerminate", "bank", terminate_body(agreement), "Both will sign the end")
    story.to.ask("DELETE /contractTemplate", 405, "method", "Another method", role=None, as_any=ANY_CONTRACT)


def _message(story: LifeStory, path: str, who: str, body: Any, summary: str) -> dict[str, Any]:
    """What an interface answers to a message, and the refusals that each of them knows."""
    operation, to = f"POST {path}", story.to
    done = to.ask(operation, 200, "done", summary, role=f"body:{who}", headers=JSON, content=json.dumps(body))
    to.accept(operation, "application/json", "message", summary, body)
    to.ask(operation, 400, "invalid_input", "Not a message", role=f"body:{who}", headers=JSON, content='{"unknown":1}')
    to.ask(operation, 401, "unauthenticated", "No key", role=None, headers=JSON, content=json.dumps(body))
    to.ask(operation, 403, "forbidden", "Not its role", role="body:price", headers=JSON, content=json.dumps(body))
    return dict(done.json())
