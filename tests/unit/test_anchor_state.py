"""The transition table of anchor/state.py, walked by hypothesis and checked case by case."""

import itertools

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from anchor.state import (
    FAILURES,
    JOB_TRANSITIONS,
    OPEN_STATES,
    JobReason,
    JobState,
    advance,
    check_job_transition,
    roll_back,
)
from ledger.errors import MisuseError
from ledger.services.ports import EventState, Watermarks

ENDS = {JobState.FAILED: JobReason.REVERTED, JobState.ABANDONED: JobReason.ROLLED_BACK}


@pytest.mark.parametrize(("current", "target"), list(itertools.product(JobState, JobState)))
def test_job_transition_is_legal_exactly_when_the_table_says_so(current, target):
    if target in JOB_TRANSITIONS[current]:
        check_job_transition(current, target, reason=ENDS.get(target), final_is_reversible=True)
    else:
        with pytest.raises(MisuseError):
            check_job_transition(current, target, reason=ENDS.get(target), final_is_reversible=True)


def test_job_final_on_a_network_with_finality_stays_final():
    with pytest.raises(MisuseError, match="stays final"):
        check_job_transition(JobState.FINAL, JobState.ABANDONED, reason=JobReason.ROLLED_BACK)


@pytest.mark.parametrize("target", [JobState.FAILED, JobState.ABANDONED])
def test_job_end_without_reason_is_refused(target):
    with pytest.raises(MisuseError, match="reason"):
        check_job_transition(JobState.SUBMITTED, target)


def test_job_progress_with_reason_is_refused():
    with pytest.raises(MisuseError, match="reason"):
        check_job_transition(JobState.SUBMITTED, JobState.MINED, reason=JobReason.STALE)


@pytest.mark.parametrize("reason", list(JobReason))
def test_job_reason_fits_one_end_only(reason):
    fits, other = (JobState.FAILED, JobState.ABANDONED) if reason in FAILURES else (JobState.ABANDONED, JobState.FAILED)
    check_job_transition(JobState.SUBMITTED, fits, reason=reason)
    with pytest.raises(MisuseError, match="does not fit"):
        check_job_transition(JobState.SUBMITTED, other, reason=reason)


def test_job_mined_is_undone_by_rollback_only():
    check_job_transition(JobState.MINED, JobState.ABANDONED, reason=JobReason.ROLLED_BACK)
    with pytest.raises(MisuseError, match="rollback only"):
        check_job_transition(JobState.MINED, JobState.ABANDONED, reason=JobReason.STALE)


def test_watermark_pending_has_none():
    with pytest.raises(MisuseError, match="outbox"):
        advance(Watermarks(1, 0, 0, 0), EventState.PENDING, 1)


class WatermarkMachine(RuleBasedStateMachine):
    """Any sequence of moves keeps final <= anchored <= published <= sequenced, and refuses what would break it."""

    def __init__(self):
        super().__init__()
        self.marks = Watermarks(0, 0, 0, 0)
        self.reversible = False

    @rule(reversible=st.booleans())
    def choose_network(self, reversible):
        self.reversible = reversible

    @rule(growth=st.integers(0, 50))
    def sequence(self, growth):
        self.marks = advance(self.marks, EventState.SEQUENCED, self.marks.sequenced + growth)

    @rule(
        stage=st.sampled_from([EventState.PUBLISHED, EventState.ANCHORED, EventState.FINAL]), size=st.integers(0, 300)
    )
    def move(self, stage, size):
        before = {
            EventState.PUBLISHED: self.marks.sequenced,
            EventState.ANCHORED: self.marks.published,
            EventState.FINAL: self.marks.anchored,
        }[stage]
        old = self.marks
        if size > before:
            with pytest.raises(MisuseError):
                advance(old, stage, size)
            return
        self.marks = advance(old, stage, size)
        for name in ("sequenced", "published", "anchored", "final"):
            assert getattr(self.marks, name) >= getattr(old, name)

    @precondition(lambda self: self.marks.anchored > 0)
    @rule(share=st.floats(0, 1))
    def lose_blocks(self, share):
        size = int(self.marks.anchored * share)
        if size < self.marks.final and not self.reversible:
            with pytest.raises(MisuseError):
                roll_back(self.marks, size, final_is_reversible=False)
            return
        self.marks = roll_back(self.marks, size, final_is_reversible=self.reversible)
        assert self.marks.anchored == size

    @rule(excess=st.integers(1, 5))
    def raise_by_rollback(self, excess):
        with pytest.raises(MisuseError):
            roll_back(self.marks, self.marks.anchored + excess, final_is_reversible=True)

    @invariant()
    def stages_are_ordered(self):
        marks = self.marks
        assert 0 <= marks.final <= marks.anchored <= marks.published <= marks.sequenced


class JobMachine(RuleBasedStateMachine):
    """Jobs made one after another: never two open at once, and an end is an end."""

    def __init__(self):
        super().__init__()
        self.jobs: list[JobState] = []

    @precondition(lambda self: not any(state in OPEN_STATES for state in self.jobs))
    @rule()
    def stage(self):
        self.jobs.append(JobState.STAGED)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data(), goal=st.sampled_from(JobState), reason=st.none() | st.sampled_from(JobReason))
    def move(self, data, goal, reason):
        number = data.draw(st.integers(0, len(self.jobs) - 1))
        current = self.jobs[number]
        try:
            check_job_transition(current, goal, reason=reason)
        except MisuseError:
            return
        assert current not in {JobState.FAILED, JobState.ABANDONED, JobState.FINAL}
        assert (reason is not None) == (goal in ENDS)
        self.jobs[number] = goal

    @invariant()
    def at_most_one_is_open(self):
        assert sum(state in OPEN_STATES for state in self.jobs) <= 1


TestWatermarks = WatermarkMachine.TestCase
TestJobs = JobMachine.TestCase
