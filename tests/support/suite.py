"""A deployment of the contract suite for tests: council, evidence log, a configuration, and the keys of everybody in it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coincurve import PrivateKey

from ledger.adapters.chain.council_acts import ActSigner, KeySigner
from ledger.adapters.chain.deployment import CANONICAL_FACTORY, deploy, sign_digest
from ledger.adapters.chain.suite_addresses import plan_contracts
from ledger.adapters.chain.suite_admission import admission_digest
from ledger.adapters.chain.suite_config import SuiteConfig, parse_suite_config
from ledger.adapters.chain.suite_deployment import SuiteResult, deploy_suite
from ledger.adapters.chain.suite_plan import REGISTRY_NAME, SUITE
from ledger.log.typed_data import address_of_public_key, keccak256, to_checksum_address

PLANS = tuple(plan for plan in SUITE if plan.name in {"Directory", "ParticipantRegistry"})
"""The contracts that these tests deploy."""
QUALIFIED_UNTIL = 4_000_000_000
ROLES = ("OPERATOR", "REGULATOR")


def key(name: str) -> bytes:
    return keccak256(name.encode())


def address(private_key: bytes) -> bytes:
    return address_of_public_key(PrivateKey(private_key).public_key.format(compressed=False))


DEPLOYER = key("deployer")
COUNCIL = [key("body one"), key("body two"), key("body three")]
GUARDIANS = [key("guardian one"), key("guardian two")]


def addresses_text(keys: list[bytes]) -> str:
    return ", ".join(f'"{to_checksum_address(address(one))}"' for one in keys)


@dataclass
class SuiteWorld:
    """One chain with council and evidence log; ``text`` is a configuration for it, with ``changes`` (old text -> new) made to it."""

    url: str
    folder: Path
    changes: dict[str, str] = field(default_factory=dict)
    profile: str = "development"
    delays: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self.adopted = deploy(self.url, DEPLOYER, [address(body) for body in COUNCIL], 2)
        self.manifest_path = self.folder / "manifest.json"

    def text(self) -> str:
        unsigned = self._head() + "".join(body_text(role, "0x00") for role in ROLES)
        config = parse_suite_config(unsigned.encode())
        planned = plan_contracts(CANONICAL_FACTORY, config, PLANS)
        registry = next(contract.address for contract in planned if contract.name == REGISTRY_NAME)
        text = self._head()
        for role, body in zip(ROLES, config.bodies, strict=True):
            _, signature = sign_digest(key(role), admission_digest(31337, registry, body))
            text += body_text(role, "0x" + signature.hex())
        for old, new in self.changes.items():
            assert old in text
            text = text.replace(old, new)
        return text

    def config(self) -> SuiteConfig:
        return parse_suite_config(self.text().encode())

    def run(self, signer: ActSigner | None = None, **options: Any) -> SuiteResult:
        return deploy_suite(
            self.url,
            DEPLOYER,
            self.config(),
            signer or KeySigner(COUNCIL),
            self.manifest_path,
            **{"plans": PLANS, **options},
        )

    def _head(self) -> str:
        return f"""version = 1
profile = "{self.profile}"
chain_id = 31337
currencies = ["CNY"]

[adopt]
council = "{to_checksum_address(self.adopted.council)}"
evidence_log = "{to_checksum_address(self.adopted.evidence_log)}"

[council]
bodies = [{addresses_text(COUNCIL)}]
threshold = 2

[guardian]
bodies = [{addresses_text(GUARDIANS)}]
threshold = 1

[delays]
admin_delay_s = {self.delays[0]}
governor_delay_s = {self.delays[1]}

[settlement]
window_floor_s = 259200
objection_answer_s = 432000
review_request_s = 259200
account_cooling_s = 604800
dispute_freeze_max_s = 2592000
usage_answer_min_s = 86400
"""


def body_text(role: str, possession: str) -> str:
    return f"""
[[bodies]]
code = "{role.lower()}"
id = "0x{keccak256(b"id of " + role.encode()).hex()}"
role = "{role}"
profile_digest = "0x{keccak256(b"profile").hex()}"
qualification_digest = "0x{keccak256(b"qualification").hex()}"
qualified_until = {QUALIFIED_UNTIL}
possession_deadline = {QUALIFIED_UNTIL}
keys = [{{ address = "{to_checksum_address(address(key(role)))}", purposes = ["BUSINESS", "METERING"], possession = "{possession}" }}]
"""
