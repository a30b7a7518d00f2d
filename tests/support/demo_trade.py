"""The service and the authorisation platform of the story's second part, in memory: each object in its states, and nothing may be made twice."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from support.act_samples import sample

from ledger.adapters.files.keys import secp256k1_address
from ledger.bundle.agreement_digest import agreement_digest, disclosed_leaves
from ledger.bundle.order_digest import order_chain_id, voucher_digest
from ledger.demo.offices import BANK, DATA_COMPANY
from ledger.domain.act_json import act_to_json
from ledger.domain.acts.digital_contract_registry import Agreement, AgreementFiling
from ledger.domain.acts.kinds import OrderKind
from ledger.domain.acts.orders import Order

KEYS = {BANK.code: bytes(31) + b"\1", DATA_COMPANY.code: bytes(31) + b"\2", "trading": bytes(31) + b"\3"}
DISCLOSED, SALT = {"name": "an agreement"}, bytes([3]) * 32
BOTH = (DATA_COMPANY.code, BANK.code)


@dataclass
class Waiting:
    """An act that an object waits for: state of the object once all signed."""

    act: str
    signers: tuple[str, ...]
    then: str
    signed: set[str] = field(default_factory=set)


@dataclass
class Thing:
    state: str
    shown: dict[str, Any] = field(default_factory=dict)
    waiting: Waiting | None = None

    def go(self, before: str, state: str) -> None:
        assert (self.state, self.waiting) == (before, None), f"this was done before: it is {self.state}"
        self.state = state

    def wait(self, before: str, waiting: Waiting) -> None:
        self.go(before, before)
        self.waiting = waiting


class Trade:
    """Answers for ``support.demo_play.PlayedService``.

    ``made``: how many there are of what a write makes, by its path.
    """

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.made: Counter[str] = Counter()
        self._steps: Mapping[str, Callable[[Thing, str], None]] = {
            "first-review": lambda found, _: found.go("submitted", "first_reviewed"),
            "placing": self._place,
            "confirmation": self._confirm,
            "signing": self._ask_signatures,
            "filing": self._file,
            "dissolution": self._dissolve,
            "proof": lambda found, _: found.go("owed", "handed_in"),
            "acceptance": lambda found, _: found.go("handed_in", "accepted"),
        }  # fmt: skip

    def __call__(self, who: str, asked: str, sent: Mapping[str, Any]) -> Any:
        method, path = asked.split()
        parts = path.split("/")[2:]
        if method == "GET":
            return self._read(who, parts)
        if parts[0] == "acts":
            return self._sign(parts[1], who)
        if who == "platform":
            return self._do(parts[0], sent)
        if parts[-1] in self._steps:
            name = parts[1] + ("/destruction" if "destruction" in parts else "")
            self._steps[parts[-1]](self.things[name], name)
            return self._shown(name)
        return self._make(parts[-1], sent)

    def _make(self, what: str, sent: Mapping[str, Any]) -> Any:
        self.made[what] += 1
        name = f"{what}-{self.made[what]}"
        if what == "usage-token-uses":
            return {"spent": self.made[what], "quota": 100}
        if what == "agreement":
            leaves = [bytes.fromhex(one) for one in sent["confidential"]["leaf_hashes"]]
            digest = agreement_digest([*leaves, *disclosed_leaves(DISCLOSED, SALT)]).hex()
            shown = {"confidential": sent["confidential"], "disclosed": DISCLOSED, "disclosed_salt": SALT.hex()}
            self.things[name] = Thing("generated", {**shown, "contract_hash": digest})
        elif what == "orders":
            self.things[name] = Thing("drafted", {"content": sent, "voucher": None, "salt": SALT.hex()})
        else:
            self.things[name] = Thing("submitted")
        return self._shown(name)

    def _do(self, what: str, sent: Mapping[str, Any]) -> Any:
        self.made[what] += 1
        object_id = sent.get("agreement_id") or sent.get("application_id") or "token"
        if what == "final-reviews":
            self.things[object_id].go("first_reviewed", "approved")
        return {"act_id": object_id}

    def _read(self, who: str, parts: list[str]) -> Any:
        if who == "platform":
            is_act = parts[0] == "acts"
            return {"state": "acknowledged", "object_id": parts[1]} if is_act else {"state": self._state(*parts[1:])}
        if parts[0] == "acts":
            return self._act(parts[1])
        if parts[-1] == "text":
            return {"text": "a token"}
        name = "/".join(parts[1:])
        if who == DATA_COMPANY.name:
            assert self.things[name].state not in {"drafted", "placing"}, (
                "an order that is not placed is the bank's alone"
            )
        return self._shown(name)

    def _state(self, kind: str, name: str) -> str:
        return "in_force" if kind == "authorisation" else self.things[name].state

    def _shown(self, name: str) -> Any:
        found = self.things[name]
        ids = dict.fromkeys(("application_id", "order_id", "agreement_id"), name)
        waiting = found.waiting and {"act_id": name}
        return {**found.shown, **ids, "state": found.state, "waiting": waiting, "refused": None}

    def _act(self, name: str) -> Any:
        waiting = self.things[name].waiting
        assert waiting is not None
        act: Any = sample(waiting.act)
        if isinstance(act, Agreement | AgreementFiling):
            act = replace(act, contract_digest=bytes.fromhex(self.things[name].shown["contract_hash"]))
        if isinstance(act, Order):
            act = _order_act(act, name, self.things[name].shown["voucher"])
        signers = [
            {"participant": code, "place": place, "body_id": "0x" + "07" * 32, "lapsed": False}
            | {"signed": code in waiting.signed, "keys": ["0x" + secp256k1_address(KEYS[code]).hex()]}
            for place, code in enumerate(waiting.signers)
        ]
        shown = {"act_id": name, "act": waiting.act, "subject": {"object_id": name}}
        return {**shown, "message": act_to_json(act), "signers": signers}

    def _sign(self, name: str, who: str) -> Any:
        found = self.things[name]
        code = {BANK.name: BANK.code, DATA_COMPANY.name: DATA_COMPANY.code}.get(who, "trading")
        assert found.waiting is not None
        assert code not in found.waiting.signed, f"{who} signed {found.waiting.act} already"
        found.waiting.signed.add(code)
        if found.waiting.signed == set(found.waiting.signers):
            found.state, found.waiting = found.waiting.then, None
        return self._shown(name)

    def _place(self, found: Thing, name: str) -> None:
        content, product = found.shown["content"], ("product_code", "product_version")
        found.shown["voucher"] = {each: value for each, value in content.items() if each not in product} | {
            "order_id": name,
            "consumer": {"code": BANK.code},
            "provider": {"code": DATA_COMPANY.code},
            "subject": {each: content[each] for each in product},
            "price": {"price_rule_digest": "05" * 32},
        }
        found.go("drafted", "placing")
        found.wait("placing", Waiting("Orders.Order", (BANK.code,), "offered"))

    def _confirm(self, found: Thing, _: str) -> None:
        found.go("offered", "confirming")
        found.wait("confirming", Waiting("Orders.Order", (DATA_COMPANY.code,), "confirmed"))

    def _ask_signatures(self, found: Thing, _: str) -> None:
        found.go("generated", "signing")
        found.wait("signing", Waiting("DigitalContractRegistry.Agreement", BOTH, "signed"))

    def _file(self, found: Thing, _: str) -> None:
        found.go("signed", "filing")
        found.wait("filing", Waiting("DigitalContractRegistry.AgreementFiling", ("trading",), "filed"))

    def _dissolve(self, found: Thing, name: str) -> None:
        found.go("filed", "ending")
        found.wait("ending", Waiting("DigitalContractRegistry.Termination", BOTH, "terminated"))
        self.things[f"{name}/destruction"] = Thing("owed")


def _order_act(sample: Order, name: str, voucher: Mapping[str, Any]) -> Order:
    return replace(
        sample,
        order_id=order_chain_id(SALT, name),
        kind=OrderKind.SINGLE,
        product_version=voucher["subject"]["product_version"],
        quantity=voucher["quantity"],
        price_rule_digest=bytes.fromhex(voucher["price"]["price_rule_digest"]),
        content_digest=voucher_digest(SALT, voucher),
        valid_until=voucher["valid_until"],
    )
