"""A step of the tests' own: a body is admitted when the chain says so. Imported by the test and by the service that it starts."""

from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.steps import Step, register_step

STEP = "test.admitted"


def _admitted(uow: UnitOfWork, subject: StoredObject, act: StoredObject) -> None:
    uow.change(subject, act="admit", state="active", document={**subject.document, "act_id": act.object_id})
    uow.record("org.cityledger.test.admitted.v1", {"act_id": act.object_id}, subject=subject.object_id)


def _not_admitted(uow: UnitOfWork, subject: StoredObject, act: StoredObject, reason: str) -> None:
    del act
    uow.change(subject, act="go back", state="approved", document={**subject.document, "reason": reason})


register_step(STEP, Step(_admitted, _not_admitted))
