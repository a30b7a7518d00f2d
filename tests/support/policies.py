"""Policies and uses for tests: short ways to write them, and strategies that make them."""

from typing import Any

from hypothesis import strategies as st

from ledger.domain.policies.facts import Facts, Performed, Request
from ledger.domain.policies.model import PolicySet
from ledger.domain.policies.odrl import parse_odrl
from ledger.domain.policies.vocabulary import OF_SETS, ORDERED, SINGLE, Action, LeftOperand, Operator


def that(operand: str, operator: str, value: Any) -> dict[str, Any]:
    return {"leftOperand": operand, "operator": operator, "rightOperand": value}


def rule(action: Any, *constraints: Any, **consequences: Any) -> dict[str, Any]:
    return {"action": action, **({"constraint": list(constraints)} if constraints else {}), **consequences}


def policy(*permissions: Any, prohibits: Any = (), obliges: Any = (), **members: Any) -> PolicySet:
    groups = {"permission": list(permissions), "prohibition": list(prohibits), "obligation": list(obliges)}
    return parse_odrl({"@type": "Set", **{name: group for name, group in groups.items() if group}, **members})


def use(action: str, *, after: Any = (), **facts: Any) -> Request:
    """A use; ``after`` are pairs of an action performed before and its facts. ``count_P1D=3`` says ``count/P1D``."""
    done = tuple(Performed(Action(name), Facts(known)) for name, known in after)
    return Request(Action(action), Facts({name.replace("_", "/"): value for name, value in facts.items()}), done)


# Few values an operand, close to each other and nested, so that rules meet, overlap and contradict each other often.
VALUES: dict[str, list[Any]] = {
    "time": ["2026-01-01T00:00:00Z", "2026-01-01T08:00:01+08:00", "2027-01-01T00:00:00Z"],
    "timeWindow": ["P1D", "PT24H", "P30D", "P1M"],
    "region": ["CN", "310000", "31", "310101", "3102", "US", "HK", "810000"],
    "networkAddress": [
        *("192.0.2.0/24", "192.0.2.7", "192.0.2.0-192.0.2.9", "2001:db8::/32", "::ffff:192.0.2.7"),
        *("*.bank.example", "a.bank.example", "bank.example"),
    ],
    "count": [1, 2, 3],
    "frequency": [1, 10],
    "dateRecord": [1, 1_000],
    "dataSize": ["1K", "1000B", "1Ki", "1.5K"],
    "dataField": ["permit_no", "status", "[odd]", '"quoted"'],
    "executionEnv": ["01", "02", "06"],
    "encryptMode": ["01", "02"],
    "deliveryMethod": ["01", "03"],
    "payAmount": ["10.00 CNY", "10 CNY", "100.00 CNY", "10.00 USD"],
    **{name: ["a", "b"] for name in ("physicalAddress", "valueExpression", "application", "algorithm")},
    **{name: ["a", "b"] for name in ("machineLearningModels", "purpose")},
}
SIZED = {"time", "timeWindow", "count", "frequency", "dateRecord", "dataSize", "payAmount"}


@st.composite
def constraints(draw: st.DrawFn, operands: list[str] | None = None) -> dict[str, Any]:
    operand = draw(st.sampled_from(operands or sorted(VALUES)))
    operators = [one for one in Operator if operand in SIZED or one not in ORDERED]
    operator = draw(st.sampled_from(operators))
    values = draw(st.lists(st.sampled_from(VALUES[operand]), min_size=1, max_size=3, unique=True))
    is_array = operator in OF_SETS or (operator not in SINGLE and draw(st.booleans()))
    return that(operand, operator.value, values if is_array else values[0])


@st.composite
def rules(draw: st.DrawFn, actions: list[str], operands: list[str] | None = None) -> dict[str, Any]:
    named = draw(st.lists(st.sampled_from(actions), min_size=1, max_size=2, unique=True))
    found = draw(st.lists(constraints(operands), max_size=3))
    cycles = [one for one in found if one["leftOperand"] == "timeWindow" and one["operator"] == "eq"]
    return rule(named if len(named) > 1 else named[0], *(one for one in found if one not in cycles[1:]))


@st.composite
def documents(draw: st.DrawFn, actions: list[str], operands: list[str] | None = None) -> dict[str, Any]:
    """ODRL documents of a policy set, with every kind of rule and consequence."""
    one = rules(actions, operands)

    def group(consequence: str, least: int) -> list[dict[str, Any]]:
        inner = st.lists(one, max_size=1)
        found = draw(st.lists(st.tuples(one, inner), min_size=least, max_size=2))
        return [{**outer, **({consequence: hung} if hung else {})} for outer, hung in found]

    groups = {"permission": group("duty", 1), "prohibition": group("remedy", 0), "obligation": group("consequence", 0)}
    return {"@type": "Set", **{name: found for name, found in groups.items() if found}}


FACTS: dict[str, st.SearchStrategy[Any]] = {
    "time": st.sampled_from(
        ["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2027-01-01T00:00:01Z"]
    ),
    "timeWindow": st.sampled_from(["PT0S", "P1D", "P29D", "P31D"]),
    "region": st.sampled_from(["CN", "31", "310101", "310101001", "310201", "US", "81"]),
    "networkAddress": st.sampled_from(
        ["192.0.2.7", "192.0.2.10", "::ffff:192.0.2.7", "2001:db8::1", "a.bank.example", "x.example"]
    ),
    "dataSize": st.sampled_from(["0B", "1000B", "1001B", "1500B"]),
    "dataField": st.lists(st.sampled_from([*VALUES["dataField"], "id_card"]), min_size=1, max_size=3, unique=True),
    "payAmount": st.sampled_from(["0 CNY", "10.00 CNY", "50 CNY", "10.00 USD"]),
    **{name: st.integers(1, 4) for name in ("count", "frequency")},
    "dateRecord": st.sampled_from([0, 1, 999, 1_001]),
    **{name: st.sampled_from(["01", "02", "03"]) for name in ("executionEnv", "encryptMode", "deliveryMethod")},
    **{name: st.sampled_from(["a", "b", "c"]) for name in ("physicalAddress", "valueExpression", "application")},
    **{name: st.sampled_from(["a", "b", "c"]) for name in ("algorithm", "machineLearningModels", "purpose")},
}
CYCLES = [f"{name}/{cycle}" for name in ("count", "payAmount") for cycle in VALUES["timeWindow"]]


@st.composite
def facts(draw: st.DrawFn, operands: list[str]) -> dict[str, Any]:
    """What may be known of a use: most facts about these operands, some of them not."""
    asked = {name: FACTS[name] for name in operands}
    asked |= {name: FACTS[name.partition("/")[0]] for name in CYCLES if name.partition("/")[0] in operands}
    unknown = draw(st.sets(st.sampled_from(sorted(asked)), max_size=3))
    return {name: draw(values) for name, values in asked.items() if name not in unknown}


assert set(VALUES) == set(FACTS) == {operand.value for operand in LeftOperand}
