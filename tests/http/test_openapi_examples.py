"""Every request body and every answer in the OpenAPI document has an example; each fits its schema, and is what the service answers."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from support.anchor_rig import running_anvil
from support.api_examples import record
from support.embedded import DatabaseFactory
from support.openapi_document import kept_document

from api.openapi import EXAMPLES
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.bundle.verifier import Outcome, verify_proof
from ledger.log.canonical import encode_jcs

DOCUMENT = kept_document()
SECURED = {"400", "401"}
EXACT = {"status", "limit"}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def contents(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Where it stands -> schema and examples, of everything that is sent or answered."""
    for name, operation in operations(document):
        for media_type, media in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name} {media_type}", media
        for status, response in operation["responses"].items():
            for media_type, media in resolved(document, response)["content"].items():
                yield f"{name} {status} {media_type}", media


def resolved(document: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    reference = response.get("$ref")
    if reference is None:
        return response
    found: dict[str, Any] = document["components"]["responses"][reference.rpartition("/")[2]]
    return found


def without_example(document: dict[str, Any]) -> list[str]:
    return [where for where, media in contents(document) if not media.get("examples")]


def not_fitting(document: dict[str, Any]) -> list[str]:
    """The examples that their schema refuses."""
    found = []
    for where, media in contents(document):
        validator = jsonschema_rs.Draft202012Validator(media["schema"] | {"components": document["components"]})
        for name, example in media["examples"].items():
            found += [f"{where} {name}: {error.message}" for error in validator.iter_errors(example["value"])]
    return found


def test_every_request_body_and_every_answer_has_an_example() -> None:
    assert without_example(DOCUMENT) == []
    for name, operation in operations(DOCUMENT):
        answers = operation["responses"]
        assert [status for status in answers if status.startswith("2")], name
        assert ("security" not in operation) or set(answers) >= SECURED, name
    assert all(example["summary"] for _, media in contents(DOCUMENT) for example in media["examples"].values())


def test_every_example_fits_its_schema() -> None:
    assert not_fitting(DOCUMENT) == []


def test_missing_and_wrong_examples_are_found() -> None:
    """The two tests above can fail."""
    changed = copy.deepcopy(DOCUMENT)
    kept = [(media, media.pop("examples")) for _, media in contents(changed) if "examples" in media]
    assert without_example(changed) == [where for where, _ in contents(changed)]
    for media, examples in kept:
        media["examples"] = examples
    places = dict(contents(changed))
    changed["paths"] = {
        path: changed["paths"][path] for path in ("/v1/events", "/v1/events/proof")
    }  # no other is changed
    places["GET /v1/events 200 application/json"]["examples"]["final"]["value"]["result"].pop("state")
    places["POST /v1/events application/cloudevents+json"]["examples"]["structured"]["value"]["specversion"] = "0.3"
    places["GET /v1/events/proof 200 application/json"]["examples"]["whole"]["value"]["anchor"]["root_hash"] = "0x"
    assert len(not_fitting(changed)) == 3


@pytest.fixture(scope="module")
def answered(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    factory = DatabaseFactory(postgres_server)
    folder = tmp_path_factory.mktemp("examples")
    with running_anvil(folder / "anvil") as anvil:
        yield record(factory(template=migrated_template), folder / "service", anvil)
    factory.close()


def shape(value: Any) -> Any:
    """What two recordings have in common: members, types, words; not times, hashes, signatures and counts."""
    if isinstance(value, dict):
        return {key: member if key in EXACT else shape(member) for key, member in value.items()}
    if isinstance(value, list):
        return [shape(member) for member in value]
    if isinstance(value, str):
        value = re.sub(r"[\w-]{40,}(\.[\w-]{80,}){2}", "~", value)  # a token's text
        value = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "~", value)  # a name that is made of a digest
        words = re.sub(r"[A-Za-z0-9+/=]{21,}\*?|\b[0-9a-f]{16}\b", "~", value)
        return re.sub(r"\d+(\.\d+)?", "#", re.sub(r"~[\s~—+/=A-Za-z0-9]*~", "~", words))
    return type(value).__name__


def test_examples_are_what_a_running_service_answers(answered: dict[str, Any]) -> None:
    kept = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    now = json.loads(json.dumps(answered))
    names = [
        {
            line.partition("{")[0]
            for line in recorded.pop("GET /metrics")["responses"]["200"]["text/plain"]["excerpt"]["value"].splitlines()
        }
        for recorded in (kept, now)
    ]  # other tests of this process have counted too
    assert names[0] == names[1]
    assert set(kept) == set(now), "run scripts/record_examples.py and scripts/export_openapi.py"
    for operation, exchanges in kept.items():
        assert shape(exchanges) == shape(now[operation]), operation


def test_proofs_among_the_examples_verify_as_canonical_json() -> None:
    examples = dict(contents(DOCUMENT))
    proofs = {**examples["GET /v1/events/proof 200 application/json"]["examples"]}
    proofs |= examples["POST /v1/verify application/json"]["examples"]
    assert set(proofs) == {"whole", "redacted", "proof_file"}
    for name, proof in proofs.items():
        report = verify_proof(encode_jcs(proof["value"]), None)
        assert Outcome.FAILED not in {step.outcome for step in report.steps}, (name, report)
