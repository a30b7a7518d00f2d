"""The API while an issuer is slow, away, or asked for keys that it does not have."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from support.a_service import Service
from support.desk import Desk, problem
from support.http_double import Answer, http_double
from support.oidc_issuer import AUDIENCE, SigningKey, claims_of, running_issuer

from ledger.adapters.oidc.documents import TIMEOUT_S

FIRST, SECOND = SigningKey.generate("k1"), SigningKey.generate("k2")


def bearer(key: SigningKey, issuer: str, **header: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key.token(claims_of(issuer, 'somebody'), **header)}"}


def test_issuer_that_is_away_is_503_with_what_to_do_and_keys_work_on(new_service: Callable[..., Service]) -> None:
    service = new_service(oidc_issuers=[{"issuer": "http://127.0.0.1:9", "audience": AUDIENCE}])
    answer = service.client.get("/v1/me", headers=bearer(FIRST, "http://127.0.0.1:9"))

    assert problem(answer) == (503, "unavailable")
    assert "CITYLEDGER_OIDC_ISSUERS" in answer.json()["detail"]
    assert int(answer.headers["Retry-After"]) >= 1
    assert service.client.get("/v1/me", headers=service.auth("operator")).status_code == 200


def test_known_keys_go_on_when_the_issuer_goes_away(new_service: Callable[..., Service]) -> None:
    with running_issuer(["office"], [FIRST]) as issuer:
        service = new_service(oidc_issuers=[{"issuer": issuer.url, "audience": AUDIENCE}])
        assert service.client.get("/v1/me", headers=bearer(FIRST, issuer.url)).status_code == 200
    assert service.client.get("/v1/me", headers=bearer(FIRST, issuer.url)).status_code == 200
    # The one fetch of the last half minute worked: an unknown key is the token's fault until the issuer may be asked again.
    assert problem(service.client.get("/v1/me", headers=bearer(SECOND, issuer.url))) == (401, "unauthenticated")


def test_storm_of_unknown_keys_asks_the_issuer_once(new_service: Callable[..., Service]) -> None:
    keys = Answer(200, b'{"keys": [%s]}' % json.dumps(FIRST.public_jwk()).encode())
    with http_double(keys) as issuer:
        settings = {"issuer": "https://issuer.test", "audience": AUDIENCE, "jwks_url": issuer.url + "/jwks"}
        service = new_service(oidc_issuers=[settings])

        def attempt(number: int) -> int:
            headers = bearer(SECOND, "https://issuer.test", kid=f"unknown-{number}")
            return service.client.get("/v1/me", headers=headers).status_code

        with ThreadPoolExecutor(8) as threads:
            assert set(threads.map(attempt, range(60))) == {401}
        assert service.client.get("/v1/me", headers=bearer(FIRST, "https://issuer.test")).status_code == 200
    assert len(issuer.seen) == 1


def test_issuer_that_hangs_holds_up_nobody_with_a_known_key(new_service: Callable[..., Service]) -> None:
    answered = threading.Event()

    def hang(_seen: object) -> Answer:
        answered.wait(20)
        return Answer(500)

    with running_issuer(["office"], [FIRST]) as known, http_double(hang) as slow:
        trusted = [{"issuer": issuer, "audience": AUDIENCE} for issuer in (known.url, slow.url)]
        service = new_service(oidc_issuers=trusted)
        good = bearer(FIRST, known.url)
        assert service.client.get("/v1/me", headers=good).status_code == 200
        with ThreadPoolExecutor(12) as threads:
            waiting = [
                threads.submit(service.client.get, "/v1/me", headers=bearer(SECOND, slow.url)) for _ in range(12)
            ]
            while not slow.seen:
                time.sleep(0.02)
            started = time.monotonic()
            assert service.client.get("/v1/me", headers=good).status_code == 200
            took = time.monotonic() - started
            answered.set()
            assert {answer.result().status_code for answer in waiting} == {503}
    assert took < TIMEOUT_S - 1, "it did not wait for the fetch to be given up"
    assert len(slow.seen) == 1, "one fetch, shared by all who wait"


def test_token_is_none_where_no_issuer_is_trusted(service: Service, desk: Desk) -> None:
    assert problem(service.client.get("/v1/me", headers=desk.headers("office"))) == (401, "unauthenticated")
    too_long = {"Authorization": "Bearer " + "a" * 10_000 + ".b.c"}
    assert problem(desk.service.client.get("/v1/me", headers=too_long)) == (401, "unauthenticated")


def test_token_goes_in_its_own_header_only(desk: Desk) -> None:
    token = desk.headers("office")["Authorization"].removeprefix("Bearer ")
    assert problem(desk.service.client.get("/v1/me", headers={"X-API-Key": token})) == (401, "unauthenticated")
    both = {"Authorization": f"Bearer {token}", "X-API-Key": desk.service.keys["operator"]}
    assert problem(desk.service.client.get("/v1/me", headers=both)) == (400, "invalid_input")
