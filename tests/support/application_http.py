"""Applications up to usage tokens at a running API: bodies that are in order, and the way of one, each step by whoever's it is."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from support.authorisation_world import (
    DAY,
    PURPOSE,
    SCENARIO,
    SECRET,
    VIOLATION,
    application_content,
    findings,
    line,
    list_of,
)
from support.product_http import OPERATOR, Bodies, HttpLife
from support.product_world import CODES

from ledger.adapters.signing_keys import SM2, public_part, sign_usage_token
from ledger.domain.participant import Sm2Key
from ledger.domain.records import to_json
from ledger.domain.usage_token import UsageToken
from ledger.domain.working_days import day_in_shanghai

APPLICATIONS, AUTHORISATIONS, TOKENS = "/v1/applications", "/v1/authorisations", "/v1/usage-tokens"
APPLICATION, AUTHORISATION = f"{APPLICATIONS}/{{application_id}}", f"{AUTHORISATIONS}/{{authorisation_id}}"
WIDENING, TOKEN, USES = f"{AUTHORISATION}/widenings/{{number}}", f"{TOKENS}/{{token_id}}", "/v1/usage-token-uses"

PASSED = {"findings": [to_json(one) for one in findings()]}
FAILED = {"findings": [to_json(one) for one in findings(failed="necessity")]}
REASONS = {"reasons": "见附件"}
FOUND = to_json(VIOLATION)


def today(days: int = 0) -> str:
    """The day in Shanghai, or so many days after it."""
    return (day_in_shanghai(datetime.now(UTC)) + timedelta(days=days)).isoformat()


def days() -> dict[str, str]:
    """Of an application and its list."""
    return {"valid_from": today(), "valid_until": today(90)}


def grant() -> dict[str, Any]:
    return list_of(line(**days()))


def widening() -> dict[str, Any]:
    return {"items": [line(valid_from=today(), valid_until=today(30), calls=50)], "reasons": "季末集中核验"}


def use_of(text: str, **members: Any) -> dict[str, Any]:
    """A call that is covered, unless told otherwise."""
    return {
        "text": text,
        "interface": 0,
        "fields": ["许可证号"],
        "parameters": {"region": "310115", "number": "X1"},
        "performed": [{"action": "logRecordSend"}],
        **members,
    }


def submission(product_code: str, **members: Any) -> dict[str, Any]:
    content = application_content(**days() | members)
    return {
        "product_code": product_code,
        "version": 1,
        "authorisation_platform": CODES["authorisation"],
        "content": content,
    }


def put_sm2_keys_on_file(bodies: Bodies, name: str, *secrets: bytes, revoked: bool = False) -> None:
    """Gives a body these SM2 keys, valid ones or ended ones."""
    since = "2026-11-01T00:00:00.000000Z"
    keys = [to_json(Sm2Key(public_part(SM2, one).hex(), since, since if revoked else None)) for one in secrets]
    with bodies.log.engine.begin() as connection:
        uow = bodies.begin(connection, OPERATOR)
        body = uow.get("participant", CODES[name])
        uow.change(body, act="add_sm2_key", document={**body.document, "sm2_keys": keys})


APPLICATION_BODIES: dict[str, dict[str, Any]] = {
    f"{APPLICATIONS}/": {
        **dict.fromkeys(("first-review", "final-review", "consent"), PASSED),
        "refusal": FAILED,
        "withdrawal": REASONS,
        "authorisation": grant(),
    },
    f"{AUTHORISATION}/widenings/": dict.fromkeys(("grant", "refusal", "withdrawal"), REASONS),
    f"{AUTHORISATIONS}/": {
        **dict.fromkeys(("suspension", "withdrawal"), FOUND),
        **dict.fromkeys(("resumption", "giving-up"), REASONS),
        "widenings": widening(),
    },
    f"{TOKENS}/": {"revocation": REASONS},
}
"""Beginning of a route -> its last part -> a body that is in order."""


@dataclass
class HttpUse:
    """One application for a product on sale, with what follows from it."""

    life: HttpLife
    application_id: str = ""

    def ask(self, name: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return self.life.ask(name, method, self.path(path), body, **headers)

    def path(self, route: str) -> str:
        named = {"application_id": self.application_id, "authorisation_id": self.application_id, "number": "1"}
        for name, value in named.items():
            route = route.replace("{" + name + "}", value)
        return route

    def do(self, name: str, path: str, body: Any) -> Any:
        """A write that is done."""
        answer = self.ask(name, "POST", path, body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def see(self, name: str, path: str) -> Any:
        answer = self.ask(name, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def submit(self, **members: Any) -> Any:
        submitted = self.do("bank", APPLICATIONS, submission(self.life.code, **members))
        self.application_id = submitted["application_id"]
        return submitted

    def until_approved(self, *, by_line_authority: bool = False) -> "HttpUse":
        self.submit()
        named = {"line_authority": CODES["line"]} if by_line_authority else {}
        self.do("trading", f"{APPLICATION}/first-review", PASSED | named)
        self.do("authorisation", f"{APPLICATION}/final-review", PASSED)
        if by_line_authority:
            self.do("line", f"{APPLICATION}/consent", PASSED)
        return self

    def until_authorised(self, *, by_line_authority: bool = False) -> "HttpUse":
        self.until_approved(by_line_authority=by_line_authority)
        self.do("authorisation", f"{APPLICATION}/authorisation", grant())
        return self

    def token(self, **members: Any) -> UsageToken:
        """What the platform states: a token of the list's one line for the bank itself, unless told otherwise."""
        now_s = int(datetime.now(UTC).timestamp())
        stated: dict[str, Any] = {
            "token_id": f"tok-{os.urandom(16).hex()}",
            "issuer": CODES["authorisation"],
            "subject": CODES["bank"],
            "node": CODES["provider"],
            "authorisation": self.application_id,
            "entry": "0/施工许可",
            "product_code": self.life.code,
            "version": 1,
            "interface": 0,
            "parameters": {"region": "310115"},
            "item": "施工许可",
            "fields": ("许可证号", "状态"),
            "mode": "read",
            "scenario": SCENARIO,
            "purpose": PURPOSE,
            "quota": 100,
            "issued_at": now_s,
            "valid_from": now_s,
            "valid_until": now_s + 30 * DAY,
        }
        return UsageToken(**stated | members)

    def issue(self, **members: Any) -> tuple[str, str]:
        """The name and the text of a token that was entered."""
        token = self.token(**members)
        text = sign_usage_token(token, SECRET)
        self.do("authorisation", TOKENS, {"text": text})
        return token.token_id, text

    def spend(self, text: str, name: str = "provider", **members: Any) -> httpx.Response:
        return self.ask(name, "POST", USES, use_of(text, **members))
