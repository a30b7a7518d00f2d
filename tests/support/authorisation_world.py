"""A bank that applies for the permit-status service, up to a usage token: content, steps and bodies for tests."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from support.fake_unit_of_work import World
from support.product_steps import Life
from support.product_world import CODES, DIGEST, a_world, acting

from ledger.adapters.signing_keys import SM2, public_part, sign_usage_token
from ledger.domain.application import ASPECTS
from ledger.domain.participant import Sm2Key
from ledger.domain.policies.facts import Performed
from ledger.domain.policies.vocabulary import Action
from ledger.domain.records import to_json
from ledger.domain.usage_token import UsageToken
from ledger.services import application_reviews, applications, authorisations, usage_tokens
from ledger.services.application_reviews import UseFinding
from ledger.services.applications import SubmitApplication
from ledger.services.authorisations import Violation
from ledger.services.business import StoredObject
from ledger.services.usage_token_spending import TokenUse

APPLICATION = "app-" + "0" * 31 + "1"
TOKEN = "tok-" + "0" * 31 + "1"
SALT = b"\x07" * 32
SECRET = b"\x21" * 32
OTHER_SECRET = b"\x22" * 32
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = 86_400
VIOLATION = Violation("beyond_scope", "字段超出清单", DIGEST)
KEPT = {"participant", "product", "product_version"}
SCENARIO, PURPOSE = "贷后管理", "loan-review"


def application_content(**members: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "qualifications": [{"title": "金融许可证", "digest": DIGEST}],
        "scenario": {"name": SCENARIO, "scene": "S0201", "purpose": PURPOSE, "description": "放款前核验施工许可"},
        "items": [
            {
                "item": "施工许可",
                "item_type": "registration",
                "fields": ["许可证号", "状态", "日期"],
                "actions": ["read"],
                "calls": 1_000,
                "necessity": "每笔放款核验一次",
            }
        ],
        "security_plan": {"summary": "行内隔离环境", "papers": [{"title": "安全方案", "digest": DIGEST}]},
        "valid_from": "2026-11-02",
        "valid_until": "2027-10-31",
    }
    return defaults | members


def line(**members: Any) -> dict[str, Any]:
    """The one line of the list, unless told otherwise."""
    defaults: dict[str, Any] = {
        "item": "施工许可",
        "item_type": "registration",
        "fields": ["许可证号", "状态"],
        "actions": ["read"],
        "valid_from": "2026-11-02",
        "valid_until": "2027-06-30",
        "calls": 500,
        "records_per_call": None,
    }
    return defaults | members


def list_of(*lines: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"scenario": SCENARIO, "purpose": PURPOSE, "items": list(lines) or [line()], **members}


def findings(*, failed: str | None = None) -> tuple[UseFinding, ...]:
    return tuple(UseFinding(aspect, aspect != failed, f"{aspect}: see file") for aspect in ASPECTS)


def put_key_on_file(world: World, name: str, *secrets: bytes) -> None:
    """Gives a body these SM2 keys."""
    keys = [to_json(Sm2Key(public_part(SM2, one).hex(), "2026-11-01T00:00:00.000000Z")) for one in secrets]
    with world.begin() as uow:
        body = uow.get("participant", CODES[name])
        uow.change(body, act="add_sm2_key", document={**body.document, "sm2_keys": keys})


class Bank:
    """One application with what follows from it; every method is a step of the body whose step it is."""

    def __init__(self, stage: str = "listed") -> None:
        made, self.product_code = _made(stage)
        self.world = World()
        with made.begin() as uow:  # a copy: what is done here is done to nobody else's world
            self.world.__dict__.update(uow.world.__dict__)

    @classmethod
    def over(cls, world: Any, product_code: str) -> "Bank":
        """In a world that is there, such as one over a database, with this product on sale."""
        bank = cls.__new__(cls)
        bank.world, bank.product_code = world, product_code
        return bank

    def do(self, name: str, use_case: Any, *arguments: Any, account: str = "1", **options: Any) -> Any:
        with acting(self.world, name, account=account, **options) as uow:
            return use_case(uow, *arguments)

    def command(self, **members: Any) -> SubmitApplication:
        base = SubmitApplication(APPLICATION, self.product_code, 1, CODES["authorisation"], application_content(), SALT)
        return replace(base, **members)

    def submit(self, **members: Any) -> StoredObject:
        done: StoredObject = self.do("bank", applications.submit_application, self.command(**members))
        return done

    def first(self, line_authority: str | None = None) -> StoredObject:
        step = application_reviews.pass_first_application_review
        done: StoredObject = self.do("trading", step, APPLICATION, findings(), line_authority)
        return done

    def final(self) -> StoredObject:
        step = application_reviews.pass_final_application_review
        done: StoredObject = self.do("authorisation", step, APPLICATION, findings())
        return done

    @classmethod
    def approved(cls) -> "Bank":
        return cls("approved")

    def grant(self, listed: dict[str, Any] | None = None) -> StoredObject:
        step = authorisations.grant_authorisation
        done: StoredObject = self.do("authorisation", step, APPLICATION, listed or list_of())
        return done

    @classmethod
    def authorised(cls) -> "Bank":
        return cls("authorised")

    def token(self, **members: Any) -> UsageToken:
        now_s = int(self.world.now.timestamp())
        base = UsageToken(
            token_id=TOKEN,
            issuer=CODES["authorisation"],
            subject=CODES["bank"],
            node=CODES["provider"],
            authorisation=APPLICATION,
            entry="0/施工许可",
            product_code=self.product_code,
            version=1,
            interface=0,
            parameters={"region": "310115"},
            item="施工许可",
            fields=("许可证号", "状态"),
            mode="read",
            scenario=SCENARIO,
            purpose=PURPOSE,
            quota=100,
            issued_at=now_s,
            valid_from=now_s,
            valid_until=now_s + 30 * DAY,
        )
        return replace(base, **members)

    def issue(self, text: str | None = None, **members: Any) -> str:
        """The text of the token that was issued."""
        text = sign_usage_token(self.token(**members), SECRET) if text is None else text
        self.do("authorisation", usage_tokens.issue_usage_token, text)
        return text

    def seen(self) -> tuple[dict[Any, int], int, dict[str, Any]]:
        """What a refusal must leave as it is."""
        revisions = {key: stored.revision for key, stored in self.world.objects.items()}
        return revisions, len(self.world.events), dict(self.world.quotas)

    def events(self) -> list[str]:
        return [kind.split(".", 2)[2] for kind, _, _ in self.world.events]


def a_use(**members: Any) -> TokenUse:
    """A call that is covered, unless told otherwise."""
    base = TokenUse(
        interface=0,
        fields=("许可证号",),
        parameters={"region": "310115", "number": "X1"},
        performed=(Performed(Action.SEND_USE_RECORDS),),
    )
    return replace(base, **members)


@cache
def _made(stage: str) -> tuple[World, str]:
    """A world in which it has come so far, made once."""
    if stage == "listed":
        world = a_world()
        put_key_on_file(world, "authorisation", SECRET)
        code = Life(world).until("listed").code
        # every unit of work copies the whole world: only what applications look at stays
        world.objects = {name: one for name, one in world.objects.items() if name[0] in KEPT}
        world.history, world.calls, world.feed = [], [], []
        return world, code
    bank = Bank("listed" if stage == "approved" else "approved")
    if stage == "approved":
        bank.submit()
        bank.first()
        bank.final()
    else:
        bank.grant()
    return bank.world, bank.product_code
