"""A deployment of the contract suite for tests: council, evidence log, a configuration, and the keys of everybody in it.

``deploy_whole_suite`` is for tests of what the contracts do; ``SuiteWorld`` for tests of the deployment itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coincurve import PrivateKey

from ledger.adapters.chain import suite_addresses
from ledger.adapters.chain.artifact import create2_address
from ledger.adapters.chain.council_acts import ActSigner, CouncilAct, KeySigner, relay_act
from ledger.adapters.chain.deployment import deploy, sign_digest
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.chain.suite_addresses import PlannedContract, plan_contracts
from ledger.adapters.chain.suite_admission import admission_digest
from ledger.adapters.chain.suite_chain import SuiteChain
from ledger.adapters.chain.suite_config import RESERVED_ROLES, SuiteConfig, parse_suite_config
from ledger.adapters.chain.suite_deployment import SuiteResult, deploy_suite
from ledger.adapters.chain.suite_manifest import SuiteManifest
from ledger.adapters.chain.suite_plan import COUNCIL_NAME, REGISTRY_NAME, SUITE
from ledger.log.typed_data import address_of_public_key, keccak256, to_checksum_address

NAMES = [COUNCIL_NAME, "EvidenceLog", "GuardianCouncil", "AccessManager", *(plan.name for plan in SUITE)]
"""Every contract of a deployment, in the manifest's order; the first two are adopted."""
QUALIFIED_UNTIL = 4_000_000_000
ROLES = tuple(RESERVED_ROLES)
"""One body for each; its id is ``body_id(role)``, its keys are ``body_keys(role)``."""


def key(name: str) -> bytes:
    return keccak256(name.encode())


def address(private_key: bytes) -> bytes:
    return address_of_public_key(PrivateKey(private_key).public_key.format(compressed=False))


def body_id(role: str) -> bytes:
    return keccak256(b"id of " + role.encode())


def body_keys(role: str) -> list[bytes]:
    """The key of a body with a reserved role for BUSINESS and METERING, and the one for FINANCE."""
    return [key(role), key(f"{role} finance")]


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
    window_floor_s: int = 259_200

    def __post_init__(self) -> None:
        self.adopted = deploy(self.url, DEPLOYER, [address(body) for body in COUNCIL], 2)
        self.manifest_path = self.folder / "manifest.json"

    def text(self) -> str:
        unsigned = self._head() + "".join(body_text(role, ["0x00", "0x00"]) for role in ROLES)
        config = parse_suite_config(unsigned.encode())
        planned = plan_contracts(self.adopted.factory, config)
        registry = next(contract.address for contract in planned if contract.name == REGISTRY_NAME)
        text = self._head()
        for role, body in zip(ROLES, config.bodies, strict=True):
            digest = admission_digest(config.chain_id, registry, body)
            text += body_text(role, ["0x" + sign_digest(one, digest)[1].hex() for one in body_keys(role)])
        for old, new in self.changes.items():
            assert old in text
            text = text.replace(old, new)
        return text

    def config(self) -> SuiteConfig:
        return parse_suite_config(self.text().encode())

    def run(self, signer: ActSigner | None = None, **options: Any) -> SuiteResult:
        signer = signer or KeySigner(COUNCIL)
        return deploy_suite(self.url, DEPLOYER, self.config(), signer, self.manifest_path, **options)

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
window_floor_s = {self.window_floor_s}
objection_answer_s = 432000
review_request_s = 259200
account_cooling_s = 604800
dispute_freeze_max_s = 2592000
usage_answer_min_s = 86400
"""


def body_text(role: str, possessions: list[str]) -> str:
    keys = ",\n    ".join(
        f'{{ address = "{to_checksum_address(address(one))}", purposes = {purposes}, possession = "{possession}" }}'
        for one, purposes, possession in zip(
            body_keys(role), ('["BUSINESS", "METERING"]', '["FINANCE"]'), possessions, strict=True
        )
    )
    return f"""
[[bodies]]
code = "{role.lower()}"
id = "0x{body_id(role).hex()}"
role = "{role}"
profile_digest = "0x{keccak256(b"profile").hex()}"
qualification_digest = "0x{keccak256(b"qualification").hex()}"
qualified_until = {QUALIFIED_UNTIL}
possession_deadline = {QUALIFIED_UNTIL}
keys = [
    {keys}
]
"""


def earlier_version(name: str) -> Any:
    """A stand-in for ``suite_addresses._plan`` of a time when this contract had other code, and so another address."""
    plan = suite_addresses._plan

    def planned(factory: bytes, planned_name: str, arguments: bytes) -> PlannedContract:
        now = plan(factory, planned_name, arguments)
        if planned_name != name:
            return now
        data = keccak256(b"earlier") + now.factory_data[32:]
        return replace(now, factory_data=data, address=create2_address(factory, data[:32], data[32:]))

    return planned


@dataclass
class DeployedSuite:
    """All contracts on a chain, the bodies with reserved roles admitted, no delays. Addresses are 20 bytes, by name."""

    chain: SuiteChain
    manifest: SuiteManifest

    @property
    def addresses(self) -> dict[str, bytes]:
        return self.chain.addresses

    def act(self, contract: str, function: str, *arguments: Any, keys: Sequence[bytes] = tuple(COUNCIL[:2])) -> None:
        """The council calls a function, signed by these keys; raises ``Web3Exception`` when the chain refuses it."""
        act = CouncilAct(
            self.chain.sender.chain_id,
            self.addresses[COUNCIL_NAME],
            self.addresses[contract],
            self.chain.encode(contract, function, *arguments),
            int(self.chain.ask(COUNCIL_NAME, "nonce")),
            self.chain.sender.chain_time_s() + 3600,
            function,
        )
        relay_act(
            self.chain.sender, act, [signature for _, signature in sorted(sign_digest(k, act.digest) for k in keys)]
        )


def suite_at(url: str, manifest: SuiteManifest) -> DeployedSuite:
    """What a manifest says that stands on the chain."""
    chain = SuiteChain(JsonRpc(url), TransactionSender(url, DEPLOYER))
    chain.addresses |= {record.name: record.address for record in manifest.contracts}
    return DeployedSuite(chain, manifest)


def deploy_whole_suite(url: str, folder: Path) -> DeployedSuite:
    """Deploys everything onto a development chain; the manifest and nothing else is written to ``folder``."""
    return suite_at(url, SuiteWorld(url, folder).run().manifest)
