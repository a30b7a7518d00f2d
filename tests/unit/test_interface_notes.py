"""Every change of the HTTP interface comes with a release note: the newest line of ``api/CHANGES.md`` names the document as it is."""

import hashlib
import json
import re
from typing import Any

import pytest
from support.repository import ROOT

DOCUMENT = ROOT / "api" / "openapi.json"
NOTES = ROOT / "api" / "CHANGES.md"
_LINE = re.compile(r"^\| `([0-9a-f]{16})` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEXTS = ("summary", "description", "title")
EXAMPLES = ("example", "examples")


def interface_of(value: Any) -> Any:
    """A document without what does not bind: texts and examples."""
    if isinstance(value, dict):
        return {
            name: interface_of(member)
            for name, member in value.items()
            if not (name in TEXTS and isinstance(member, str)) and name not in EXAMPLES
        }
    return [interface_of(one) for one in value] if isinstance(value, list) else value


def name_of(document: Any) -> str:
    text = json.dumps(interface_of(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_newest_note_is_about_the_interface_as_it_is() -> None:
    notes = _LINE.findall(NOTES.read_text(encoding="utf-8"))
    name = name_of(json.loads(DOCUMENT.read_text(encoding="utf-8")))

    assert notes[0][0] == name, f"say in a first line of api/CHANGES.md what changed: | `{name}` | ... | ... |"
    assert len({each for each, _, _ in notes}) == len(notes)
    assert all(len(change.strip()) >= 20 and todo.strip() for _, change, todo in notes)


SMALL: dict[str, Any] = {
    "info": {"title": "x", "version": "1"},
    "paths": {
        "/a": {"get": {"summary": "x", "parameters": [{"name": "q"}], "responses": {"200": {"description": "x"}}}}
    },
    "components": {"schemas": {"A": {"properties": {"title": {"type": "string"}}, "example": {"title": "x"}}}},
}


@pytest.mark.parametrize(
    ("old", "new", "is_change"),
    [
        ('"name": "q"', '"name": "p"', True),
        ('"200"', '"201"', True),
        ('{"type": "string"}', '{"type": "integer"}', True),
        ('"properties": {"title"', '"properties": {"name"', True),
        ('"version": "1"', '"version": "2"', True),
        ('"summary": "x"', '"summary": "y"', False),
        ('"example": {"title": "x"}', '"example": {"title": "y"}', False),
    ],
)
def test_name_changes_with_whatever_binds_and_with_nothing_else(old: str, new: str, is_change: bool) -> None:
    text = json.dumps(SMALL)
    assert old in text

    assert (name_of(json.loads(text.replace(old, new))) != name_of(SMALL)) == is_change
