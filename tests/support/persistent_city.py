"""Bodies of a running installation whose clients repeat every write, with the same key, until it is answered.

Their signatures are made by a tool that knows EIP-712 and nothing of this project. Some writes are cut: the API is killed
while it works on them.
"""

import json
import subprocess
import threading
import time
from collections.abc import Callable, Collection
from random import Random
from typing import Any

import httpx
from eth_account import Account
from eth_account.messages import encode_typed_data
from support.live_service import COMMAND, environment_without_settings
from support.participant_service import REPORT, application_body
from support.participants import key_of
from support.plug import Operator
from support.product_http import FILING, LETTER, REVIEW
from support.product_world import public_content

ANSWERED_WITHIN_S = 240.0
CUT_WITHIN_S = 0.08
"""A write takes about so long, so that the kill comes before, in, or after its transaction."""

REASONS = {"reasons": "as the papers say"}
PURPOSES = ("business", "finance")
RESERVED = ("operator", "trading-platform", "authorisation-platform", "price-authority")


class PersistentCity:
    """The service by the default API keys of its roles, and by those of the providers that it admits."""

    def __init__(self, operator: Operator, moments: Random) -> None:
        self.operator = operator
        self.connection = json.loads((operator.folder / "connection.json").read_text())
        self.client = httpx.Client(base_url=self.connection["api_url"], timeout=30)
        self.keys: dict[str, str] = dict(self.connection["api_keys"])
        self.cut: Collection[int] = ()
        self.writes = self.signatures = self.cuts = 0
        self._moments = moments
        self._private_keys: dict[str, bytes] = {}
        for role in RESERVED:
            secret = (operator.folder / "keys" / "bodies" / f"{role}-business.key").read_text()
            self._know(bytes.fromhex(secret))
        self.codes = {
            body["roles"][0]: body["code"] for body in self.get("/v1/whitelist", "operator")["items"] if body["roles"]
        }

    def get(self, path: str, who: str, **params: Any) -> dict[str, Any]:
        """What is read, once there is an answer."""
        answer = self._until_answered(lambda: self.client.get(path, headers=self._auth(who), params=params))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def write(self, path: str, who: str, body: Any, **headers: str) -> dict[str, Any]:
        """What a write answers; when it is one of ``cut``, the API is killed meanwhile."""
        self.writes += 1
        headers |= self._auth(who) | {"Idempotency-Key": f"write-{self.writes}", "Content-Type": "application/json"}
        content = json.dumps(body)
        killer = None
        if self.writes in self.cut:
            killer = threading.Timer(self._moments.uniform(0, CUT_WITHIN_S), self._cut)
            killer.start()
        answer = self._until_answered(lambda: self.client.post(path, content=content, headers=headers))
        if killer is not None:
            killer.join()
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def admit(self, code: str) -> str:
        """A provider, until its admission waits for signatures; gives the act."""
        for purpose in PURPOSES:
            self._know(key_of(f"{code} {purpose}").secret)
        path = f"/v1/participants/{code}"
        self.write("/v1/participants", "consumer", application_body(code, roles=["provider"]))
        for act, who, body in (
            ("accept-identity", "operator", REASONS),
            ("accept-role", "operator", REASONS),
            ("approve", "authorisation_platform", REPORT),
            ("admit", "operator", {}),
        ):
            revision = self.get(path, "operator")["revision"]
            self.write(f"{path}/{act}", who, body, **{"If-Match": f'"{revision}"'})
        return str(self.get(path, "operator")["open_step"]["act_id"])

    def give_account(self, code: str) -> None:
        """An account of the provider, with an API key that is called by its code."""
        wanted = {"participant": code, "issuer": "https://identity.example", "subject": code, "level": "handler"}
        account = self.write("/v1/accounts", "operator", wanted | {"roles": ["provider"]})["account_id"]
        arguments = ["keys", "add", "--role", "provider", "--submitter", code.lower(), "--account", account]
        arguments += ["--source-prefix", f"urn:provider:{code}:", "--json"]
        made = subprocess.run(
            [*COMMAND, *arguments, "--connection", str(self.operator.folder / "connection.json")],
            capture_output=True,
            env=environment_without_settings(),
            check=False,
        )
        assert made.returncode == 0, made.stderr.decode()
        self.keys[code] = json.loads(made.stdout)["api_key"]

    def draft(self, code: str) -> str:
        """A product with public data; the path of its version."""
        body = {"region": "3101", "content": public_content()}
        return f"/v1/products/{self.write('/v1/products', code, body)['product_code']}/versions/1"

    def offer(self, code: str, path: str, wait: Callable[[str], None]) -> None:
        """Registered, judged, filed and listed; ``wait`` is called with the state that the chain has to bring."""
        reviewers = ("trading_platform", "authorisation_platform")
        named = {role: self.codes[role] for role in reviewers} | {"filing_authority": self.codes["price_authority"]}
        filing = FILING | {"number": f"备2026-{path.split('/')[3][-9:]}"}
        for step, who, body, brings in (
            ("registration", code, named, "registered"),
            ("first-review", "trading_platform", REVIEW, None),
            ("final-review", "authorisation_platform", REVIEW, "reviewed"),
            ("letter", "trading_platform", LETTER, None),
            ("letter", "authorisation_platform", LETTER, None),
            ("filing", "price_authority", filing, "filed"),
            ("listing", code, {}, "listed"),
        ):
            revision = {} if step != "registration" else {"If-Match": f'"{self.get(path, who)["revision"]}"'}
            self.write(f"{path}/{step}", who, body, **revision)
            if brings is not None:
                self.sign(self.waiting_act(code))
                wait(brings)

    def waiting_act(self, who: str) -> str:
        """The one act of a body that waits for signatures."""
        [act] = self.get("/v1/acts", who, state="open")["items"]
        return str(act["act_id"])

    def sign(self, act_id: str, *, before_last: Callable[[], object] = lambda: None) -> None:
        """Every signer signs the typed data that the service shows; the operator relays."""
        deadline = int(time.time()) + 86_400
        signers = self.get(f"/v1/acts/{act_id}", "operator")["signers"]
        for signer in signers:
            place = signer["place"]
            if signer is signers[-1]:
                before_last()
            document = self.get(f"/v1/acts/{act_id}/typed-data", "operator", place=place, deadline=deadline)
            address = next(key for key in signer["keys"] if key in self._private_keys)
            signed = Account.sign_message(encode_typed_data(full_message=document), self._private_keys[address])
            body = {"place": place, "key": address, "deadline": deadline}
            signature = "0x" + bytes(signed.signature).hex()
            self.write(f"/v1/acts/{act_id}/signatures", "operator", body | {"signature": signature})
            self.signatures += 1

    def _know(self, secret: bytes) -> None:
        self._private_keys[Account.from_key(secret).address.lower()] = secret

    def _auth(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}"}

    def _cut(self) -> None:
        self.cuts += self.operator.kill("api") > 0

    def _until_answered(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        deadline = time.monotonic() + ANSWERED_WITHIN_S
        while True:
            try:
                answer = send()
            except httpx.TransportError as error:
                said = repr(error)
            else:
                if answer.status_code < 500:
                    return answer
                said = answer.text
            assert time.monotonic() < deadline, (said, self.operator.lines[-20:])
            time.sleep(0.1)
