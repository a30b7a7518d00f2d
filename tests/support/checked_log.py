"""A log with a row in every table of evidence, for tests of ``fsck``; and how to run ``fsck`` on it."""

from collections import Counter
from pathlib import Path

from sqlalchemy import text
from support.a_log import an_event
from support.anchor_rig import FakeRig, fake_rig

from anchor.fsck import Fsck, Sources
from anchor.fsck_tree import Finding
from ledger.adapters.sql import api_keys, outbox, search_index
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.log.event import event_from_value
from ledger.services.accounts import WantedAccount
from ledger.services.business import Actor
from ledger.services.ports import Promise

PERMIT = {
    "specversion": "1.0",
    "source": "urn:test:permits",
    "type": "org.xes.permit.v1",
    "subject": "case-7",
    "data": {"org:group": "office 3", "amount": 12},
}
LATER_PROMISE = Promise(publish_within_s=3_600, anchor_within_s=7_200)


def checked_log(database_url: str, folder: Path) -> FakeRig:
    """700 events of two kinds in several checkpoints, all final; three came through the outbox."""
    rig = fake_rig(database_url, folder)
    rig.append(300)
    rig.run_until_final()
    permits = [event_from_value(PERMIT | {"id": f"p{number}"}) for number in range(96)]
    rig.log.store.append([rig.log.preparer.prepare(event, "office") for event in permits], rig.parts().promise)
    with rig.log.engine.begin() as connection:
        for number in range(3):
            outbox.add(connection, rig.log.preparer, "org.cityledger.test.v1", {"n": number})
    rig.run_until_final()
    rig.append(300)
    rig.run_until_final()
    return rig


def with_every_row(rig: FakeRig) -> None:
    """API keys, one revoked; accounts, one withdrawn; a conflict; a pending event; a second promise; a full search index."""
    preparer = rig.log.preparer
    with rig.log.engine.begin() as connection:
        made = [
            api_keys.create(connection, preparer, role="platform_service", submitter=name, source_prefixes=["urn:x:"])
            for name in ("archive", "office")
        ]
        api_keys.revoke(connection, preparer, made[1].key_id)
        accounts = SqlAccounts(connection, preparer, "192.0.2.1")
        for subject in ("stays", "leaves"):
            wanted = WantedAccount("911100000000000001", "https://identity.test", subject, "handler", ("provider",))
            account = accounts.add(wanted, "key:operator")
        accounts.withdraw(account, "key:operator")
        uow = SqlUnitOfWork(connection, preparer, Actor("key:operator", None, frozenset({"operator"})), contracts={})
        for name in ("d-1", "d-2"):
            made_object = uow.create(
                "demand", name, state="published", parties=("x",), document={"n": 1}, act="publish"
            )
            uow.put_private(made_object, {"contact": name})
            uow.change(made_object, act="match", state="matched", document={"n": 2})
    changed = event_from_value(PERMIT | {"id": "p0", "data": {}})
    assert outbox.record_conflicts(rig.log.engine, preparer, "office", [(changed, 301)]) == 1
    rig.log.store.append([preparer.prepare(an_event("promised otherwise"), "test")], LATER_PROMISE)
    rig.run_until_final()
    with rig.log.engine.begin() as connection:
        outbox.add(connection, preparer, "org.cityledger.test.v1", {"waits": True})
    while search_index.index_next(rig.log.engine, 5_000):
        pass


def fsck(rig: FakeRig, *, receipt_key: bytes | None = None, profile: str | None = None) -> list[Finding]:
    """Every finding, as reported."""
    findings: list[Finding] = []
    sources = Sources(rig.log.engine, rig.tiles, rig.journal, rig.log.preparer, rig.chain, receipt_key, profile)
    summary = Fsck(sources, findings.append, lambda done, total: None).run()
    assert summary.findings == Counter(finding.code for finding in findings)
    return findings


def codes(rig: FakeRig) -> set[str]:
    """The codes of every finding, with all that the settings tell."""
    public = rig.log.keys.receipt.public_key().public_bytes_raw()
    return {finding.code for finding in fsck(rig, receipt_key=public, profile="development")}


def tamper(rig: FakeRig, statement: str, **values: object) -> int:
    """What somebody with the database's password does; returns how many rows it hit."""
    with rig.log.engine.begin() as connection:
        return connection.execute(text(statement), values).rowcount
