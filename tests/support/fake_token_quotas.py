"""Counters of usage tokens in memory; ``tests/services/test_token_quotas.py`` holds them to the real ones."""

from dataclasses import replace
from datetime import datetime

from ledger.errors import ConflictError, MisuseError
from ledger.services.token_quotas import Quota


class FakeTokenQuotas:
    """Works on the dictionary of a world."""

    def __init__(self, rows: dict[str, tuple[str, Quota]]) -> None:
        self._rows = rows

    def open(self, token_id: str, authorisation: str, quota: int, valid_from: datetime, valid_until: datetime) -> None:
        if token_id in self._rows:
            raise ConflictError(f"There is already a usage token {token_id}. Nothing was changed.")
        made = Quota(quota, 0, valid_from, valid_until, is_stopped=False, is_ended=False)
        self._rows[token_id] = authorisation, made

    def spend(self, token_id: str, calls: int, now: datetime) -> int | None:
        row = self.find(token_id)
        if row is None or row.is_stopped or row.is_ended or not row.valid_from <= now < row.valid_until:
            return None
        if calls < 1 or row.spent + calls > row.quota:
            return None
        self._put(token_id, spent=row.spent + calls)
        return row.spent + calls

    def find(self, token_id: str) -> Quota | None:
        found = self._rows.get(token_id)
        return None if found is None else found[1]

    def set_stopped(self, authorisation: str, *, is_stopped: bool) -> None:
        for token_id in self._open_ones(authorisation):
            self._put(token_id, is_stopped=is_stopped)

    def end(self, token_id: str) -> int:
        row = self.find(token_id)
        if row is None:
            raise MisuseError(f"there is no counter of the usage token {token_id}")
        self._put(token_id, is_ended=True)
        return row.spent

    def end_all(self, authorisation: str) -> int:
        found = self._open_ones(authorisation)
        for token_id in found:
            self._put(token_id, is_ended=True)
        return len(found)

    def _open_ones(self, authorisation: str) -> list[str]:
        return [name for name, (of, row) in self._rows.items() if of == authorisation and not row.is_ended]

    def _put(self, token_id: str, **changes: int | bool) -> None:
        authorisation, row = self._rows[token_id]
        self._rows[token_id] = authorisation, replace(row, **changes)  # type: ignore[arg-type]
