"""What holds for an agreement beside its own terms: the duties and bans of the product that it is about, and the bans of its template. Pure."""

from dataclasses import dataclass, replace

from ledger.domain.policies.boxes import Space, are_apart
from ledger.domain.policies.evaluation import is_about
from ledger.domain.policies.model import PolicySet, Rule
from ledger.domain.policies.vocabulary import Action, RuleKind


@dataclass(frozen=True, slots=True)
class Excess:
    """A use that a permission allows and another text forbids: place of the permission, action, place of the prohibition there."""

    place: str
    action: Action
    forbidden_by: str


def bound_by(policy: PolicySet, listed: PolicySet) -> PolicySet:
    """The terms with every prohibition and obligation of the listed product that they do not state themselves, those behind their own.

    The product's permissions are not taken over: which of them an agreement has is what its parties agree about.

    Raises:
        PolicyTooLargeError: the two have too many rules or values together.
    """
    return replace(
        policy,
        prohibitions=policy.prohibitions + tuple(one for one in listed.prohibitions if one not in policy.prohibitions),
        obligations=policy.obligations + tuple(one for one in listed.obligations if one not in policy.obligations),
    )


def excess_over(policy: PolicySet, bans: PolicySet) -> tuple[Excess, ...]:
    """What a policy permits although the prohibitions of another one forbid it, in the order of its permissions; none if that is nothing.

    A permission that is too tangled to be judged counts as permitting: to state the prohibition itself takes the doubt away.

    Raises:
        PolicyTooLargeError: the two have too many rules or values together.
    """
    space = Space(replace(policy, prohibitions=policy.prohibitions + bans.prohibitions))
    return tuple(
        Excess(place, action, where)
        for place, rule in policy.numbered(RuleKind.PERMISSION)
        for where, ban in bans.numbered(RuleKind.PROHIBITION)
        for action in Action
        if is_about(rule, action) and is_about(ban, action) and _is_left(space, policy, (rule, ban), action)
    )


def _is_left(space: Space, policy: PolicySet, pair: tuple[Rule, Rule], action: Action) -> bool:
    """Whether a permission allows an action somewhere where a ban is, once the policy's own prohibitions are taken away."""
    rule, ban = pair
    own = [space.box(one, maybe=True) for one in policy.prohibitions if is_about(one, action)]
    left = space.minus(space.box(rule), own)
    return left is None or any(not are_apart(piece, space.box(ban)) for piece in left)
