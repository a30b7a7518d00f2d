"""Usage policies before they bind: tried over a supposed course of uses, and told in plain words. Nothing is recorded of what is asked."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.responses import Response

from api.authentication import Caller
from api.bodies import announced_bytes, read_body
from api.dependencies import container_of, read_as_caller
from api.policy_answers import decision_value, explanation_value, findings_value
from api.reads import json_response
from api.schemas.policies import EvaluatePolicy, EvaluationAnswer, ExplainPolicy, ExplanationAnswer, TriedStep
from api.strict_requests import STRICT_QUERY
from api.writes import parse_command, question_extra
from ledger.domain.policies.facts import Facts, Performed
from ledger.domain.policies.forms import read_word
from ledger.domain.policies.odrl import parse_odrl
from ledger.domain.policies.sandbox import Step, rehearse
from ledger.domain.policies.vocabulary import Action

router = APIRouter(tags=["policies"], dependencies=[STRICT_QUERY])

BODY_BYTES_MAX: Final = 128 << 10
READ_TIMEOUT_S: Final = 15.0

M = TypeVar("M", bound=BaseModel)


@router.post(
    "/v1/policies/evaluation",
    summary="Try a policy",
    responses={200: {"model": EvaluationAnswer}},
    openapi_extra=question_extra(EvaluatePolicy),
)
async def post_evaluation(request: Request) -> Response:
    """The decision at each step of a supposed course, with its reasons, as whoever enforces the policy would decide."""

    def decide(asked: EvaluatePolicy) -> dict[str, Any]:
        policy = parse_odrl(asked.policy)
        decisions = rehearse(policy, [_step(one, number) for number, one in enumerate(asked.steps)])
        return {"decisions": [decision_value(one) for one in decisions], "findings": findings_value(policy)}

    return await _answer(request, EvaluatePolicy, decide)


@router.post(
    "/v1/policies/explanation",
    summary="Explain a policy",
    responses={200: {"model": ExplanationAnswer}},
    openapi_extra=question_extra(ExplainPolicy),
)
async def post_explanation(request: Request) -> Response:
    """One plain sentence a rule, in Chinese and English, and what contradicts itself."""
    return await _answer(request, ExplainPolicy, lambda asked: explanation_value(parse_odrl(asked.policy)))


def _step(step: TriedStep, number: int) -> Step:
    place = f"steps[{number}]"
    performed = tuple(
        Performed(read_word(Action, one.action, f"{place}.performed[{index}].action"), Facts(one.facts))
        for index, one in enumerate(step.performed)
    )
    return Step(read_word(Action, step.action, f"{place}.action"), step.facts, performed)


async def _answer(request: Request, model: type[M], ask: Callable[[M], dict[str, Any]]) -> Response:
    container = await container_of(request)
    async with container.budget.reserve(announced_bytes(request, BODY_BYTES_MAX)) as reservation:
        raw = await read_body(request, BODY_BYTES_MAX, reservation, READ_TIMEOUT_S)

    def query(_connection: Connection, _caller: Caller) -> dict[str, Any]:
        return ask(parse_command(request, model, raw))  # once the caller is known

    return json_response(await read_as_caller(request, query, raw))
