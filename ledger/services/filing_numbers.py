"""Filing numbers: each is one version's, from the moment in which its authority asks for the filing until that comes to nothing.

A number that was let go may be given again; the object's history says to whom it was given before.
"""

from ledger.domain.filing_number import KIND, LIFE
from ledger.errors import ConflictError
from ledger.services.business import UnitOfWork


def reserve_number(uow: UnitOfWork, number: str, authority: str, *, product_code: str, version: int) -> None:
    """Gives a number to a version.

    Raises:
        ConflictError: it is another version's.
    """
    owner = {"product_code": product_code, "version": version}
    there = uow.find(KIND, number)
    if there is None:
        uow.create(KIND, number, state=LIFE.initial, parties=(authority,), document=owner, act="give")
    elif "give" in LIFE.allowed(there.state):
        uow.change(there, act="give", state=LIFE.next(there.state, "give"), parties=(authority,), document=owner)
    elif dict(there.document) != owner:
        raise ConflictError("This filing number is another product's. Nothing was changed.")


def release_number(uow: UnitOfWork, number: str) -> None:
    """Lets a number go whose filing was refused or taken back; the version that held it may be given it again, as any other."""
    there = uow.find(KIND, number)
    if there is not None and "release" in LIFE.allowed(there.state):
        uow.change(there, act="release", state=LIFE.next(there.state, "release"))
