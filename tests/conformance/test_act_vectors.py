"""Signed acts: the vectors hold, an independent EIP-712 agrees, and type strings and numbers are those of the contracts."""

import json
import re
import subprocess
import sys
from dataclasses import is_dataclass
from enum import IntEnum, IntFlag
from importlib import import_module
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from eth_account.messages import encode_typed_data
from eth_utils import keccak
from support.formats import VECTORS

from ledger.domain import typed_acts
from ledger.domain.acts import kinds
from ledger.domain.typed_acts import Act, Domain, Struct, Tail
from ledger.log.sm3 import sm3
from ledger.log.typed_data import parse_checksum_address, recover_address

ROOT = VECTORS.parents[1]
INTERFACES = sorted((ROOT / "contracts" / "interfaces").glob("*.sol"))
FILES = [json.loads(path.read_text()) for path in sorted((VECTORS / "acts").glob("[A-Z]*.json"))]
CASES = [pytest.param(file, case, id=f"{file['contract']} {case['name']}") for file in FILES for case in file["acts"]]
CLASSES: dict[str, type[Act]] = {
    name: item
    for file in FILES
    for name, item in vars(
        import_module(f"ledger.domain.acts.{re.sub('(?<=[a-z])(?=[A-Z])', '_', file['contract']).lower()}")
    ).items()
    if isinstance(item, type) and issubclass(item, Act) and is_dataclass(item)
}
ENUMS = {
    "Part": kinds.Part,
    "Component": kinds.Component,
    "BasisKind": kinds.BasisKind,
    "PayBasis": kinds.PayBasis,
    "ProductAct": kinds.ProductActKind,
    "OrderKind": kinds.OrderKind,
    "OrderStatus": kinds.OrderStatus,
    "Subject": kinds.DisputeSubject,
    "PayoutStatus": kinds.PayoutStatus,
}


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def value_of(hint: Any, value: Any) -> Any:
    """A field of the file as the dataclass takes it."""
    if get_origin(hint) is tuple:
        return tuple(value_of(get_args(hint)[0], item) for item in value)
    if get_origin(hint) is not Annotated:
        return struct_of(hint, value)
    base = get_args(hint)[0]
    if isinstance(value, bool):
        return value
    return unhex(value) if base is bytes else base(int(value))


def struct_of(struct: type[Struct], values: dict[str, Any]) -> Any:
    hints = get_type_hints(struct, include_extras=True)
    names = typed_acts.field_names(struct)
    assert list(values) == list(names.values())
    return struct(**{name: value_of(hints[name], values[solidity]) for name, solidity in names.items()})


def domain_of(file: dict[str, Any]) -> Domain:
    stated = file["domain"]
    address = parse_checksum_address(stated["verifyingContract"])
    return Domain(file["contract"], int(stated["chainId"]), address)


def tail_of(case: dict[str, Any]) -> Tail:
    return Tail(unhex(case["signer"]), int(case["deadline"]), unhex(case["sm2SignatureDigest"]))


def plain(value: Any) -> Any:
    """A field of the file as eth_account takes it."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value.startswith("0x"):
        return value
    return int(value)


def types_of(type_string: str) -> dict[str, list[dict[str, str]]]:
    """The EIP-712 type string taken apart, without the code under test."""
    found = re.findall(r"(\w+)\(([^)]*)\)", type_string)
    parted = {name: [field.rsplit(" ", 1) for field in members.split(",")] for name, members in found}
    return {name: [{"type": type_, "name": field} for type_, field in fields] for name, fields in parted.items()}


def test_vectors_are_what_the_generator_makes() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "act_vectors.py"), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_act_has_vectors() -> None:
    assert len(CLASSES) == 46
    assert {case["primaryType"] for file in FILES for case in file["acts"]} == set(CLASSES)


@pytest.mark.parametrize(("file", "case"), CASES)
def test_act_is_encoded_hashed_and_signed_as_stated(file: dict[str, Any], case: dict[str, Any]) -> None:
    struct = CLASSES[case["primaryType"]]
    act, tail, domain = struct_of(struct, case["fields"]), tail_of(case), domain_of(file)
    assert typed_acts.type_string(struct) == case["type"]
    assert domain.separator == unhex(file["domainSeparator"])
    assert typed_acts.encode_head(act) == unhex(case["head"])
    assert typed_acts.act_struct_hash(act, tail) == unhex(case["structHash"])
    digest = typed_acts.act_signing_digest(act, tail, domain)
    assert digest == unhex(case["digest"])
    assert typed_acts.act_sm2_message(act, tail, domain) == unhex(case["sm2Message"])
    assert recover_address(digest, unhex(case["signature"])) == parse_checksum_address(case["key"])
    if "componentsHash" in case:
        assert act.components_hash == unhex(case["componentsHash"])


@pytest.mark.parametrize(("file", "case"), CASES)
def test_independent_typed_data_gives_the_same_digest(file: dict[str, Any], case: dict[str, Any]) -> None:
    tail = {"signer": case["signer"], "sm2SignatureDigest": case["sm2SignatureDigest"], "deadline": case["deadline"]}
    domain = {**file["domain"], "chainId": int(file["domain"]["chainId"])}
    domain_types = types_of("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    document = {
        "types": {**types_of(case["type"]), **domain_types},
        "primaryType": case["primaryType"],
        "domain": domain,
        "message": plain({**case["fields"], **tail}),
    }
    message = encode_typed_data(full_message=document)
    assert message.header == unhex(file["domainSeparator"])
    assert message.body == unhex(case["structHash"])
    assert keccak(b"\x19\x01" + message.header + message.body) == unhex(case["digest"])


def test_types_are_those_of_the_interfaces() -> None:
    """Every type that an interface spells out in its comments is an act here, field for field, and no act is missing."""
    stated = {}
    for path in INTERFACES:
        comments = re.sub(r"\n\s*///\s*", " ", path.read_text())
        for name, fields in re.findall(r"`(\w+)\(((?:\w+(?:\[\])? \w+, ?)+)`", comments):
            stated[name] = f"{name}({fields.replace(', ', ',')}"
    ours = {name: typed_acts.type_string(struct).partition("bytes32 signer,")[0] for name, struct in CLASSES.items()}
    assert ours == stated


@pytest.mark.parametrize("name", ENUMS)
def test_enumeration_is_that_of_the_contracts(name: str) -> None:
    sources = [path.read_text() for path in [*INTERFACES, ROOT / "contracts" / "types" / "Terms.sol"]]
    found = [match for source in sources for match in re.findall(rf"\benum {name} {{([^}}]*)}}", source)]
    assert len(found) == 1
    members = re.findall(r"\w+", found[0])
    ours: type[IntEnum] = ENUMS[name]
    assert [(item.name, item.value) for item in ours] == [(member, i) for i, member in enumerate(members)]


@pytest.mark.parametrize(("file", "flags"), [("BodyRoles", kinds.BodyRole), ("KeyPurposes", kinds.KeyPurpose)])
def test_bits_are_those_of_the_contracts(file: str, flags: type[IntFlag]) -> None:
    source = (ROOT / "contracts" / "types" / f"{file}.sol").read_text()
    stated = dict(re.findall(r"constant (\w+) = ([0-9]+(?: << [0-9]+)?);", source))
    values = {}
    for name, text in stated.items():
        base, _, shift = text.partition(" << ")
        values[name] = int(base) << int(shift or 0)
    assert values == {flag.name: flag.value for flag in flags}


def test_sm2_signature_digest_is_sm3_over_domain_key_and_signature() -> None:
    stated = json.loads((VECTORS / "acts" / "sm2.json").read_text())
    public_key, signature = unhex(stated["publicKey"]), unhex(stated["signature"])
    digest = typed_acts.sm2_signature_digest(public_key, signature)
    assert digest == unhex(stated["digest"])
    assert digest == sm3(b"cityledger/v1/sm2-signature\n" + public_key + signature)
