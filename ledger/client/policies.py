"""Usage policies before they bind: tried over a supposed course of uses, and told in plain words."""

from collections.abc import Mapping, Sequence
from typing import Any

from ledger.client.calls import Call, RemoteObject, post_object


def evaluate_policy(*, policy: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> Call[RemoteObject]:
    """The decision at each step: ``action``, and where they are new ``facts`` and ``performed``."""
    return post_object("/v1/policies/evaluation", {"policy": dict(policy), "steps": [dict(one) for one in steps]})


def explain_policy(*, policy: Mapping[str, Any]) -> Call[RemoteObject]:
    """One sentence a rule, in Chinese and English, and what contradicts itself."""
    return post_object("/v1/policies/explanation", {"policy": dict(policy)})
