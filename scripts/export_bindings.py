"""Writes the Python of the contracts' interfaces, from Hardhat's build output.

``ledger/adapters/chain/bindings/<contract>.py`` has, for each contract of the suite: enums, structs, events and errors as frozen
dataclasses, an encoder for every function and a decoder for what it answers. What several contracts use stands in ``shared.py``. The
files are deterministic and committed. This module is one translation, to be read whole.

Usage: ``npm run build && python scripts/export_bindings.py [--check]``; ``--check`` writes nothing and fails on any difference.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ledger.log.typed_data import keccak256  # noqa: E402  from this checkout, wherever another one is installed

BUILD = ROOT / "build" / "artifacts"
BINDINGS = ROOT / "ledger" / "adapters" / "chain" / "bindings"
CONTRACTS = (
    "DeliveryReceipts",
    "DigitalContractRegistry",
    "Directory",
    "Disputes",
    "DistributionTables",
    "Orders",
    "ParticipantRegistry",
    "Payouts",
    "ProductRegistry",
    "RevenueSettlement",
    "SettlementRules",
)
LIBRARIES = ("AgreementTypedData", "LargestRemainder", "PackedAmounts", "SplitVector")
"""Libraries whose errors a contract passes on."""

SHARED_EVENTS = ("PartySigned", "AuthorityUpdated")
"""The same of every contract that logs them."""

PLAIN = {"address": "bytes", "bool": "bool", "bytes": "bytes", "string": "str"}
KEYWORDS = {"from": "from_", "in": "in_", "is": "is_", "class": "class_"}


@dataclass
class Module:
    """One file in the making: definitions by name, and the names it takes from ``shared``."""

    contract: str | None
    definitions: dict[str, str] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    events: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)


def snake(name: str) -> str:
    """``streamId`` -> ``stream_id``."""
    found = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return KEYWORDS.get(found, found)


def abi_type(part: dict[str, Any]) -> str:
    """The ABI type in full, tuples spelled out."""
    kind: str = part["type"]
    if kind.startswith("tuple"):
        return "(" + ",".join(abi_type(item) for item in part["components"]) + ")" + kind[5:]
    return kind


def signature(item: dict[str, Any]) -> str:
    """``name(type,type)``, whose hash names function, event or error."""
    return f"{item['name']}({','.join(abi_type(part) for part in item['inputs'])})"


def load(path: Path) -> Any:
    """A file of the build."""
    if not path.exists():
        raise SystemExit(f"{path.relative_to(ROOT)} is not there: run `npm run build` first")
    return json.loads(path.read_bytes())


def interface(name: str) -> dict[str, Any]:
    """The artifact of an interface."""
    artifact: dict[str, Any] = load(BUILD / "contracts" / "interfaces" / f"{name}.sol" / f"{name}.json")
    return artifact


def inherited_events(contract: str, named: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events that a contract logs for a base contract, beside those that its interface names."""
    events = {item["name"] for item in named if item["type"] == "event"}
    abi = load(BUILD / "contracts" / f"{contract}.sol" / f"{contract}.json")["abi"]
    return [item for item in abi if item["type"] == "event" and item["name"] not in events]


@cache
def enums_of(build_info_id: str) -> dict[str, list[str]]:
    """Every enum of one compilation: canonical name -> members in order."""
    sources = load(BUILD / "build-info" / f"{build_info_id}.output.json")["output"]["sources"]
    found: dict[str, list[str]] = {}

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            if node.get("nodeType") == "EnumDefinition":
                found[node["canonicalName"]] = [member["name"] for member in node["members"]]
            walk(node.get("nodes", []))

    for source in sources.values():
        walk(source["ast"])
    return found


class Writer:
    """Collects what the interfaces name, each thing in the module it belongs to."""

    def __init__(self) -> None:
        self.shared = Module(None)
        self.modules = {name: Module(name) for name in CONTRACTS}

    def add(self, contract: str) -> None:
        """One contract's interface."""
        artifact, module = interface(f"I{contract}"), self.modules[contract]
        enums = enums_of(artifact["buildInfoId"])
        library_errors = [
            item
            for name in LIBRARIES
            for item in load(BUILD / "contracts" / "libraries" / f"{name}.sol" / f"{name}.json")["abi"]
            if item["type"] == "error"
        ]
        for item in [*artifact["abi"], *library_errors, *inherited_events(contract, artifact["abi"])]:
            if item["type"] == "event":
                self._event(module, item, enums)
            elif item["type"] == "error":
                self._error(module, item, enums)
            elif item["type"] == "function":
                self._function(module, item, enums)

    def _place(self, module: Module, internal: str) -> tuple[Module, str]:
        """Where a struct or enum is written, and under which name."""
        owner, _, name = internal.partition(" ")[2].removesuffix("[]").rpartition(".")
        if owner == f"I{module.contract}":
            return module, name
        if module.contract is not None:
            module.shared.add(name)
        return self.shared, name

    def _part(self, module: Module, part: dict[str, Any], enums: dict[str, list[str]]) -> str | None:
        """Name of the class of a parameter, which is written when it is new."""
        internal = part.get("internalType", "")
        if internal.startswith("enum "):
            home, name = self._place(module, internal)
            members = enums[internal.removeprefix("enum ").removesuffix("[]")]
            lines = [f"    {member} = {number}" for number, member in enumerate(members)]
            self._define(home, name, [f"class {name}(IntEnum):", f'    """Enum ``{name}``."""', "", *lines])
            return name
        if part["type"].startswith("tuple"):
            home, name = self._place(module, internal)
            for item in part["components"]:
                self._part(home, item, enums)
            self._define(home, name, self._class(home, name, "AbiStruct", parts=part["components"], extra=[]))
            return name
        return None

    def _define(self, module: Module, name: str, lines: list[str]) -> None:
        text = "\n".join(lines)
        if module.definitions.setdefault(name, text) != text:
            raise SystemExit(f"two different things are called {name} in {module.contract or 'shared'}")

    def _class(
        self, module: Module, name: str, base: str, *, parts: list[dict[str, Any]], extra: list[str]
    ) -> list[str]:
        kind = {"AbiStruct": "Struct", "AbiEvent": "Event", "AbiRevert": "Error"}[base]
        names = [snake(part["name"]) or f"value_{number}" for number, part in enumerate(parts)]
        members = [f"    {label}: {self._python(module, part)}" for label, part in zip(names, parts, strict=True)]
        described = ", ".join(self._field(module, part) for part in parts) + ("," if parts else "")
        return [
            "@dataclass(frozen=True, slots=True)",
            f"class {name}({base}):",
            f'    """{kind} ``{name}``."""',
            "",
            f"    FIELDS: ClassVar[tuple[Field, ...]] = ({described})",
            *extra,
            *members,
        ]

    def _field(self, module: Module, part: dict[str, Any]) -> str:
        name = self._class_name(module, part)
        return f'Field("{abi_type(part)}"' + (f", {name})" if name else ")")

    def _class_name(self, module: Module, part: dict[str, Any]) -> str | None:
        internal = part.get("internalType", "")
        if internal.startswith("enum ") or part["type"].startswith("tuple"):
            return self._place(module, internal)[1]
        return None

    def _python(self, module: Module, part: dict[str, Any]) -> str:
        kind = part["type"]
        plain = kind.removesuffix("[]")
        one = self._class_name(module, part) or PLAIN.get(plain) or ("bytes" if plain.startswith("bytes") else "int")
        return f"tuple[{one}, ...]" if kind.endswith("[]") else one

    def _event(self, module: Module, item: dict[str, Any], enums: dict[str, list[str]]) -> None:
        for part in item["inputs"]:
            self._part(module, part, enums)
        indexed = ", ".join(str(part["indexed"]) for part in item["inputs"])
        extra = [
            f'    TOPIC: ClassVar[bytes] = bytes.fromhex("{keccak256(signature(item).encode()).hex()}")',
            f"    INDEXED: ClassVar[tuple[bool, ...]] = ({indexed},)",
        ]
        home = module
        if item["name"] in SHARED_EVENTS:
            home = self.shared
            module.shared.add(item["name"])
        self._define(home, item["name"], self._class(home, item["name"], "AbiEvent", parts=item["inputs"], extra=extra))
        module.events.append(item["name"])

    def _error(self, module: Module, item: dict[str, Any], enums: dict[str, list[str]]) -> None:
        for part in item["inputs"]:
            self._part(module, part, enums)
        name = item["name"]
        is_own = name.startswith(str(module.contract))
        home = module if is_own else self.shared
        if not is_own:
            module.shared.add(name)
        selector = keccak256(signature(item).encode())[:4].hex()
        extra = [f'    SELECTOR: ClassVar[bytes] = bytes.fromhex("{selector}")']
        self._define(home, name, self._class(home, name, "AbiRevert", parts=item["inputs"], extra=extra))
        module.errors.append(name)

    def _function(self, module: Module, item: dict[str, Any], enums: dict[str, list[str]]) -> None:
        for part in [*item["inputs"], *item["outputs"]]:
            self._part(module, part, enums)
        name, inputs, outputs = snake(item["name"]), item["inputs"], item["outputs"]
        labels = [snake(part["name"]) for part in inputs]
        typed = ", ".join(f"{label}: {self._python(module, part)}" for label, part in zip(labels, inputs, strict=True))
        described = ", ".join(self._field(module, part) for part in inputs) + ("," if inputs else "")
        selector = keccak256(signature(item).encode())[:4].hex()
        values = ", ".join(labels) + ("," if labels else "")
        lines = [
            f"def encode_{name}({'*, ' if inputs else ''}{typed}) -> bytes:",
            f'    """Call data of ``{item["name"]}``."""',
            f'    return encode_call(bytes.fromhex("{selector}"), ({described}), ({values}))',
        ]
        if outputs:
            kinds = [self._python(module, part) for part in outputs]
            answer = kinds[0] if len(kinds) == 1 else f"tuple[{', '.join(kinds)}]"
            fields = ", ".join(self._field(module, part) for part in outputs) + ","
            got = f"decode_answer(({fields}), answer)"
            names = ", ".join(snake(part["name"]) for part in outputs)
            said = f": {names}." if len(kinds) > 1 else "."
            lines += [
                "",
                "",
                f"def decode_{name}(answer: bytes) -> {answer}:",
                f'    """What ``{item["name"]}`` answers{said}"""',
                f"    result: {answer} = {got}{'[0]' if len(kinds) == 1 else ''}",
                "    return result",
            ]
        module.functions.append("\n".join(lines))

    def render(self, module: Module) -> str:
        """The file's text, before formatting."""
        body = "\n\n\n".join([*module.definitions.values(), *module.functions])
        runtime = [name for name in ("AbiRevert", "AbiEvent", "AbiStruct", "Field") if re.search(rf"\b{name}\b", body)]
        runtime += [name for name in ("decode_answer", "encode_call") if f"{name}(" in body]
        title = f"The interface of ``{module.contract}``, as long as that is and to be read whole"
        title = title if module.contract else "What several contracts use, to be read whole"
        lines = [f'"""{title}. Written by ``scripts/export_bindings.py``; do not edit."""', ""]
        lines += ["from dataclasses import dataclass"] if "@dataclass" in body else []
        lines += ["from enum import IntEnum"] if "(IntEnum)" in body else []
        lines += ["from typing import ClassVar, Final" if module.contract else "from typing import ClassVar", ""]
        if module.contract:
            runtime = sorted({*runtime, "AbiRevert", "AbiEvent"})
        lines += [f"from ledger.adapters.chain.abi import {', '.join(runtime)}"]
        used = sorted(
            name
            for name in module.shared
            if name in {*module.events, *module.errors} or re.search(rf"\b{name}\b", body)
        )
        if used:
            lines += [f"from ledger.adapters.chain.bindings.shared import {', '.join(used)}"]
        lines += ["", body]
        if module.contract:
            events = ", ".join(module.events) + ","
            lines += ["", "", f"EVENTS: Final[tuple[type[AbiEvent], ...]] = ({events})"]
            errors = ", ".join(module.errors) + ","
            lines += [f"ERRORS: Final[tuple[type[AbiRevert], ...]] = ({errors})"]
        return "\n".join(lines) + "\n"


def formatted(name: str, text: str) -> bytes:
    """As the repository's formatter writes it, so that the committed file is the generated one."""
    ruff = [sys.executable, "-m", "ruff"]
    where = ["--stdin-filename", str(BINDINGS / f"{name}.py"), "-"]
    sorted_ = subprocess.run(
        [*ruff, "check", "--fix", "--quiet", "--select", "I", *where],
        input=text.encode(),
        capture_output=True,
        check=True,
    ).stdout
    return subprocess.run([*ruff, "format", "--quiet", *where], input=sorted_, capture_output=True, check=True).stdout


def build() -> dict[str, bytes]:
    """Every generated file by name."""
    writer = Writer()
    for contract in CONTRACTS:
        writer.add(contract)
    files = {
        "__init__.py": b'"""The contracts\' interfaces in Python, generated from what the compiler says of them."""\n'
    }
    for module in [writer.shared, *writer.modules.values()]:
        name = "shared" if module.contract is None else snake(module.contract)
        files[f"{name}.py"] = formatted(name, writer.render(module))
    return files


def main() -> int:
    """Writes or checks all bindings; the exit code is the answer."""
    check = "--check" in sys.argv[1:]
    files = build()
    present = {path.name for path in BINDINGS.glob("*.py")} if BINDINGS.exists() else set()
    drifted = sorted(present - set(files))
    for name, data in files.items():
        path = BINDINGS / name
        if path.exists() and path.read_bytes() == data:
            continue
        drifted.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    if not check:
        for name in present - set(files):
            (BINDINGS / name).unlink()
    if check and drifted:
        print("differ from the contracts:", *drifted, "(run scripts/export_bindings.py)", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
