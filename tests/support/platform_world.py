"""Two platforms in memory: the books of one, and the other one as a peer that can be lost, or can lose its answers."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger.bundle.agreement_digest import agreement_digest, disclosed_leaves
from ledger.domain.platform_act import ActExistsError
from ledger.domain.platform_books import (
    AGREEMENT,
    APPLICATION,
    AUTHORISATION,
    FILING,
    FINAL_REVIEW,
    GRANT,
    RESUMPTION,
    REVOCATION,
    SUSPENSION,
    TOKEN,
    USAGE_TOKEN,
    WIDENING,
    WITHDRAWAL,
    Original,
    Shown,
    spent_of,
)
from ledger.domain.platform_comparison import Cause, OnChain
from ledger.domain.platform_differences import Difference
from ledger.errors import RefusedByServiceError, UnavailableError
from ledger.services.platform_following import Following
from ledger.services.platform_ports import Act, PeerPage, Position
from ledger.services.platform_rounds import one_round
from ledger.services.platform_sending import send_next

US = "910000000000000002"
BANK = "910000000000000003"
PROVIDER = "910000000000000004"
OTHER = "910000000000000001"
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PAGE = 2


class FakeBooks:
    """The books in memory; ``FakeStore`` keeps them between transactions."""

    def __init__(self, store: "FakeStore") -> None:
        self._store = store
        self.now = store.now

    def copy_of(self, kind: str, object_id: str) -> Shown | None:
        kept = self._store.copies.get((kind, object_id))
        return None if kept is None else self._store.revisions[kind, object_id, kept["revision"]]

    def spent_before(self, kind: str, object_id: str) -> int | None:
        kept = self._store.copies.get((kind, object_id))
        return None if kept is None else kept["spent"]

    def keep_copy(self, shown: Shown) -> None:
        names = shown.kind, shown.object_id
        kept = self._store.copies.setdefault(names, {"revision": shown.revision, "first_seen": self.now, "spent": None})
        self._store.revisions.setdefault((*names, shown.revision), shown)
        kept["revision"] = max(kept["revision"], shown.revision)
        self.note_seen(shown)

    def note_seen(self, shown: Shown) -> None:
        kept = self._store.copies[shown.kind, shown.object_id]
        kept["last_seen"] = self.now
        kept["spent"] = max((one for one in (kept["spent"], spent_of(shown)) if one is not None), default=None)

    def differing(self, kind: str, limit: int) -> list[str]:
        seen = sorted((one.last_seen, name) for (of, name, _), one in self._store.open.items() if of == kind)
        return list(dict.fromkeys(name for _, name in seen))[:limit]

    def unseen_since(self, kind: str, moment: datetime, after: str, limit: int) -> list[str]:
        copies = self._store.copies
        found = {name for (of, name), kept in copies.items() if of == kind and kept["last_seen"] < moment}
        acts = {one.object_id for one, _ in self._store.acts.values() if one.kind == kind and one.state != "refused"}
        listed = {name for of, name, _ in self._store.open if of == kind}
        found |= {name for name in acts | listed if (kind, name) not in copies}
        return sorted(name for name in found if name > after)[:limit]

    def originals(self, kind: str, object_id: str) -> list[Original]:
        return [
            Original(one.act, one.state == "acknowledged", one.revision, one.facts, one.instance)
            for one, _ in self._store.acts.values()
            if (one.kind, one.object_id) == (kind, object_id) and one.state != "refused"
        ]

    def differences(self, kind: str, object_id: str) -> dict[Cause, Difference]:
        open_ones = self._store.open.items()
        return {cause: one for (of, name, cause), one in open_ones if (of, name) == (kind, object_id)}

    def write_difference(self, difference: Difference) -> None:
        key = difference.kind, difference.object_id, difference.cause
        if difference.ended_at is None:
            self._store.open[key] = difference
        else:
            del self._store.open[key]
            self._store.ended.append(difference)

    def position(self, kind: str) -> Position:
        return self._store.positions.get(kind, Position(kind))

    def set_position(self, position: Position) -> None:
        self._store.positions[position.kind] = position

    def add_act(self, act: Act, text: str | None = None) -> None:
        if any(
            (one.kind, one.object_id, one.act, one.instance) == (act.kind, act.object_id, act.act, act.instance)
            and one.state != "refused"
            for one, _ in self._store.acts.values()
        ):
            raise ActExistsError("there is one")
        self._store.acts[act.act_id] = act, text

    def change_act(self, act: Act) -> None:
        self._store.acts[act.act_id] = act, self._store.acts[act.act_id][1]

    def next_act(self) -> tuple[Act, str | None] | None:
        return next(((one, text) for one, text in self._store.acts.values() if one.state == "intended"), None)


@dataclass
class FakeStore:
    """What lasts; ``fail_at`` counts down transactions: that one fails, before or after it is committed."""

    now: datetime = NOW
    copies: dict[Any, Any] = field(default_factory=dict)
    revisions: dict[Any, Shown] = field(default_factory=dict)
    acts: dict[str, tuple[Act, str | None]] = field(default_factory=dict)
    open: dict[Any, Difference] = field(default_factory=dict)
    ended: list[Difference] = field(default_factory=list)
    positions: dict[str, Position] = field(default_factory=dict)
    fail_at: int = 0
    is_lost: bool = True

    @contextmanager
    def __call__(self) -> Iterator[FakeBooks]:
        self.fail_at -= 1
        before = copy.deepcopy({name: getattr(self, name) for name in _KEPT})
        try:
            yield FakeBooks(self)
            self._lose()
        except Exception:
            for name, value in before.items():
                setattr(self, name, value)
            raise
        if self.fail_at == 0:
            raise UnavailableError("the database is away, and had committed")

    def _lose(self) -> None:
        if self.fail_at == 0 and self.is_lost:
            raise UnavailableError("the database is away")


_KEPT = ("copies", "revisions", "acts", "open", "ended", "positions")


@dataclass
class FakePeer:
    """The other platform: it knows every Idempotency-Key, and does an act once. ``fail`` is None, ``lost`` or ``applied``.

    What is put there is changed then; ``alter`` is by hand, which no list of changes tells.
    """

    objects: dict[tuple[str, str], Shown] = field(default_factory=dict)
    changed_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    now: datetime = NOW
    abridged: frozenset[str] = frozenset()
    looked: list[str] = field(default_factory=list)
    answers: dict[str, Shown] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    sent: int = 0
    fail: str | None = None
    refuses: RefusedByServiceError | None = None

    def put(self, shown: Shown) -> None:
        self.objects[shown.kind, shown.object_id] = shown
        self.changed_at[shown.kind, shown.object_id] = self.now

    def alter(self, shown: Shown) -> None:
        self.objects[shown.kind, shown.object_id] = shown

    def move(self, kind: str, object_id: str, state: str | None = None, **members: Any) -> Shown:
        old = self.objects[kind, object_id]
        state = state or old.state
        document = {**old.document, "revision": old.revision + 1, "state": state, **members}
        self.put(Shown(kind, object_id, old.revision + 1, state, document))
        return self.objects[kind, object_id]

    def page(self, kind: str, cursor: str | None, changed_since: datetime | None = None) -> PeerPage:
        self._fail()
        names = [name for name in self.objects if name[0] == kind]
        if changed_since is not None:
            names = [name for name in names if self.changed_at[name] >= changed_since]
            names.sort(key=lambda name: (self.changed_at[name], name))
        begin = int(cursor or 0)
        end = begin + PAGE
        items = [self.objects[name] for name in names[begin:end]]
        if kind in self.abridged:
            items = [replace(one, document={}) for one in items]
        until = max((self.changed_at[name] for name in names[begin:end]), default=None)
        return PeerPage(tuple(items), str(end) if end < len(names) else None, kind not in self.abridged, until)

    def look(self, kind: str, object_id: str) -> Shown | None:
        self._fail()
        self.looked.append(object_id)
        return self.objects.get((kind, object_id))

    def send(self, act: Act, text: str | None) -> Shown:
        self.sent += 1
        if self.fail == "lost":
            self._fail()
        if self.refuses is not None:
            raise self.refuses
        if act.act_id not in self.answers:
            self.answers[act.act_id] = self._do(act, text)
            self.done.append(act.act_id)
        self._fail()
        return self.answers[act.act_id]

    def _fail(self) -> None:
        if self.fail is not None:
            raise UnavailableError("no answer")

    def _do(self, act: Act, text: str | None) -> Shown:
        if act.act == FINAL_REVIEW:
            review = {"role": "authorisation_platform", "participant": US, "findings": act.request["findings"]}
            before = self.objects[act.kind, act.object_id].document["reviews"]
            is_passed = all(one["passed"] for one in act.request["findings"])
            state = "approved" if is_passed else "refused"
            return self.move(act.kind, act.object_id, state, reviews=[*before, review])
        if act.act == GRANT:
            self.put(an_authorisation(act.object_id, listed=act.request["listed"]))
        elif act.act == TOKEN:
            assert text is not None and text.count(".") == 2
            token, digest = act.request["token"], act.request["digest"]
            counter = {"spent": 0, "quota": token["quota"]}
            self.put(a_token(act.object_id, token=token, digest=digest, counter=counter))
        elif act.act == REVOCATION:
            ending = {"by": US, "reasons": act.request["reasons"], "spent": 0}
            return self.move(act.kind, act.object_id, "revoked", ending=ending)
        elif act.act in {SUSPENSION, RESUMPTION, WITHDRAWAL, WIDENING}:
            return self.move(act.kind, act.object_id, **_decided(self.objects[act.kind, act.object_id], act))
        elif act.act == FILING:
            return self.move(act.kind, act.object_id, "filing", filing={"filed_by": US})
        return self.objects[act.kind, act.object_id]


def _decided(before: Shown, act: Act) -> dict[str, Any]:
    """What becomes of an authorisation by a decision of its issuer."""
    said = {**act.request, "by": US, "at": "2026-11-02T09:00:00.000000Z"}
    if act.act == SUSPENSION:
        return {"state": "suspended", "suspension": said}
    if act.act == RESUMPTION:
        return {"state": "in_force", "suspension": None}
    if act.act == WITHDRAWAL:
        return {"state": "withdrawn", "ending": said}
    return {"widenings": [*before.document["widenings"], act.request["widening"]]}


@dataclass
class FakeContracts:
    """What the contracts have; None for an object nobody put there."""

    objects: dict[tuple[str, str], OnChain] = field(default_factory=dict)
    is_away: bool = False
    asked: list[str] = field(default_factory=list)

    def look(self, shown: Shown) -> OnChain | None:
        self.asked.append(shown.object_id)
        if self.is_away or shown.kind not in ("order", "agreement"):
            return None
        return self.objects.get((shown.kind, shown.object_id), OnChain(None, {}))


@dataclass
class TwoPlatforms:
    """Both, and the steps of a test."""

    store: FakeStore = field(default_factory=FakeStore)
    peer: FakePeer = field(default_factory=FakePeer)
    contracts: FakeContracts = field(default_factory=FakeContracts)

    @property
    def following(self) -> Following:
        return Following(US, self.store, self.peer, self.contracts)

    def sweep(self, *, later_s: int = 1) -> None:
        """Everything that waits is sent, then rounds are read until every sweep is at its end."""
        while self.round(later_s=later_s):
            pass

    def round(self, *, later_s: int = 1) -> bool:
        """Everything that waits is sent, then one round is read; returns whether there is more."""
        self.store.now += timedelta(seconds=later_s)
        while send_next(self.following):
            pass
        is_more = any(list(one_round(self.following)))
        self.store.now += timedelta(microseconds=1)
        self.peer.now = self.store.now
        return is_more

    def listed(self) -> set[tuple[str, str, str, str]]:
        return {(of, name, str(cause), str(one.owner)) for (of, name, cause), one in self.store.open.items()}


def shown(kind: str, object_id: str, state: str, revision: int = 1, **members: Any) -> Shown:
    return Shown(kind, object_id, revision, state, {"revision": revision, "state": state, **members})


def an_application(name: str = "app-1", state: str = "first_reviewed", **members: Any) -> Shown:
    reviewers = {"trading_platform": OTHER, "authorisation_platform": US, "line_authority": None}
    first = {"role": "trading_platform", "participant": OTHER, "findings": []}
    defaults = {
        "application_id": name,
        "applicant": BANK,
        "reviewers": reviewers,
        "reviews": [first],
        "content": {"a": 1},
    }
    return shown(APPLICATION, name, state, 2, **defaults | members)


def an_authorisation(name: str = "app-1", **members: Any) -> Shown:
    defaults = {
        "authorisation_id": name,
        "holder": BANK,
        "provider": PROVIDER,
        "issuer": US,
        "product_code": "6" * 32,
        "version": 1,
        "listed": {"scenario": "s", "purpose": "p", "items": []},
        "widenings": [],
        "suspension": None,
        "ending": None,
    }
    return shown(AUTHORISATION, name, "in_force", **defaults | members)


def a_token(name: str = "tok-00000001", **members: Any) -> Shown:
    defaults = {"token_id": name, "token": {"issuer": US}, "digest": "ab" * 32, "ending": None, "counter": {"spent": 0}}
    return shown(USAGE_TOKEN, name, "issued", **defaults | members)


def an_agreement(name: str = "84-1", state: str = "filed", **members: Any) -> Shown:
    salt, hidden = b"\x05" * 32, [b"\x06" * 32]
    disclosed: Mapping[str, Any] = {"name": "授权使用", "valid_from": "2026-11-02"}
    digest = agreement_digest([*hidden, *disclosed_leaves(disclosed, salt)])
    defaults = {
        "agreement_id": name,
        "provider": PROVIDER,
        "consumer": BANK,
        "order_id": None,
        "platforms": [OTHER, US],
        "disclosed": disclosed,
        "disclosed_salt": salt.hex(),
        "confidential": {"leaf_hashes": [one.hex() for one in hidden], "ciphertext": None},
        "contract_hash": digest.hex(),
        "filing": None if state in ("generated", "signing", "signed") else {"filed_by": OTHER},
        "waiting": None,
    }
    return shown(AGREEMENT, name, state, 3, **defaults | members)


def an_order(name: str = "ord-1", state: str = "offered", **members: Any) -> Shown:
    return shown("order", name, state, **{"order_id": name, "consumer": BANK, "provider": PROVIDER} | members)


def changed(one: Shown, **members: Any) -> Shown:
    """The same revision with another document: what nobody does in order."""
    state = members.get("state", one.state)
    return replace(one, state=state, document={**one.document, **members})
