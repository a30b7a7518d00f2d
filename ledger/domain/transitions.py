"""Lifecycles as explicit transition tables: which act is allowed in which state, and where it leads. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ledger.errors import IllegalTransitionError, MisuseError


@dataclass(frozen=True)
class TransitionTable:
    """One lifecycle.

    Args:
        kind: the kind of object that lives it, for error texts.
        initial: the state in which an object begins.
        moves: (state, act) -> next state; everything that is not here is illegal.
    """

    kind: str
    initial: str
    moves: Mapping[tuple[str, str], str]

    def __post_init__(self) -> None:
        unreached = self.states - {self.initial} - set(self.moves.values())
        if self.initial not in self.states or unreached:
            raise MisuseError(f"the table of {self.kind} has states that nothing leads to: {sorted(unreached)}")

    @cached_property
    def states(self) -> frozenset[str]:
        """Every state."""
        return frozenset({self.initial, *(state for state, _ in self.moves), *self.moves.values()})

    @cached_property
    def acts(self) -> frozenset[str]:
        """Every act."""
        return frozenset(act for _, act in self.moves)

    def allowed(self, state: str) -> tuple[str, ...]:
        """The acts that are allowed in ``state``, sorted; none in a final state."""
        return tuple(sorted(act for where, act in self.moves if where == state))

    def reachable(self, state: str) -> frozenset[str]:
        """Every state that acts can lead to from ``state``, itself included; only itself when the table does not know it."""
        found, new = {state}, {state}
        while new:
            new = {end for (where, _), end in self.moves.items() if where in new} - found
            found |= new
        return frozenset(found)

    def next(self, state: str, act: str) -> str:
        """Where ``act`` leads from ``state``.

        Raises:
            IllegalTransitionError: it is not allowed there; says what is.
            MisuseError: there is no such state or act at all.
        """
        if state not in self.states or act not in self.acts:
            raise MisuseError(f"{self.kind} has no state {state!r} or no act {act!r}")
        found = self.moves.get((state, act))
        if found is None:
            allowed = self.allowed(state)
            shown = ", ".join(allowed) if allowed else "nothing any more"
            raise IllegalTransitionError(
                f"A {self.kind.replace('_', ' ')} in state {state} cannot do this ({act}). Allowed now: {shown}. Nothing was changed.",
                state=state,
                allowed=list(allowed),
            )
        return found
