"""Two platforms, two processes, two databases: the authorisation platform reviews, grants, issues and files by HTTP, and both agree.

The trading platform is the service with the real application and database; its contracts agree at once. What an operator of it alters by
hand is listed by the other platform, by cause, age and owner, until it is mended.
"""

import json
import os
import stat
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from support.a_service import Service, running_service
from support.application_http import (
    APPLICATION,
    AUTHORISATION,
    DAY,
    FOUND,
    PASSED,
    HttpUse,
    grant,
    put_sm2_keys_on_file,
    widening,
)
from support.embedded import DatabaseFactory
from support.live_service import COMMAND, environment_without_settings
from support.platform_process import PlatformProcess, running_platform
from support.product_http import OPERATOR, Bodies, HttpLife
from support.product_world import CODES
from support.trade_http import TRADE_CONTRACTS, HttpTrade

from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.bundle.usage_token_text import verify_usage_token

US = CODES["authorisation"]
HERE, THERE = "authorisation_platform", "trading_platform"
LINE = {
    "subject": CODES["bank"],
    "entry": "0/施工许可",
    "parameters": {},
    "fields": ["状态"],
    "mode": "read",
    "quota": 10,
}


@pytest.fixture(scope="module")
def service(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    databases = DatabaseFactory(postgres_server)
    with running_service(databases(template=migrated_template), tmp_path_factory.mktemp("trading")) as running:
        vars(running.container)["contracts"] = TRADE_CONTRACTS  # in the place of the manifest
        yield running
    databases.close()


@pytest.fixture(scope="module")
def life(service: Service) -> HttpLife:
    bodies = Bodies(service.log)
    bodies.admit()
    life = HttpLife(service.client, bodies)
    life.until_listed()
    return life


@pytest.fixture(scope="module")
def platform(service: Service, life: HttpLife, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformProcess]:
    folder = tmp_path_factory.mktemp("authorisation") / "data"
    with running_platform(folder, service.url, US, life.bodies.keys["authorisation"]) as running:
        register_key(life.bodies, bytes.fromhex(running.connection["token_key"]))
        yield running


def register_key(bodies: Bodies, public_key: bytes) -> None:
    """The platform's own key comes onto its file there, as its admission would bring it."""
    put_sm2_keys_on_file(bodies, "authorisation")
    with bodies.log.engine.begin() as connection:
        uow = bodies.begin(connection, OPERATOR)
        body = uow.get("participant", US)
        keys = [{"public_key": public_key.hex(), "added_at": "", "revoked_at": None}]
        uow.change(body, act="add_sm2_key", document={**body.document, "sm2_keys": keys})


def reviewed(life: HttpLife) -> HttpUse:
    use = HttpUse(life)
    use.submit()
    use.do("trading", f"{APPLICATION}/first-review", PASSED)
    return use


def wish(use: HttpUse, **members: Any) -> dict[str, Any]:
    now_s = int(time.time())
    times = {"valid_from": now_s, "valid_until": now_s + 30 * DAY}
    return {"authorisation_id": use.application_id, **LINE, **times, **members}


def authorised(platform: PlatformProcess, life: HttpLife) -> HttpUse:
    """Reviewed and granted by the platform itself."""
    use = reviewed(life)
    platform.wait_for_copy("application", use.application_id, "first_reviewed")
    said = {"application_id": use.application_id}
    assert platform.act("/v1/final-reviews", {**said, **PASSED})["state"] == "acknowledged"
    assert platform.act("/v1/authorisations", {**said, **grant()})["state"] == "acknowledged"
    return use


def swept(platform: PlatformProcess) -> None:
    """Every kind was looked at whole after now."""
    began = time.time()

    def is_swept() -> bool:
        kinds = platform.read("/v1/status")["kinds"]
        times = [kind["swept_at"] for kind in kinds]
        return all(each is not None and _seconds(each) > began + 0.5 for each in times)

    platform.wait(is_swept, lambda: platform.read("/v1/status"))


def _seconds(text_of_time: str) -> float:
    return datetime.fromisoformat(text_of_time).timestamp()


def alter(service: Service, kind: str, object_id: str, sets: str) -> None:
    """What nobody does in order: a row of the trading platform's database is changed by hand."""
    with service.log.engine.begin() as connection:
        done = connection.execute(
            text(f"UPDATE objects SET {sets} WHERE kind = :kind AND object_id = :object_id"),
            {"kind": kind, "object_id": object_id},
        )
        assert done.rowcount == 1


def test_platform_reviews_grants_and_issues_by_http_and_both_agree(platform: PlatformProcess, life: HttpLife) -> None:
    use = authorised(platform, life)
    act = platform.act("/v1/usage-tokens", wish(use))
    assert act["state"] == "acknowledged", act
    token_id = act["object_id"]
    shown = use.see("bank", f"/v1/usage-tokens/{token_id}/text")
    key = bytes.fromhex(platform.connection["token_key"])
    token = verify_usage_token(shown["text"], [key], node=CODES["provider"], at=datetime.now(UTC))
    assert (token.issuer, token.quota) == (US, 10)
    assert shown["text"] not in json.dumps(act)
    ended = platform.act("/v1/usage-token-revocations", {"token_id": token_id, "reasons": "场景已结束"})
    assert ended["state"] == "acknowledged", ended
    assert use.see("bank", f"/v1/usage-tokens/{token_id}")["state"] == "revoked"
    swept(platform)
    assert platform.differences() == []


def test_platform_suspends_resumes_widens_and_withdraws_by_http_and_both_agree(
    platform: PlatformProcess, life: HttpLife
) -> None:
    use = authorised(platform, life)
    name = use.application_id
    asked = use.do("bank", f"{AUTHORISATION}/widenings", widening())
    said = {"authorisation_id": name, "reasons": "见附件"}
    for route, more, state in (
        ("suspensions", FOUND, "suspended"),
        ("resumptions", {}, "in_force"),
        ("widenings", {"number": 1, "items": asked["items"]}, "in_force"),
        ("withdrawals", FOUND, "withdrawn"),
    ):
        act = platform.act(f"/v1/authorisation-{route}", {**said, **more})
        assert act["state"] == "acknowledged", act
        shown = use.see("bank", AUTHORISATION)
        assert shown["state"] == state
        platform.wait_for_copy("authorisation", name, state)
    assert [one["number"] for one in shown["widenings"]] == [1]
    swept(platform)
    assert platform.differences() == []


def test_widening_made_up_there_is_listed(platform: PlatformProcess, life: HttpLife, service: Service) -> None:
    use = authorised(platform, life)
    name, widened = use.application_id, json.dumps([{"number": 1, "items": widening()["items"]}])
    sets = f"revision = revision + 1, changed_at = now(), document = jsonb_set(document, '{{widenings}}', '{widened}')"
    alter(service, "authorisation", name, sets)
    [listed] = platform.wait_for_differences({(name, "missing_here", HERE)})
    assert listed["there"] == "widening/1"
    alter(
        service, "authorisation", name, "revision = revision + 1, document = jsonb_set(document, '{widenings}', '[]')"
    )
    platform.wait_for_differences(set())


def test_altered_application_is_listed_by_cause_age_and_owner_until_it_is_mended(
    platform: PlatformProcess, life: HttpLife, service: Service
) -> None:
    use = authorised(platform, life)
    name = use.application_id
    alter(service, "application", name, "document = jsonb_set(document, '{content,scenario,purpose}', '\"marketing\"')")
    [listed] = platform.wait_for_differences({(name, "content_differs", THERE)}, "differing")
    assert (listed["kind"], listed["fields"]) == ("application", ["/content/scenario/purpose"])
    assert (listed["here"], listed["there"]) == ("loan-review", "marketing")
    time.sleep(1.1)
    [older] = platform.differences("differing")
    assert older["age_s"] >= listed["age_s"] + 1 and older["first_seen"] == listed["first_seen"]
    assert platform.read("/v1/status")["differing"][0]["count"] == 1
    kept = platform.read(f"/v1/copies/application/{name}")
    assert kept["document"]["content"]["scenario"]["purpose"] == "loan-review"
    alter(
        service, "application", name, "document = jsonb_set(document, '{content,scenario,purpose}', '\"loan-review\"')"
    )
    platform.wait_for_differences(set())
    ended = [one for one in platform.differences("ended") if one["object_id"] == name]
    [mended] = [one for one in ended if one["cause"] == "content_differs"]
    assert mended["ended_at"] is not None and mended["age_s"] > 1


def test_state_put_back_and_token_out_of_nothing_are_listed(
    platform: PlatformProcess, life: HttpLife, service: Service
) -> None:
    use = authorised(platform, life)
    name = use.application_id
    alter(service, "authorisation", name, "state = 'withdrawn'")
    platform.wait_for_differences({(name, "state_behind", THERE), (name, "missing_here", HERE)})
    alter(service, "authorisation", name, "state = 'in_force'")
    platform.wait_for_differences(set())

    with service.log.engine.begin() as connection:  # the trading platform enters a token in the other one's name
        connection.execute(
            text(
                "INSERT INTO objects (kind, object_id, revision, state, parties, document, created_at, changed_at) "
                "SELECT kind, 'tok-made-up-0001', revision, 'revoked', parties, document, now(), now() FROM objects "
                "WHERE kind = 'usage_token' LIMIT 1"
            )
        )
        connection.execute(
            text(
                "INSERT INTO token_quotas (token_id, authorisation, quota, valid_from, valid_until) "
                "VALUES ('tok-made-up-0001', 'x', 10, now(), now() + interval '1 day')"
            )
        )
    platform.wait_for_differences({("tok-made-up-0001", "missing_here", HERE)})
    with service.log.engine.begin() as connection:
        connection.execute(text("DELETE FROM objects WHERE object_id = 'tok-made-up-0001'"))
    platform.wait_for_differences({("tok-made-up-0001", "missing_there", THERE)})


def test_agreement_is_filed_on_both_sides_and_its_digest_is_computed_here(
    platform: PlatformProcess, life: HttpLife, service: Service
) -> None:
    trade = HttpTrade(life.ask, life.bodies, life.code).ordered().drafted().placed().confirmed().generated()
    trade.signed().filed()
    name = trade.agreement_id
    platform.wait_for_copy("agreement", name, "filed")
    known = [one for one in platform.differences() if one["object_id"] != name]
    before = {(one["object_id"], one["cause"], one["owner"]) for one in known}
    platform.wait_for_differences(before | {(name, "missing_here", HERE)})
    assert platform.act("/v1/filings", {"agreement_id": name})["state"] == "acknowledged"
    platform.wait_for_differences(before)

    alter(
        service,
        "agreement",
        name,
        "revision = revision + 1, document = jsonb_set(document, '{disclosed,name}', '\"another\"')",
    )
    found = platform.wait_for_differences(before | {(name, "content_differs", THERE)})
    [listed] = [one for one in found if one["object_id"] == name]
    assert set(listed["fields"]) == {"/contract_hash", "/disclosed/name"}


def test_order_is_copied_as_it_happens(platform: PlatformProcess, life: HttpLife) -> None:
    trade = HttpTrade(life.ask, life.bodies, life.code).ordered().drafted().placed()
    platform.wait_for_copy("order", trade.order_id, "offered")
    trade.confirmed()
    kept = platform.wait_for_copy("order", trade.order_id, "confirmed")
    states = [one["state"] for one in kept["revisions"]]
    assert states[0] == "confirmed" and "offered" in states


def test_operator_reads_and_acts_by_commands(platform: PlatformProcess, life: HttpLife, tmp_path: Path) -> None:
    def run(*arguments: str, said: Any = None, folder: Path = platform.folder) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "platform", *arguments, "--connection", str(folder / "connection.json")],
            input=None if said is None else json.dumps(said),
            capture_output=True,
            text=True,
            env=environment_without_settings(),
            timeout=120,
            check=False,
        )

    use = reviewed(life)
    name = use.application_id
    platform.wait_for_copy("application", name, "first_reviewed")
    assert json.loads(run("review", name, "-", said=PASSED["findings"]).stdout)["state"] == "acknowledged"
    assert json.loads(run("grant", name, "-", said=grant()).stdout)["state"] == "acknowledged"
    issued = run("token", "-", said=wish(use))
    token_id = json.loads(issued.stdout)["object_id"]
    refused = run("token", "-", said=wish(use, fields=["身份证号"]))
    assert (refused.returncode, "use_not_covered" in refused.stderr) == (1, True)
    assert run("revoke", token_id, "--reasons", "场景已结束").returncode == 0
    found = ["--kind", "beyond_scope", "--reasons", "超范围", "--evidence-digest", "ab" * 32]
    for command in (["suspend", name, *found], ["resume", name, "--reasons", "审计通过"]):
        platform.wait_for_copy("authorisation", name, "in_force" if command[0] == "suspend" else "suspended")
        assert json.loads(run(*command).stdout)["state"] == "acknowledged", command
    asked = use.do("bank", f"{AUTHORISATION}/widenings", widening())
    platform.wait_for_copy("authorisation", name, "in_force")
    assert run("widen", name, "1", "-", "--reasons", "临时", said=asked["items"]).returncode == 0
    assert run("withdraw", name, *found).returncode == 0
    assert run("suspend", name, *found).returncode == 1
    assert run("file", "84X").returncode == 1
    assert run("token", "-", said=[]).returncode == 2
    listed = run("differences", "--phase", "ended", "--json")
    assert {json.loads(line)["cause"] for line in listed.stdout.splitlines()} >= {"content_differs"}
    assert "has to act" in run("differences", "--phase", "ended").stdout
    status = run("status", "--json")
    assert json.loads(status.stdout)["subject_code"] == US
    assert "copies" in run("status").stdout
    assert run("status", folder=tmp_path).returncode == 2


def test_keys_and_connection_are_its_own_and_private(platform: PlatformProcess) -> None:
    for name in ("connection.json", "keys/api-keys.json", "keys/peer-key", "keys/keystore-password"):
        assert stat.S_IMODE((platform.folder / name).stat().st_mode) == 0o600, name
    assert [path.name for path in (platform.folder / "keystore").iterdir()] == ["usage-tokens.json"]
    secrets = [platform.peer_key, *platform.connection["api_keys"].values()]
    logs = "".join(path.read_text(errors="replace") for path in (platform.folder / "logs").iterdir())
    assert not any(secret in logs + platform.log_path.read_text() for secret in secrets)


def test_caller_without_a_key_or_with_the_readers_writes_nothing(platform: PlatformProcess) -> None:
    url = platform.connection["platform_url"]
    assert httpx.get(f"{url}/v1/status").status_code == 401
    refused = platform.ask("POST", "/v1/filings", {"agreement_id": "84"}, role="reader")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    unknown = platform.ask("POST", "/v1/filings", {"agreement_id": "84"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


def test_repeat_of_a_request_leads_to_the_first_act(platform: PlatformProcess, life: HttpLife) -> None:
    use = authorised(platform, life)
    body, key = wish(use), {"Idempotency-Key": os.urandom(8).hex()}
    first = platform.ask("POST", "/v1/usage-tokens", body, **key)
    again = platform.ask("POST", "/v1/usage-tokens", body, **key)
    assert again.json()["act_id"] == first.json()["act_id"] and again.headers["Idempotent-Replay"] == "true"
    other = platform.ask("POST", "/v1/usage-tokens", body | {"quota": 11}, **key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert platform.answered(first.json()["act_id"])["state"] == "acknowledged"


def test_refusal_of_the_trading_platform_is_the_acts_end(platform: PlatformProcess, life: HttpLife) -> None:
    use = authorised(platform, life)
    act = platform.act("/v1/usage-tokens", wish(use, fields=["身份证号"]))
    assert (act["state"], act["problem"]["code"]) == ("refused", "use_not_covered")
