"""The examples of applications, authorisations and tokens in the OpenAPI document; ``support.api_examples`` records them with the others."""

from typing import Any

from support.application_http import (
    APPLICATION,
    APPLICATIONS,
    AUTHORISATION,
    AUTHORISATIONS,
    FAILED,
    FOUND,
    PASSED,
    REASONS,
    TOKEN,
    TOKENS,
    USES,
    WIDENING,
    HttpUse,
    days,
    grant,
    put_sm2_keys_on_file,
    submission,
    use_of,
    widening,
)
from support.authorisation_world import SECRET, line, list_of
from support.product_examples import Story, code_on_sale
from support.product_http import Bodies, HttpLife
from support.product_world import CODES

from ledger.adapters.signing_keys import sign_usage_token


class UseStory(Story):
    """The same, of one use that is applied for."""

    def __init__(self, to: Any, bodies: Bodies, code: str) -> None:
        super().__init__(to, bodies)
        self.use = HttpUse(HttpLife(to.client, bodies, public=False, code=code))
        self.token_id = ""
        self.number = "1"

    def path(self, route: str) -> str:
        named = route.replace("{number}", self.number).replace("{token_id}", self.token_id)
        return self.use.path(named)

    def apply(self, **members: Any) -> None:
        """A new application, without an example."""
        self.use.submit(**members)

    def see(self, route: str, who: str, summary: str) -> None:
        """A read; others than the parties find nothing."""
        self.read(route, who, summary)
        if "{" in route:
            self.to.ask(f"GET {route}", 404, "not_found", role="body:stranger", path=self.path(route))


def record_applications(to: Any, bodies: Bodies) -> None:
    """The way from an application to the end of its token; ``bodies`` are those of the products' examples, whose product is on sale."""
    put_sm2_keys_on_file(bodies, "authorisation", SECRET)
    story = UseStory(to, bodies, code_on_sale(bodies))
    _reviews(story)
    _authorisation(story)
    _tokens(story)
    _endings(story)


def _reviews(story: UseStory) -> None:
    sent = submission(story.use.life.code)
    done = story.step(APPLICATIONS, "bank", sent, "A bank applies for permit states", status=201, other="trading")
    story.use.application_id = done["application_id"]
    first = PASSED | {"line_authority": CODES["line"]}
    story.write(f"POST {APPLICATION}/final-review", 409, "illegal_transition", who="authorisation", body=PASSED)
    story.step(f"{APPLICATION}/first-review", "trading", first, "Passed; the line authority has the last word")
    story.step(f"{APPLICATION}/final-review", "authorisation", PASSED, "Handed on to the line authority")
    story.step(f"{APPLICATION}/consent", "line", PASSED, "The line authority consents: approved")
    story.see(APPLICATION, "bank", "With every review and its reasons")
    story.read(APPLICATIONS, "bank", "Those of a body")
    approved = story.use.application_id
    story.apply()
    story.step(f"{APPLICATION}/refusal", "trading", FAILED, "Refused: less would do")
    story.apply()
    story.step(f"{APPLICATION}/withdrawal", "bank", REASONS, "The bank takes it back", other="trading")
    story.use.application_id = approved


def _authorisation(story: UseStory) -> None:
    wide = list_of(line(**days(), calls=1_001))
    story.write(f"POST {APPLICATION}/authorisation", 400, "authorisation_too_wide", who="authorisation", body=wide)
    story.step(
        f"{APPLICATION}/authorisation", "authorisation", grant(), "The list: less than was asked for", status=201
    )
    story.step(f"{AUTHORISATION}/widenings", "bank", widening(), "More for a month", status=201, other="trading")
    for step, who, summary in (
        ("grant", "authorisation", "Granted as it was asked for"),
        ("refusal", "authorisation", "Refused"),
        ("withdrawal", "bank", "The holder takes its request back"),
    ):
        if step != "grant":
            story.use.do("bank", f"{AUTHORISATION}/widenings", widening())
        story.number = {"grant": "1", "refusal": "2", "withdrawal": "3"}[step]
        story.step(f"{WIDENING}/{step}", who, REASONS, summary, other="trading")
    story.see(f"{AUTHORISATION}/widenings", "bank", "What was asked for, and how it was decided")
    story.step(f"{AUTHORISATION}/suspension", "authorisation", FOUND, "Until an audit is passed")
    story.step(f"{AUTHORISATION}/resumption", "authorisation", REASONS, "The audit was passed")
    story.see(AUTHORISATION, "bank", "List, widening and tokens")
    story.read(AUTHORISATIONS, "bank", "Those of a body")


def _tokens(story: UseStory) -> None:
    token = story.use.token(quota=10)
    text = sign_usage_token(token, SECRET)
    story.step(TOKENS, "authorisation", {"text": text}, "A token that the platform has signed", status=201)
    story.token_id = token.token_id
    story.step(USES, "provider", use_of(text, calls=4), "Four calls of ten")
    story.write(f"POST {USES}", 409, "quota_exceeded", who="provider", body=use_of(text, calls=7))
    story.write(f"POST {USES}", 403, "use_not_covered", who="provider", body=use_of(text, fields=["日期"]))
    story.see(TOKEN, "bank", "What is spent of it")
    story.see(f"{TOKEN}/text", "bank", "For its holder and its issuer")
    story.read(TOKENS, "bank", "Those of a body")
    story.step(f"{TOKEN}/revocation", "bank", REASONS, "The holder ends it", other="trading")


def _endings(story: UseStory) -> None:
    story.step(f"{AUTHORISATION}/withdrawal", "authorisation", FOUND, "For a violation")
    story.use.until_authorised()
    story.step(f"{AUTHORISATION}/giving-up", "bank", REASONS, "The holder needs it no longer", other="trading")
