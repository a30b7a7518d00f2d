"""Several issuers side by side: the same name at two of them is two people, and an SM2 token is one more form of the same thing."""

import base64
import os
from collections.abc import Callable
from typing import Any

from support import sm2_reference
from support.a_service import Service
from support.desk import BODY, OTHER, Desk
from support.oidc_issuer import AUDIENCE, SigningKey, claims_of, part, running_issuer

from ledger.log.signatures import SM2_SIGNER_ID

REGION, PRIVATE = "https://region.test", 77_777


def sm2_token(holder: str) -> str:
    claims = claims_of(REGION, holder, aud=None, auth=AUDIENCE)
    signed = f"{part({'typ': 'authToken', 'alg': 'SM2'})}.{part(claims)}"
    value = sm2_reference.sign(PRIVATE, int.from_bytes(os.urandom(31), "big") + 1, signed.encode(), SM2_SIGNER_ID)
    return f"{signed}.{base64.urlsafe_b64encode(value).rstrip(b'=').decode()}"


def test_subject_of_one_issuer_is_nobody_at_another(new_service: Callable[..., Service]) -> None:
    key = SigningKey.generate("k", "ES256")
    with running_issuer(["zhang"], [SigningKey.generate("r")]) as home, running_issuer(["zhang"], [key]) as region:
        region.rotate([key, SigningKey.generate("r")])
        trusted: list[dict[str, Any]] = [{"issuer": issuer.url, "audience": AUDIENCE} for issuer in (home, region)]
        trusted.append({"issuer": REGION, "audience": AUDIENCE, "sm2_keys": [sm2_reference.public_key(PRIVATE).hex()]})
        service = new_service(oidc_issuers=trusted)
        desk = Desk(service, home)
        tokens = [home.token("zhang"), region.token("zhang"), sm2_token("zhang")]
        headers = [{"Authorization": f"Bearer {token}"} for token in tokens]

        first = desk.account("zhang")
        seen = [desk.me(sent).json() for sent in headers]
        assert [me["roles"] for me in seen] == [["provider"], ["applicant"], ["applicant"]]
        assert len({me["account_id"] for me in seen}) == 3

        others = [
            desk.account("zhang", issuer=issuer, participant=OTHER, roles=["consumer"], level="viewer")
            for issuer in (region.url, REGION)
        ]
        seen = [desk.me(sent).json() for sent in headers]
        assert [me["account_id"] for me in seen] == [first, *others]
        assert [(me["participant"], me["level"]) for me in seen] == [
            (BODY, "handler"),
            (OTHER, "viewer"),
            (OTHER, "viewer"),
        ]
        assert desk.kinds(others[1]) == ["granted", "logged_in"]

        assert desk.withdraw(first).status_code == 200
        assert [desk.me(sent).status_code for sent in headers] == [401, 200, 200]


def test_body_is_one_whichever_platform_knows_its_people(new_service: Callable[..., Service]) -> None:
    """Two issuers' people in one body: each is there for the other at once, and the end of one is the same everywhere at once."""
    with running_issuer(["boss"], [SigningKey.generate("h")]) as home:
        trusted: list[dict[str, Any]] = [{"issuer": home.url, "audience": AUDIENCE}]
        trusted.append({"issuer": REGION, "audience": AUDIENCE, "sm2_keys": [sm2_reference.public_key(PRIVATE).hex()]})
        desk = Desk(new_service(oidc_issuers=trusted), home)
        boss = {"Authorization": f"Bearer {home.token('boss')}"}
        clerk = {"Authorization": f"Bearer {sm2_token('clerk')}"}

        boss_id = desk.account("boss", level="admin")
        clerk_id = desk.account("clerk", by=boss, issuer=REGION)
        assert {desk.me(sent).json()["participant"] for sent in (boss, clerk)} == {BODY}
        listed = desk.service.client.get("/v1/accounts", headers=boss).json()["items"]
        assert {(one["account_id"], one["issuer"]) for one in listed} == {(boss_id, home.url), (clerk_id, REGION)}

        assert desk.withdraw(clerk_id, by=boss).status_code == 200
        assert [desk.me(sent).status_code for sent in (boss, clerk)] == [200, 401]
        listed = desk.service.client.get("/v1/accounts", headers=boss).json()["items"]
        assert {one["account_id"]: one["state"] for one in listed} == {boss_id: "active", clerk_id: "withdrawn"}
