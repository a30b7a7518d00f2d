"""Every durable step of append, publishing, anchoring and following, failed in pairs: not applied, and applied but reported failed.

``crash``: the process dies there; a new one compares the stores and goes on by the normal path. ``failure``: the real error comes
back (a broken connection, a full disk, a node that does not answer) and the process goes on. After each the whole story is told
again and everything must be whole: see ``support.crash_world.check_whole``.

The table names the steps. What a run really does is recorded, and the code is searched for further ones: a durable step that is not
in the table fails the tests at the end of this file.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.crash_world import World, check_whole, crash_at
from support.embedded import DatabaseFactory
from support.faults import ROOT, Fault, FileSteps

from anchor.history import ChainConflictError
from ledger.adapters.chain.evidence_log import ChainHead
from ledger.adapters.embedded.postgres import EmbeddedPostgres
from ledger.adapters.sql import anchoring
from ledger.errors import UnavailableError


@dataclass(frozen=True)
class Row:
    """One durable step: its name, how often the first story of a log takes it, and what a crash right there leaves.

    ``in_new_log``: it happens in a new log only, or what it leaves matters there.
    ``in_wide_log``: the log is new, and its first tile becomes full.
    """

    step: str
    times: int
    leaves: str
    in_new_log: bool = False
    in_wide_log: bool = False


OPENING_AND_APPEND = (
    Row("mkdir keyring month", 1, "no keyring folder; made by the next process", in_new_log=True),
    Row("write keyring month", 1, "half a temporary file that nobody reads", in_new_log=True),
    Row("fsync keyring month", 1, "a torn temporary file that nobody reads", in_new_log=True),
    Row("link keyring month", 1, "no month, or the whole month, before its first key is used", in_new_log=True),
    Row("unlink keyring month", 1, "a temporary file beside the month", in_new_log=True),
    Row(
        "fsync folder of keyring month",
        1,
        "the month, perhaps not durable; nothing is sealed under it yet",
        in_new_log=True,
    ),
    Row("commit ledger.adapters.sql.opening.open_shard", 1, "no log, or the whole log with entry 0", in_new_log=True),
    Row(
        "commit ledger.adapters.sql.log_store.SqlLogStore.append",
        3,
        "the old head and no row, or the new head and all rows",
    ),
    Row("commit ledger.adapters.sql.outbox.record_conflicts", 1, "no record and no mark, or both"),
    Row("commit ledger.adapters.sql.outbox.drain", 1, "all rows pending, or all sequenced"),
)
PUBLISHING = (
    Row("commit anchor.lease.LeaderLease.acquire", 1, "a lease that lapses"),
    Row("commit anchor.lease.LeaderLease.renew", 2, "a lease that lapses a little sooner"),
    Row("commit anchor.lease.LeaderLease.release", 1, "a lease that lapses by itself"),
    Row("mkdir entry bundle", 3, "an empty folder", in_wide_log=True),
    Row("write entry bundle", 3, "half a temporary file that nobody reads", in_wide_log=True),
    Row("fsync entry bundle", 3, "a torn temporary file that nobody reads", in_wide_log=True),
    Row(
        "replace entry bundle", 3, "bundles ahead of any checkpoint; the same bytes are written again", in_wide_log=True
    ),
    Row("fsync folder of entry bundle", 5, "as above", in_wide_log=True),
    Row("unlink entry bundle", 1, "a narrower bundle beside the full one", in_wide_log=True),
    Row("mkdir tile", 6, "an empty folder", in_wide_log=True),
    Row("write tile", 4, "half a temporary file that nobody reads", in_wide_log=True),
    Row("fsync tile", 4, "a torn temporary file that nobody reads", in_wide_log=True),
    Row("replace tile", 4, "tiles ahead of any checkpoint; the same bytes are written again", in_wide_log=True),
    Row("fsync folder of tile", 10, "as above", in_wide_log=True),
    Row("unlink tile", 1, "a narrower tile beside the wider one", in_wide_log=True),
    Row("rmdir entry bundle", 1, "an empty folder of partials", in_wide_log=True),
    Row("rmdir tile", 1, "an empty folder of partials", in_wide_log=True),
    Row("mkdir checkpoint", 1, "no folder for the published log", in_new_log=True),
    Row("fsync folder of journal", 1, "an empty journal, perhaps not durable", in_new_log=True),
    Row("mkdir journal", 1, "no folder for the journal", in_new_log=True),
    Row("ftruncate journal", 2, "the journal as it was"),
    Row("pwrite journal", 2, "a torn line, cut off by the next record"),
    # In a log in use the first fsync is that of a line which is durable already: a start reads it. Nothing of it can be torn.
    Row("fsync journal", 2, "the journal ahead of the database, or a torn line", in_new_log=True),
    Row("commit anchor.publishing.Publisher._show", 2, "the journal ahead, or the API ahead of the tile folder"),
    Row("write checkpoint", 2, "the API ahead of the tile folder"),
    Row("fsync checkpoint", 2, "as above"),
    Row("replace checkpoint", 2, "as above, or nothing"),
    Row("fsync folder of checkpoint", 3, "the new checkpoint file, perhaps not durable; written again at start"),
    Row("commit ledger.adapters.sql.search_index.index_next", 1, "the search index behind by one step"),
)
ANCHORING = (
    Row("commit anchor.submission.Submitter._stage", 2, "no job, or a job whose bytes were never sent"),
    Row("chain broadcast", 2, "a staged job; the node has its bytes or not, and is asked"),
    Row("commit anchor.submission.Submitter.broadcast", 2, "a staged job whose bytes the node has"),
    Row("chain tx_receipt", 2, "a job that is asked about again"),
    Row("commit anchor.confirmation.Confirmer._move", 2, "an open job whose transaction is mined"),
    Row("commit anchor.following.Follower._record", 2, "a head on the chain that is not marked anchored yet"),
    Row("commit anchor.following.Follower._roll_back", 1, "heads marked anchored whose block is gone"),
    Row("chain dump_state", 2, "a mined head; nothing is final"),
    Row("mkdir state dump", 1, "no folder for the chain's state", in_new_log=True),
    Row("write state dump", 2, "half a temporary file beside the older state"),
    Row("fsync state dump", 2, "a torn temporary file beside the older state"),
    Row("replace state dump", 2, "the older state, or the new one with heads still marked mined"),
    Row("fsync folder of state dump", 2, "the new state, perhaps not durable, with heads still marked mined"),
    Row("chain stored_block", 2, "a dumped state and a head still marked mined"),
    Row("commit anchor.following.Follower._finalize_heads", 2, "mined without its block kept, or final with it"),
    Row("commit anchor.following.Follower._finalize", 2, "a final head whose job still says mined"),
)
FOLLOWING = (
    Row("commit anchor.contract_events.ContractFollower._position", 1, "no position, or the one before the first block", in_new_log=True),
    Row("commit anchor.contract_events.ContractFollower._record", 3, "the block before, or the whole block with all it changes"),
    Row("commit anchor.contract_events.ContractFollower._go_back", 1, "a block that the chain has lost, or the one before it"),
    Row("commit anchor.contract_events.ContractFollower._finish", 4, "the final height behind by one cycle"),
)  # fmt: skip
TABLE = (*OPENING_AND_APPEND, *PUBLISHING, *ANCHORING, *FOLLOWING)

QUESTIONS = frozenset(
    f"chain {method}"
    for method in (
        "check_chain",
        "head",
        "block_number",
        "block_hash_at",
        "simulate",
        "gas_price",
        "transaction_count",
        "knows_transaction",
        "heads_anchored",
        "block_link",
        "logs_of_block",
    )
)
"""Change nothing and are asked again; unanswered ones are in ``tests/services/test_anchor_failure_modes.py``, mode 15, and those that
only following the contract suite asks in the random histories of ``tests/integration/test_contract_events.py``."""

COMMITS_ELSEWHERE = {
    "anchor.leader.Leader._halt": "the halt; it has a test of its own above",
    **{
        f"anchor.call_rows.CallRows.{name}": "contract calls have a story and a table of their own: test_durable_calls"
        for name in ("stage", "submitted", "mined", "set_aside", "final", "refused", "lose_block")
    },
    **{
        f"anchor.deadlines.Deadlines.{name}": "in the same table of test_durable_calls"
        for name in ("record_breaches", "count_refusals", "forget_answers")
    },
    **{
        f"anchor.messages.MessageSender.{name}": "a message that was sent goes again under its own id: test_message_delivery"
        for name in ("_take", "_put_off", "_give_up")
    },
    "anchor.passing_over.PassingOver._write": "one offer, order or agreement at a time, what is left is found again: "
    "test_stopped_offers, test_order_terms, test_agreement_terms",
    "api.container.Container._write": "a business write with its answer: a repeat with its key is told what became of it, see test_writes",
    **{
        f"api.platform.{name}": "the authorisation platform's own database, in which it goes on after a kill at any step: test_platforms_killed"
        for name in ("worker.Worker._lead", "container.PlatformContainer._write", "container.PlatformContainer.claim")
    },
    "ledger.adapters.platform.books.SqlBooksOpener.__call__": "a step of following or of an own act there: test_platforms_killed",
    "ledger.adapters.sql.migrate.upgrade": "one transaction a migration, by Alembic, before anything else starts",
    "ledger.adapters.sql.search_index.rebuild": "empties a derived table",
    "ledger.adapters.embedded.stack.EmbeddedStack._open_log": "the default API keys: the kill tests start again from any moment",
    "ledger.cli.key_store._database": "one act of a person, who sees its outcome and may look it up",
    "ledger.adapters.sql.engine.create_engine": "the bounds of a new session: settings of that session, no rows",
}
"""Transactions of the program that the story does not reach, and why they are not rows."""


ROUNDS_MAX = 20
"""A log lives through this many rounds of the story, then a new one begins, because the oracle reads all of it."""


class Worlds:
    """Hands out logs: a new one, or one that came out of its last failure whole."""

    def __init__(self, server: EmbeddedPostgres, template: str, folder: Path) -> None:
        self._databases = DatabaseFactory(server)
        self._template = template
        self._folder = folder
        self._count = 0
        self._world: World | None = None

    def get(self, row: Row | None) -> World:
        is_wide = row is None or row.in_wide_log
        is_new = row is None or row.in_wide_log or row.in_new_log
        world = self._world
        if world is None or is_new or not world.is_whole or world.round == ROUNDS_MAX:
            self.close()
            self._count += 1
            folder = self._folder / str(self._count)
            world = self._world = World(self._databases(template=self._template), folder, wide=is_wide)
            if not is_new:
                self._live_a_round(world)
        world.begin_round()
        return world

    def close(self) -> None:
        if self._world is not None:
            self._world.close()
        self._world = None
        self._databases.close()

    def _live_a_round(self, world: World) -> None:
        """What happens only in a new log is over: the other steps fail in one that is in use."""
        world.begin_round()
        process = world.live()
        process.story()
        check_whole(process)


@pytest.fixture(scope="module")
def worlds(
    postgres_server: EmbeddedPostgres, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worlds]:
    worlds = Worlds(postgres_server, migrated_template, tmp_path_factory.mktemp("worlds"))
    yield worlds
    worlds.close()


@pytest.fixture
def world(request: pytest.FixtureRequest, worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> World:
    world = worlds.get(getattr(request, "param", None))
    FileSteps(world.folder, world.faults).install(monkeypatch)
    return world


FORMS = (("crash", 1), ("failure", 1), ("late failure", 2))
"""How a step fails, and at which of its times. After a failure events go on coming in; after a late one they do not, so that
nothing but the repetition itself can finish what was left."""

IN_EVERY_CHECK = {("crash", False), ("failure", True)}
"""Of each step one that was not applied, by the death of the process, and one that was applied but reported failed; the long check has all."""


def in_pairs(rows: tuple[Row, ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test for every row in every form, not applied and applied."""
    cases = [
        pytest.param(
            row,
            Fault(row.step, time, applied=applied, crash=form == "crash"),
            id=f"{row.step}, {form} {word} it",
            marks=[] if (form, applied) in IN_EVERY_CHECK else [pytest.mark.long],
        )
        for row in rows
        for form, time in FORMS
        if row.times >= time
        for applied, word in ((False, "before"), (True, "after"))
    ]
    return pytest.mark.parametrize(("world", "fault"), cases, indirect=["world"])


def check_step(world: World, fault: Fault) -> None:
    world.faults.arm(fault)
    if fault.crash:
        crash_at(world)
        process = world.live()
        process.story_until_done()
    else:
        process = world.live_through_failure(meanwhile=fault.occurrence == 1)
        if not fault.step.startswith("unlink"):
            assert world.temporaries() == world.left_by_crashes  # who lives on cleans up behind itself
    assert world.faults.struck == fault.step
    check_whole(process)


@in_pairs(OPENING_AND_APPEND)
def test_append_step_that_fails_leaves_everything_whole(world, fault):
    check_step(world, fault)


@in_pairs(PUBLISHING)
def test_publishing_step_that_fails_leaves_everything_whole(world, fault):
    check_step(world, fault)


@in_pairs(ANCHORING)
def test_anchoring_step_that_fails_leaves_everything_whole(world, fault):
    check_step(world, fault)


@in_pairs(FOLLOWING)
def test_following_step_that_fails_leaves_everything_whole(world, fault):
    check_step(world, fault)


@pytest.mark.parametrize("applied", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("pwrite journal", "commit anchor.publishing.Publisher._show"),
        ("fsync journal", "replace checkpoint"),
        ("commit anchor.publishing.Publisher._show", "commit anchor.publishing.Publisher._show"),
        ("chain broadcast", "commit anchor.confirmation.Confirmer._move"),
        ("replace state dump", "commit anchor.following.Follower._finalize_heads"),
        ("commit anchor.following.Follower._roll_back", "commit anchor.submission.Submitter._stage"),
        (
            "commit anchor.contract_events.ContractFollower._go_back",
            "commit anchor.contract_events.ContractFollower._record",
        ),
    ],
)
def test_crash_again_while_the_first_is_repaired_leaves_everything_whole(world, first, second, applied):
    for step in (first, second):
        world.faults.trace.clear()
        world.faults.arm(Fault(step, 1, applied=applied, crash=True))
        crash_at(world)
    survivor = world.live()
    survivor.story_until_done()
    check_whole(survivor)


@pytest.mark.parametrize("applied", [False, True], ids=["before it", "after it"])
def test_halt_whose_commit_fails_is_written_by_the_next_cycle(world, applied):
    process = world.live()
    process.story()
    leader = process.leader()
    world.chain.head_now = ChainHead(world.tree_size + 1, bytes(32))
    world.faults.arm(Fault("commit anchor.leader.Leader._halt", 1, applied=applied, crash=False))
    with pytest.raises(UnavailableError):
        leader.chain_cycle()
    with pytest.raises(ChainConflictError, match="Nothing was overwritten"):
        leader.chain_cycle()
    with process.engine.connect() as connection:
        assert "foreign_head_on_chain" in (anchoring.halted(connection) or "")
    assert leader.submitter.submit_due() is None


def test_table_names_every_step_that_a_run_takes(world):
    process = world.live()
    process.story()
    check_whole(process)
    taken = Counter(step for step in world.faults.trace if step not in QUESTIONS)
    assert dict(taken) == {row.step: row.times for row in TABLE}


def test_table_names_every_transaction_in_the_code():
    named = {row.step.removeprefix("commit ") for row in TABLE if row.step.startswith("commit ")}
    found = {name for folder in ("anchor", "api", "ledger") for name in transactions_in(ROOT / folder)}
    assert found == named | COMMITS_ELSEWHERE.keys()


def transactions_in(folder: Path) -> Iterator[str]:
    """The functions below ``folder`` that begin a transaction, as ``module.Class.function``."""
    for path in folder.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for names, function in functions_of(ast.parse(path.read_text()), ()):
            calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
            if any(isinstance(call, ast.Attribute) and call.attr in ("begin", "commit") for call in calls):
                yield ".".join([module, *names])


def functions_of(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from functions_of(child, (*names, child.name))
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (*names, child.name), child
