"""Every write of every step of admission and of listing, failed in its turn: nothing of the step is left, or all of it.

The story is told once in each form; at every request all of its writes, its commit and its answer fail before they are done and after,
and the client repeats with the same idempotency key. Then the anchor service brings the call to the chain, and fails in the same way.
``support.killed_writes`` says what must hold after each failure.

The table names the writes. What a run really does is recorded, and the code is searched for further ones: a write that is not in the
table fails the tests at the end of this file.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.faults import ROOT
from support.killed_stories import tell_admission, tell_listing
from support.killed_writes import ANSWER, FORMS, WRITE_COMMIT, KilledService, killed_service

SQL = "ledger.adapters.sql."
STATEMENT = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)")
VERBS = ("insert", "update", "delete")

NOTHING = "nothing of the step: no object, no history, no event, no call, no kept answer"
TABLE = {
    "unit_of_work.SqlUnitOfWork.create: INSERT objects": NOTHING,
    "unit_of_work.SqlUnitOfWork._keep: INSERT object_history": NOTHING,
    "unit_of_work.SqlUnitOfWork.change: UPDATE objects": NOTHING,
    "sealed_parts.put: UPDATE objects": NOTHING,
    "unit_of_work.SqlUnitOfWork.call_chain: INSERT chain_calls": NOTHING,
    "unit_of_work.SqlUnitOfWork.set_deadline: INSERT deadlines": NOTHING
    + ", or an act that is mined and waits for its end",
    "unit_of_work.SqlUnitOfWork.meet_deadline: UPDATE deadlines": "the same",
    "outbox.add_all: UPDATE outbox_head": NOTHING,
    "outbox.add_all: INSERT outbox": NOTHING,
    "idempotency.keep_answer: INSERT idempotency_keys": NOTHING,
    "catalog_index.put_many: INSERT catalog_entries": "a catalog without the product, and a version that is being listed",
    "catalog_index._count: INSERT catalog_facet_counts": "the same",
    "catalog_index._append: INSERT catalog_changes": "the same",
    "catalog_index._append: UPDATE catalog_head": "the same",
    "chain_calls.carry: DELETE chain_call_attempts": "a call that is queued",
    "chain_calls.carry: UPDATE chain_calls": "a call that is queued",
    "chain_calls.set_state: UPDATE chain_calls": "a call that is where it was",
    WRITE_COMMIT: "before it nothing of the step, after it all of the step and the answer for whoever repeats it",
    ANSWER: "all of the step, and the answer for whoever repeats it",
    "commit anchor.call_rows.CallRows.stage": "a call that is queued, or one whose bytes were never sent",
    "commit anchor.call_rows.CallRows.mined": "a call in flight whose transaction is mined",
    "commit anchor.call_rows.CallRows.final": "a mined call and a step that waits, or both at their end",
}
"""Write -> what a failure right before it leaves. Further commits of the anchor service are in ``test_durable_calls``."""

ONLY = {
    "admission": {"sealed_parts.put: UPDATE objects"},
    "listing": {step for step in TABLE if step.startswith("catalog_index.")},
}
"""Writes that only one of the stories takes."""

ELSEWHERE = {
    "catalog_index.remove": "delisting: the same transaction as listing",
    "chain_calls.set_aside": "calls whose nonce is used elsewhere: test_durable_calls",
    "deadlines.set_breached": "breaches: test_durable_calls",
    "idempotency.forget_answers": "answers whose time is over: test_durable_calls",
    "outbox.record_conflicts": "the log: test_durable_steps",
    "outbox.drain": "the log: test_durable_steps",
    "log_store": "the log: test_durable_steps",
    "opening": "the log: test_durable_steps",
    "anchoring": "the log: test_durable_steps",
    "checkpoints": "the log: test_durable_steps",
    "search_index": "the log: test_durable_steps",
    "contract_events": "following the contracts: test_durable_steps",
    "contract_recording": "following the contracts: test_durable_steps",
    "leases": "who leads: test_durable_steps",
    "access_evidence": "evidence of refusals and reads, one transaction of its own",
    "calendar_records": "another calendar file: one transaction of its own",
    "request_sequences": "signed requests: one more row of the same transaction",
    "token_quotas": "usage tokens: one more row of the same transaction",
    "message_deliveries": "tries of messages: test_message_delivery; one that is lost is made again",
    "accounts": "accounts: one transaction each",
    "api_keys": "API keys: one transaction each",
    "catalog_checks": "regulators' checks: one transaction each",
}
"""Writes that neither story takes: function or module -> why."""


@pytest.fixture
def service(request: pytest.FixtureRequest, migrated_url: str, tmp_path: Path) -> Iterator[KilledService]:
    with killed_service(migrated_url, tmp_path, crash=request.param == "process ends") as service:
        yield service


@pytest.mark.parametrize("service", FORMS, indirect=True)
def test_admission_that_fails_at_every_write_is_done_once(service: KilledService) -> None:
    tell_admission(service)
    require_all_failed(service, "admission")


@pytest.mark.parametrize("service", FORMS, indirect=True)
def test_listing_that_fails_at_every_write_is_done_once(service: KilledService) -> None:
    tell_listing(service)
    require_all_failed(service, "listing")


def require_all_failed(service: KilledService, story: str) -> None:
    """The writes that failed are those of the table, but for those of the other story."""
    others = {step for name, steps in ONLY.items() for step in steps if name != story}
    assert {step.removeprefix(SQL) for step in service.explorer.failed} == TABLE.keys() - others


def test_table_names_every_write_in_the_code() -> None:
    named = {step for step in TABLE if ": " in step}
    found = {write for path in (ROOT / "ledger/adapters/sql").glob("*.py") for write in writes_in(path)}
    left = {write for write in found - named if not is_elsewhere(write.partition(":")[0])}
    assert left == set(), "writes that no case reaches"
    assert named <= found, "cases of writes that are gone"


def is_elsewhere(function: str) -> bool:
    return function in ELSEWHERE or function.partition(".")[0] in ELSEWHERE


def writes_in(path: Path) -> Iterator[str]:
    """Statements that write rows, as ``module.Class.function: verb table``."""
    tree = ast.parse(path.read_text())
    constants = {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name):
            constants[target.id] = list(statements_of(node, {}))
    for names, function in functions_of(tree, ()):
        for statement in statements_of(function, constants):
            yield f"{'.'.join([path.stem, *names])}: {statement}"


def statements_of(node: ast.AST, constants: dict[str, list[str]]) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and (found := STATEMENT.match(part.value)):
            yield f"{found[1].split()[0]} {found[2]}"
        elif isinstance(part, ast.Name):
            yield from constants.get(part.id, [])
        elif isinstance(part, ast.Call):
            called = part.func
            if isinstance(called, ast.Name) and called.id in VERBS and isinstance(part.args[0], ast.Name):
                yield f"{called.id.upper()} {part.args[0].id}"
            elif isinstance(called, ast.Attribute) and called.attr in VERBS and not part.args:
                yield f"{called.attr.upper()} {ast.unparse(called.value)}"


def functions_of(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from functions_of(child, (*names, child.name))
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (*names, child.name), child
