"""Two spaces negotiate over HTTP: the consumer's connector is one service, the provider's another, and each shows the other its credential."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import text
from support.embedded import DatabaseFactory
from support.negotiation_world import RULES, offer_id
from support.product_http import HttpLife
from support.product_world import CODES
from support.two_spaces import Space, running_space

from anchor.fsck_objects import check_objects
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.domain.catalog_dcat import product_urn

CREDENTIALS = "/v1/connector-credentials"
NARROW = {
    "permission": [
        {"action": "read", "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": 100}]}
    ]
}


class Between:
    """One negotiation of the bank in its space with the provider in the other; ``home`` is the bank's."""

    def __init__(self, home: Space, other: Space, code: str) -> None:
        self.home, self.other, self.code = home, other, code
        self.ours = self.theirs = ""

    def request(self) -> None:
        opening = {
            "provider": CODES["provider"],
            "address": self.other.address,
            "dataset_id": product_urn(self.code),
            "offer_id": offer_id(self.code),
            "rules": RULES,
        }
        self.ours = self.home.done("bank", "POST", "/v1/negotiations", opening)["negotiation_id"]

    def offer(self) -> None:
        opening = {
            "consumer": CODES["bank"],
            "address": self.home.address,
            "dataset_id": product_urn(self.code),
            "rules": RULES,
        }
        self.theirs = self.other.done("provider", "POST", "/v1/negotiations/offers", opening)["negotiation_id"]

    def meet(self) -> None:
        """What was begun is delivered, and both sides know what the other one calls it."""
        assert self.home.deliver() + self.other.deliver() == 1
        if self.ours:
            self.theirs = self.shown("bank")["provider_pid"]
        else:
            self.ours = self.shown("provider")["consumer_pid"]

    def say(self, who: str, act: str, rules: object = None) -> None:
        space, pid = (self.home, self.ours) if who == "bank" else (self.other, self.theirs)
        said = {"act": act} | ({} if rules is None else {"rules": rules})
        space.done(who, "POST", f"/v1/negotiations/{pid}/messages", said)
        assert space.deliver() == 1

    def shown(self, who: str) -> dict[str, object]:
        space, pid = (self.home, self.ours) if who == "bank" else (self.other, self.theirs)
        return space.done(who, "GET", f"/v1/negotiations/{pid}")


@pytest.fixture(scope="module")
def spaces(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Space, Space, str]]:
    databases = DatabaseFactory(postgres_server)
    with ExitStack() as stack:
        home, other = (
            stack.enter_context(running_space(databases(template=migrated_template), tmp_path_factory.mktemp(name)))
            for name in ("bank", "provider")
        )
        life = HttpLife(other.service.client, other.bodies, public=False)
        life.until_listed()
        yield home, other, life.code
    databases.close()


def set_credentials(home: Space, other: Space) -> list[str]:
    """Each body sets what the other space has issued to it; returns the tokens."""
    tokens = []
    for space, peer, who in ((home, other, "bank"), (other, home, "provider")):
        tokens.append(peer.bodies.keys[who])
        body = {"address": peer.address, "token": tokens[-1]}
        answer = space.ask(who, "POST", CREDENTIALS, body, admin=True)
        assert answer.status_code == 200, answer.text
        assert tokens[-1] not in answer.text
    return tokens


def remove_credentials(space: Space, who: str) -> None:
    for one in space.done(who, "GET", CREDENTIALS)["items"]:
        if one["state"] == "set":
            space.done(who, "POST", f"{CREDENTIALS}/{one['credential_id']}/removal", {}, admin=True)


def test_two_spaces_negotiate_two_rounds_to_the_end(
    spaces: tuple[Space, Space, str], capfd: pytest.CaptureFixture[str]
) -> None:
    home, other, code = spaces
    tokens = set_credentials(home, other)
    between = Between(home, other, code)
    between.request()
    between.meet()
    between.say("provider", "offer", NARROW)
    between.say("bank", "request", RULES)
    between.say("provider", "offer", NARROW)
    between.say("bank", "accept")
    between.say("provider", "agree")
    between.say("bank", "verify")
    between.say("provider", "finalize")

    views = [between.shown("bank"), between.shown("provider")]
    assert [view["state"] for view in views] == ["FINALIZED"] * 2
    steps = [
        [(one["act"], one["state"], one["digest"], one["policy_digest"]) for one in view["steps"]] for view in views
    ]  # type: ignore[attr-defined]
    assert steps[0] == steps[1], "both keep the same versions"
    assert " ".join(act for act, *_ in steps[0]) == "request offer request offer accept agree verify finalize"
    for space in (home, other):
        assert_nowhere(space, tokens)
    output = "".join(capfd.readouterr())
    assert not any(token in output for token in tokens)


def test_provider_begins_in_the_other_space(spaces: tuple[Space, Space, str]) -> None:
    home, other, code = spaces
    set_credentials(home, other)
    between = Between(home, other, code)
    between.offer()
    between.meet()
    between.say("bank", "request", RULES)
    between.say("provider", "agree")
    between.say("bank", "verify")
    between.say("provider", "finalize")
    assert (between.shown("bank")["state"], between.shown("provider")["state"]) == ("FINALIZED", "FINALIZED")


def test_space_that_has_no_credential_is_refused_and_says_so(spaces: tuple[Space, Space, str]) -> None:
    home, other, code = spaces
    remove_credentials(home, "bank")
    between = Between(home, other, code)
    between.request()
    assert home.deliver() == 1
    refused = home.done("bank", "GET", f"/v1/negotiations/{between.ours}")
    assert (refused["state"], refused["refusal"]["reason"]) == ("REFUSED", "status_401")


def test_only_an_administrator_sets_a_credential_and_nobody_reads_it(spaces: tuple[Space, Space, str]) -> None:
    home, other, _ = spaces
    body = {"address": other.address, "token": "made-up-token-0123456789"}
    assert home.ask("bank", "POST", CREDENTIALS, body).status_code == 403
    home.done("bank", "POST", CREDENTIALS, body, admin=True)
    assert body["token"] not in home.ask("bank", "GET", CREDENTIALS, admin=True).text
    assert home.done("provider", "GET", CREDENTIALS)["items"] == [], "another body's"
    for wrong in (
        {"token": "short"},
        {"token": "with blanks 0123456789"},
        {"address": "http://10.1.1.1/"},
        {"address": "x"},
    ):
        refused = home.ask("bank", "POST", CREDENTIALS, body | wrong, admin=True)
        assert refused.status_code == 400, refused.text
        assert "with blanks" not in refused.text


def assert_nowhere(space: Space, tokens: list[str]) -> None:
    """No table has a token in clear, as text or as bytes; its objects and their history agree."""
    log = space.service.log
    with log.engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        for table in tables:
            rows = connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars()
            found = "\n".join(rows)
            assert not any(token in found or token.encode().hex() in found for token in tokens), table
        assert (
            "connector_credential"
            in connection.execute(text("SELECT string_agg(DISTINCT kind, ' ') FROM objects")).scalar_one()
        )
        assert list(check_objects(connection, log.preparer)) == []
