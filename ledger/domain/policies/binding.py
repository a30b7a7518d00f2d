"""What holds for an agreement beside its own terms: the duties and bans of the product that it is about, and the bans of its template. Pure."""

from dataclasses import replace

from ledger.domain.policies.model import PolicySet


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
