"""Rule files: which body kind and which stream tags an event type has (FORMATS.md section 3).

A rule file is frozen with its version; its digest stands in the log's first entry, so ``rules/<version>.json`` is never
edited, only followed by another version. Pointers (RFC 6901) are into ``E``; a pointer that finds no string gives no tag.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final, NamedTuple

from ledger.errors import MisuseError
from ledger.log.body import BODY_KINDS
from ledger.log.canonical import JsonValue
from ledger.log.event import Event
from ledger.log.strict import parse_canonical, read_list, read_object, read_string
from ledger.log.tags import KINDS, TagKeys

SUBMITTER_KIND: Final = "submitter"
LATEST_VERSION: Final = 1


class TypeRule(NamedTuple):
    """The rule of one event type: body kind, and (kind, pointer as tokens) for every tag."""

    body_kind: str
    tags: tuple[tuple[str, tuple[str, ...]], ...]


class Rules(NamedTuple):
    """One version of the rules; ``digest`` is the SHA-256 of the rule file's bytes."""

    version: int
    digest: bytes
    types: dict[str, TypeRule]
    default: TypeRule

    def apply(self, event: Event, submitter: str) -> tuple[str, list[tuple[str, str]]]:
        """The body kind of the event and its (kind, value) pairs; the submitter's is always among them."""
        rule = self.types.get(event.type, self.default)
        values = [(SUBMITTER_KIND, submitter)]
        for kind, tokens in rule.tags:
            value = _find(event.value, tokens)
            if isinstance(value, str):
                values.append((kind, value))
        return rule.body_kind, values

    def tags(self, event: Event, submitter: str, keys: TagKeys) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The body kind and the envelope's tags: sorted unique pairs (kind, hex tag)."""
        body_kind, values = self.apply(event, submitter)
        return body_kind, tuple(sorted({(kind, keys.tag(kind, value)) for kind, value in values}))


@cache
def load_rules(version: int = LATEST_VERSION) -> Rules:
    """The rule file of a version, which is part of this package."""
    if not 1 <= version <= LATEST_VERSION:
        raise MisuseError(f"no rule version {version}")
    return parse_rules(files("ledger.log").joinpath("rules", f"{version}.json").read_bytes())


def parse_rules(raw: bytes) -> Rules:
    """The rules in a rule file, which must be JCS.

    Raises:
        VerificationError: malformed or not canonical.
    """
    members = read_object(parse_canonical(raw, "rule file"), ("default", "types", "version"), "the rule file")
    if not isinstance(members["types"], dict) or type(members["version"]) is not int:
        raise MisuseError("a rule file has an object of types and an integer version")
    types = {name: _read_rule(rule, name) for name, rule in members["types"].items()}
    return Rules(members["version"], sha256(raw).digest(), types, _read_rule(members["default"], "default"))


def _read_rule(value: Any, where: str) -> TypeRule:
    members = read_object(value, ("body_kind", "tags"), f"the rule of {where}")
    if members["body_kind"] not in BODY_KINDS:
        raise MisuseError(f"the rule of {where} has an unknown body kind")
    tags = []
    for kind, pointer in read_list(members["tags"], f"the tags of {where}"):
        if kind not in KINDS:
            raise MisuseError(f"the rule of {where} has an unknown tag kind")
        tokens = read_string(pointer, f"a pointer of {where}").split("/")[1:]
        tags.append((kind, tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens)))
    return TypeRule(members["body_kind"], tuple(tags))


def _find(value: JsonValue, tokens: tuple[str, ...]) -> JsonValue:
    """What a pointer finds among object members; arrays are not entered, because their order is no name."""
    for token in tokens:
        if not isinstance(value, dict) or token not in value:
            return None
        value = value[token]
    return value
