"""A leaver's withdrawal does not stay the operator's word: it becomes final on a real chain, and its proof says so."""

from pathlib import Path
from typing import Any

from sqlalchemy import text
from support.anchor_rig import anvil_rig, running_anvil

from ledger.adapters.sql import reading
from ledger.adapters.sql.accounts import GRANTED_TYPE, WITHDRAWN_TYPE, SqlAccounts
from ledger.log.event import parse_event
from ledger.services.accounts import WantedAccount
from ledger.services.proofs import open_event


def test_grant_and_withdrawal_become_final_on_the_chain(migrated_url: str, tmp_path: Path) -> None:
    with running_anvil(tmp_path / "anvil") as anvil:
        rig = anvil_rig(migrated_url, tmp_path / "service", anvil)
        with rig.log.engine.begin() as connection:
            accounts = SqlAccounts(connection, rig.log.preparer)
            wanted = WantedAccount("911100000000000001", "https://identity.test", "leaver", "handler", ("provider",))
            account = accounts.withdraw(accounts.add(wanted, "key:operator"), "key:operator")
        rig.run_until_final()

        with rig.log.engine.connect() as connection:
            final = reading.watermarks(connection).final
            indexes = connection.execute(text("SELECT leaf_index FROM outbox ORDER BY number")).scalars().all()
            events: list[Any] = []
            for index in indexes:
                (stored,) = reading.events_between(connection, index, index + 1)
                opening = open_event(stored, rig.log.preparer.sealer)
                assert opening.event is not None
                events.append(parse_event(opening.event.canonical))
        rig.log.engine.dispose()
    mine = [event for event in events if event.value.get("data", {}).get("account_id") == account.account_id]
    assert [event.type for event in mine] == [GRANTED_TYPE, WITHDRAWN_TYPE]
    assert max(indexes) < final
