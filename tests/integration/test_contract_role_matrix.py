"""The role matrix of ``contracts/README.md`` is derived from deployed contracts and compared with the text, row for row.

Who is in which role of the access manager, and which functions of which contract a role may call: read from the manager's answers
for every function of every contract's ABI and from all its events, not from the deployment's own plan. Which calls change state, and
which of them take no signature, is read from the ABIs of the contracts whose code stands there.
Which body may sign what is a second, separate table: ``tests/e2e/test_contract_signers.py``.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.anchor_rig import running_anvil
from support.suite import NAMES, SuiteWorld, suite_at

from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.errors import RpcRejectedError
from ledger.adapters.chain.suite_addresses import artifact_name
from ledger.adapters.chain.suite_chain import SuiteChain
from ledger.adapters.chain.suite_plan import SUITE
from ledger.log.typed_data import keccak256, to_checksum_address

ROOT = Path(__file__).resolve().parents[2]
TEXT = ROOT / "contracts" / "README.md"
DELAYS = (172_800, 86_400)
DELAY_NAMES = {172_800: "admin_delay_s", 86_400: "governor_delay_s", 0: "0"}
ADMIN_BY_NATURE = {"labelRole", "setRoleGuardian"}
"""Functions of the manager that need ADMIN without any entry."""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SuiteChain]:
    """One deployment for all tests here; they only read."""
    folder = tmp_path_factory.mktemp("suite")
    with running_anvil(folder / "anvil") as anvil:
        manifest = SuiteWorld(anvil.url, folder, delays=DELAYS).run().manifest
        found = suite_at(anvil.url, manifest).chain
        assert list(found.addresses) == NAMES
        yield found


def table(marker: str) -> list[list[str]]:
    """The rows between the markers, without the head and with backticks taken off."""
    found = re.search(rf"<!-- {marker} -->\n(.*?)<!-- /{marker} -->", TEXT.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    rows = [[cell.strip().replace("`", "") for cell in line.strip("|\n").split("|")] for line in found[1].splitlines()]
    return rows[2:]


def events(suite: SuiteChain, signature: str) -> list[Any]:
    query = {
        "address": suite.text_address("AccessManager"),
        "fromBlock": "0x0",
        "toBlock": "latest",
        "topics": ["0x" + keccak256(signature.encode()).hex()],
    }
    return list(suite.rpc.call("eth_getLogs", query))


def selector_of(item: Any) -> bytes:
    def kind(argument: Any) -> str:
        text = str(argument["type"])
        if not text.startswith("tuple"):
            return text
        return f"({','.join(map(kind, argument['components']))}){text[5:]}"

    return keccak256(f"{item['name']}({','.join(map(kind, item['inputs']))})".encode())[:4]


def functions_of(suite: SuiteChain) -> dict[tuple[str, int], list[str]]:
    """(contract, role) -> functions that have an entry in the manager, over every function of every ABI."""
    found: dict[tuple[str, int], list[str]] = {}
    for name in suite.addresses:
        for item in load_artifact(artifact_name(name)).abi:
            if item["type"] != "function":
                continue
            role = suite.ask("AccessManager", "getTargetFunctionRole", suite.text_address(name), selector_of(item))
            if role:
                found.setdefault((name, role), []).append(item["name"])
    return found


def test_role_matrix_members_delays_and_guardians_are_what_the_text_says(suite: SuiteChain) -> None:
    grants = {
        (int(log["topics"][1], 16), "0x" + log["topics"][2][-40:])
        for log in events(suite, "RoleGranted(uint64,address,uint32,uint48,bool)")
    }
    assert events(suite, "RoleRevoked(uint64,address)") == []
    names = {"0x" + where.hex(): name for name, where in suite.addresses.items()}
    labels = {int(row[1]): row[0] for row in table("role matrix")}
    derived = []
    for role, account in sorted(grants):
        is_member, delay_s = suite.ask(
            "AccessManager", "hasRole", role, to_checksum_address(bytes.fromhex(account[2:]))
        )
        assert is_member
        guardian = suite.ask("AccessManager", "getRoleGuardian", role)
        derived.append(
            [labels[role], str(role), names[account], DELAY_NAMES[delay_s], labels[guardian] if guardian else "-"]
        )
    assert [row[:5] for row in table("role matrix")] == derived
    deployer = to_checksum_address(suite.sender.address)
    assert all(suite.ask("AccessManager", "hasRole", role, deployer) == [False, 0] for role in labels)


def test_role_matrix_functions_are_what_the_text_says(suite: SuiteChain) -> None:
    found = functions_of(suite)
    derived = [[contract, str(role), ", ".join(sorted(names))] for (contract, role), names in sorted(found.items())]
    assert [[row[0], row[1], ", ".join(sorted(row[2].split(", ")))] for row in table("governed functions")] == derived
    entries = sum(map(len, found.values()))
    assert len(events(suite, "TargetFunctionRoleUpdated(address,bytes4,uint64)")) == entries


def test_role_matrix_restricted_functions_without_an_entry_are_admins(suite: SuiteChain) -> None:
    """Whatever a stranger is refused by the manager is in the table, or is the manager's own by nature."""
    governed = {(contract, name) for (contract, _), names in functions_of(suite).items() for name in names}
    source = (ROOT / "contracts").rglob("*.sol")
    restricted = {
        match
        for path in source
        for match in re.findall(r"function (\w+)\([^{;]*?\brestricted\b", path.read_text(encoding="utf-8"))
    }
    assert restricted == {name for contract, name in governed if contract != "AccessManager"}
    assert not ADMIN_BY_NATURE & {name for _, name in governed}


def calls_of(suite: SuiteChain, name: str) -> list[Any]:
    """Functions that change state, of the contract whose code is on the chain."""
    artifact = load_artifact(artifact_name(name))
    assert artifact.is_code_of(suite.sender.code(suite.addresses[name]))
    functions = [item for item in artifact.abi if item["type"] == "function"]
    return [item for item in functions if item["stateMutability"] not in {"view", "pure"}]


def takes_signature(parameter: Any) -> bool:
    """Whether a body's signature is in it."""
    kind = str(parameter.get("internalType", ""))
    return kind.startswith("struct PartySignature") or any(map(takes_signature, parameter.get("components", ())))


def test_role_matrix_calls_with_and_without_signatures_are_what_the_text_says(suite: SuiteChain) -> None:
    """No call of the suite is open to a privileged account: signed by bodies, open to anyone, or governed."""
    governed = {(contract, name) for (contract, _), names in functions_of(suite).items() for name in names}
    derived = []
    for plan in SUITE:
        calls = calls_of(suite, plan.name)
        signed = [item["name"] for item in calls if any(map(takes_signature, item["inputs"]))]
        is_managed = {item["name"]: (plan.name, item["name"]) in governed for item in calls}
        is_managed["setAuthority"] = True  # the manager's own, see below
        free = [name for name in is_managed if name not in signed and not is_managed[name]]
        derived.append([plan.name, ", ".join(sorted(signed)) or "-", ", ".join(sorted(free)) or "-"])
    assert table("calls") == derived
    assert all(item["stateMutability"] != "payable" for plan in SUITE for item in calls_of(suite, plan.name))


def nothing(parameter: Any) -> Any:
    """A value of all zeros."""
    kind = str(parameter["type"])
    if kind.endswith("[]"):
        return []
    if kind == "tuple":
        return tuple(map(nothing, parameter["components"]))
    if kind == "address":
        return "0x" + bytes(20).hex()
    if kind.startswith("bytes"):
        return bytes(int(kind.removeprefix("bytes") or 0))
    return False if kind == "bool" else 0


def test_role_matrix_governed_calls_are_refused_to_strangers(suite: SuiteChain) -> None:
    managed = {
        plan.name for plan in SUITE if any(item["name"] == "setAuthority" for item in calls_of(suite, plan.name))
    }
    governed = {(contract, name) for (contract, _), names in functions_of(suite).items() for name in names}
    assert managed == {contract for contract, _ in governed if contract != "AccessManager"}
    for contract in managed:
        assert suite.ask(contract, "authority") == suite.text_address("AccessManager")
    stranger = "0x" + b"\x0f".hex() * 20
    unauthorized = keccak256(b"AccessManagedUnauthorized(address)")[:4].hex()
    for contract, name in governed | {(contract, "setAuthority") for contract in managed}:
        if contract == "AccessManager":
            continue  # OpenZeppelin's own; who is in ADMIN is in the matrix
        [item] = [item for item in calls_of(suite, contract) if item["name"] == name]
        data = suite.encode(contract, name, *map(nothing, item["inputs"]))
        call = {"from": stranger, "to": suite.text_address(contract), "data": "0x" + data.hex()}
        with pytest.raises(RpcRejectedError, match=f"custom error 0x{unauthorized}"):
            suite.rpc.call("eth_call", call, "latest")
