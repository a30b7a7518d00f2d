"""The shapes of policies that are tried and explained. What they mean is ``ledger.domain.policies``."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ledger.domain.policies.analysis import Defect
from ledger.domain.policies.duties import DutyState
from ledger.domain.policies.evaluation import Result, Why
from ledger.domain.policies.facts import FACTS_MAX
from ledger.domain.policies.sandbox import STEPS_MAX

Policy = Annotated[
    dict[str, Any],
    Field(
        description="An ODRL `Offer`, `Agreement` or `Set` of the project's profile, in compact form without `@context`."
    ),
]
Word = Annotated[str, Field(min_length=1, max_length=64, description="An action of TC609-6-2025-14 table 4, or `use`.")]
FactsOf = Annotated[
    dict[str, Any],
    Field(
        max_length=FACTS_MAX,
        description="By operand (`region`), or operand and cycle (`count/P1D`), or `target`, `assignee`; null takes one away.",
    ),
]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DoneAct(_Sent):
    """Something that was done before a use, with its own facts: what may fulfil a duty."""

    action: Word
    facts: FactsOf = Field(default_factory=dict)


class TriedStep(_Sent):
    """A use that is tried. Facts stay until a later step states them anew; what was performed stays performed."""

    action: Word
    facts: FactsOf = Field(default_factory=dict)
    performed: list[DoneAct] = Field(default_factory=list, max_length=STEPS_MAX)


class EvaluatePolicy(_Sent):
    """A policy and a supposed course of uses."""

    policy: Policy
    steps: list[TriedStep] = Field(min_length=1, max_length=STEPS_MAX)


class ExplainPolicy(_Sent):
    """A policy to be explained."""

    policy: Policy


class SentenceOf(BaseModel):
    """One plain sentence about one place of a policy; the place is empty where it is about the whole."""

    place: str
    chinese: str
    english: str


class FindingOf(BaseModel):
    """What contradicts what, or deserves caution; what `is_contradiction` cannot be signed."""

    defect: Defect
    is_contradiction: bool
    places: list[str]
    sentence: SentenceOf


class ReasonOf(BaseModel):
    """One step of a decision: what was found, where, by which fact."""

    why: Why
    place: str
    fact: str
    data_field: str | None


class StandingOf(BaseModel):
    """Where an obligation stands."""

    place: str
    state: DutyState


class DecisionOf(BaseModel):
    """What was decided and why; `sentences` say the same in words."""

    result: Result
    reasons: list[ReasonOf]
    missing: list[str] = Field(description="Names of the facts that would decide.")
    duties: list[str] = Field(description="Places of what must be done first.")
    remedies: list[str] = Field(description="Places of what must be done if it happens all the same.")
    obligations: list[StandingOf]
    sentences: list[SentenceOf]


class EvaluationAnswer(BaseModel):
    """The decision at each step, and what is wrong with the policy itself."""

    decisions: list[DecisionOf]
    findings: list[FindingOf]


class ExplanationAnswer(BaseModel):
    """A policy in words: one sentence a rule, in its order, and one about everything else."""

    sentences: list[SentenceOf]
    findings: list[FindingOf]
