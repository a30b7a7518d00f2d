"""The profile as a document: the terms that it adds to ODRL 2.2, and the form in which a policy travels alone. Pure.

``profile.jsonld`` is ``build_profile()`` written out; a test holds one to the other. Actions and operands whose meaning ODRL has keep ODRL's name;
every other has one below ``TERMS`` with its code, its names in both languages and, where ODRL has something near, a pointer to it.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.code_list import CodeList
from ledger.domain.policies.defects import WrongValueError
from ledger.domain.policies.forms import read_object
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.odrl import SCOPE_MEMBERS, encode_odrl, parse_odrl
from ledger.domain.policies.vocabulary import CODED, DUTIES, Action, LeftOperand, Operator, RuleKind

ODRL: Final = "http://www.w3.org/ns/odrl/2/"
ODRL_CONTEXT: Final = "http://www.w3.org/ns/odrl.jsonld"
PROFILE: Final = "urn:cityledger:policy-profile:1"
TERMS: Final = "urn:cityledger:policy:"

_OF_ODRL: Final = frozenset(
    {
        *(Action.TRANSFORM, Action.ANONYMIZE, Action.READ, Action.COPY, Action.DISTRIBUTE, Action.GRANT_USE),
        *(Action.SELL, Action.DELETE, Action.COMPENSATE, Action.USE),
        LeftOperand.PURPOSE,
    }
)
_NEAR: Final[Mapping[CodeList, str]] = {
    Action.PASS_POLICY_ON: "nextPolicy",
    LeftOperand.TIME: "dateTime",
    LeftOperand.TIME_WINDOW: "timeInterval",
    LeftOperand.REGION: "spatial",
    LeftOperand.NETWORK_ADDRESS: "virtualLocation",
    LeftOperand.COUNT: "count",
    LeftOperand.DATA_SIZE: "absoluteSize",
    LeftOperand.DELIVERY: "deliveryChannel",
    LeftOperand.AMOUNT: "payAmount",
}
_PREFIXES: Final = {
    "odrl": ODRL,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}


def iri_of(word: CodeList) -> str:
    """The name of an action, operand or operator as an IRI."""
    return f"{ODRL if word in _OF_ODRL or isinstance(word, Operator) else TERMS}{word}"


def build_context() -> dict[str, str]:
    """What the compact form's words stand for, beyond ODRL's own context; goes after it, so that these win."""
    words: list[CodeList] = [*Action, *LeftOperand]
    members = {
        name: f"{TERMS}{name}" for name in SCOPE_MEMBERS.values() if name.startswith(("data", "provider", "consumer"))
    }
    return {str(word): iri_of(word) for word in words} | members


CONTEXT: Final[tuple[Any, ...]] = (ODRL_CONTEXT, build_context())


def build_profile() -> dict[str, Any]:
    """The profile document: every term of the standard's tables, and the values of the coded operands."""
    actions = [_term(word, "odrl:Action", **({"odrl:includedIn": _iri("odrl:use")})) for word in _own(Action)]
    operands = [_term(word, "odrl:LeftOperand") for word in _own(LeftOperand)]
    values = [
        {
            "@id": f"{TERMS}{operand}:{code}",
            "@type": "skos:Concept",
            "skos:notation": str(code),
            "skos:prefLabel": _labels(code),
            "skos:related": _iri(iri_of(operand)),
        }
        for operand, codes in CODED.items()
        for code in codes
    ]
    return {
        "@context": _PREFIXES,
        "@id": PROFILE,
        "@type": "odrl:Profile",
        "odrl:conflict": _iri("odrl:prohibit"),
        "skos:member": [_iri(iri_of(word)) for words in (Action, LeftOperand, Operator) for word in words],
        "@included": [*actions, *operands, *_operators(), *values],
    }


def encode_document(policy: PolicySet) -> dict[str, Any]:
    """A policy set that stands alone: with its context, and the profile that it follows."""
    return {"@context": list(CONTEXT), "profile": PROFILE, **encode_odrl(policy)}


def parse_document(document: Any) -> PolicySet:
    """The inverse of ``encode_document``.

    Raises:
        InvalidPolicyError: it follows another profile, its words stand for something else, or what ``parse_odrl`` raises.
    """
    holder = read_object(document, {*document} if isinstance(document, Mapping) else set(), "policy")
    if holder.get("profile") != PROFILE:
        raise WrongValueError("policy.profile", f"is {PROFILE}.")
    if holder.get("@context") != list(CONTEXT):
        raise WrongValueError("policy.@context", "is the context of this profile, word for word.")
    return parse_odrl({name: value for name, value in holder.items() if name not in ("@context", "profile")})


def _own(words: type[CodeList]) -> list[CodeList]:
    return [word for word in words if word not in _OF_ODRL]


def _operators() -> list[dict[str, Any]]:
    return [
        {"@id": iri_of(operator), "skos:notation": operator.keyword, "skos:prefLabel": _labels(operator)}
        for operator in Operator
    ]


def _term(word: CodeList, kind: str, **members: Any) -> dict[str, Any]:
    near = {"skos:closeMatch": _iri(f"odrl:{_NEAR[word]}")} if word in _NEAR else {}
    rule = {"skos:note": f"needs no permission as a {RuleKind.PERMISSION.consequence}"} if word in DUTIES else {}
    labels = {"skos:notation": str(word), "skos:prefLabel": _labels(word)}
    return {"@id": iri_of(word), "@type": kind, **labels, **members, **near, **rule}


def _labels(word: CodeList) -> list[dict[str, str]]:
    return [{"@language": "zh", "@value": word.chinese}, {"@language": "en", "@value": word.english}]


def _iri(name: str) -> dict[str, str]:
    return {"@id": name}
