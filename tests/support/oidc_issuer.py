"""A real issuer of bearer tokens (``oidc_issuer.mjs``, the npm package ``oidc-provider``) with keys that the test holds as well."""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from support.repository import ROOT

AUDIENCE = "https://cityledger.test/api"
PROGRAM = Path(__file__).with_suffix(".mjs")


@dataclass(frozen=True)
class SigningKey:
    """A private key of an issuer."""

    kid: str
    alg: str
    private: Any

    @classmethod
    def generate(cls, kid: str, alg: str = "RS256") -> "SigningKey":
        made: Any
        if alg.startswith(("RS", "PS")):
            made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        elif alg == "ES256":
            made = ec.generate_private_key(ec.SECP256R1())
        else:
            made = ed25519.Ed25519PrivateKey.generate()
        return cls(kid, alg, made)

    def jwk(self, key: Any = None) -> dict[str, Any]:
        """The private key as a JWK; another one's instead when given."""
        shape = {"RS": RSAAlgorithm, "PS": RSAAlgorithm, "ES": ECAlgorithm, "Ed": OKPAlgorithm}[self.alg[:2]]
        members = json.loads(shape.to_jwk(key or self.private))
        members.pop("key_ops", None)
        return members | {"kid": self.kid, "alg": self.alg, "use": "sig"}

    def public_jwk(self) -> dict[str, Any]:
        return self.jwk(self.private.public_key())

    def token(self, claims: Mapping[str, Any], **header: Any) -> str:
        """A token signed by this key, whatever it says; ``header`` replaces members, None takes one away."""
        members = {"typ": "at+jwt", "kid": self.kid} | header
        shown = {name: value for name, value in members.items() if value is not None}
        return jwt.encode(dict(claims), self.private, self.alg, headers=shown)


def claims_of(issuer: str, subject: str, **changes: Any) -> dict[str, Any]:
    """Claims of a token that is valid now; a change to None takes the claim away."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "sub": subject,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 300,
        "jti": f"jti-{time.time_ns()}",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def part(value: Any) -> str:
    """A part of a token, unsigned."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@dataclass
class Issuer:
    """A running issuer."""

    url: str
    keys: list[SigningKey]
    process: "subprocess.Popen[str]"

    def token(self, client: str, audience: str = AUDIENCE) -> str:
        """An access token for this client, as the issuer makes it."""
        answer = httpx.post(
            f"{self.url}/token",
            data={
                "grant_type": "client_credentials",
                "client_id": client,
                "client_secret": f"secret-of-{client}",
                "resource": audience,
            },
            timeout=20,
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def rotate(self, keys: Sequence[SigningKey], **settings: Any) -> None:
        """Replaces the keys, and other settings."""
        self.keys = list(keys)
        self._tell({"jwks": {"keys": [key.jwk() for key in keys]}, **settings})

    def _tell(self, settings: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(settings) + "\n")
        self.process.stdin.flush()
        assert _said_issuer(self.process) == self.url


def _said_issuer(process: "subprocess.Popen[str]") -> str:
    """The issuer that the program names next; what its library prints besides is passed over."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith('{"issuer"'):
            return str(json.loads(line)["issuer"])
    raise AssertionError("the issuer did not start")


@contextmanager
def running_issuer(clients: Sequence[str], keys: Sequence[SigningKey], *, port: int = 0) -> Iterator[Issuer]:
    """An issuer with these clients and keys; ends with the block."""
    node = shutil.which("node")
    assert node is not None, "Node is needed: scripts/bootstrap.sh says how to get it"
    settings = {"port": port, "clients": list(clients), "jwks": {"keys": [key.jwk() for key in keys]}}
    process = subprocess.Popen(
        [node, str(PROGRAM), json.dumps(settings)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Issuer(_said_issuer(process), list(keys), process)
    finally:
        process.kill()
        process.communicate()
