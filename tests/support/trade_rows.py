"""A million orders and their agreements, made in the server: like one order and one agreement, over three years and for uneven parties.

The first consumer has a tenth of all of them, the others the fewer the later they come; one platform sees all, another one a third.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, text
from support.product_world import a_world
from support.trade_steps import Trade

from ledger.domain.codes import CodeKind, generate_national_code, random_part
from ledger.domain.subject_code import generate_subject_code

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
BODIES, PROVIDERS, PRODUCTS = 2_000, 200, 3_000
ORDER_STATES: Final = {
    "drafted": 2,
    "offered": 3,
    "confirmed": 2,
    "in_force": 50,
    "closed": 38,
    "lapsed": 3,
    "rejected": 2,
}
AGREEMENT_STATES: Final = {"generated": 2, "signing": 1, "signed": 2, "filed": 75, "terminated": 19, "abandoned": 1}

CONSUMERS: Final = [generate_subject_code("310000", f"MC{number:06d}0") for number in range(BODIES)]
PROVIDER_CODES: Final = [generate_subject_code("310000", f"MP{number:06d}0") for number in range(PROVIDERS)]
PLATFORM, SECOND = (generate_subject_code("310000", f"MX{number:06d}0") for number in range(2))
PRODUCT_CODES: Final = [
    generate_national_code(CodeKind.PRODUCT, PROVIDER_CODES[number % PROVIDERS], "3101", random_part(number))
    for number in range(PRODUCTS)
]


_ROWS: Final = """
INSERT INTO {table} (kind, object_id, revision, state, parties, document, created_at, changed_at)
SELECT :kind, {name}, 5, state, CASE WHEN state = 'drafted' THEN ARRAY[consumer] ELSE parties END,
    CAST(:model AS jsonb) || jsonb_build_object('consumer', consumer, 'provider', provider) || {more}, at, at
FROM (
    SELECT number, at, product, consumer, provider, state, days,
        ARRAY[consumer, provider, :platform] || CASE WHEN place % 3 = 0 THEN ARRAY[:second] ELSE CAST('{{}}' AS text[]) END AS parties
    FROM (
        SELECT number, place, CAST(:start AS timestamptz) + number * CAST(:step AS interval) AS at,
            (CAST(:products AS text[]))[1 + place] AS product,
            (CAST(:consumers AS text[]))[1 + CASE WHEN share < 0.1 THEN 0 ELSE CAST(floor(power(drawn, 2) * :bodies) AS int) END] AS consumer,
            (CAST(:providers AS text[]))[1 + place % :provider_count] AS provider,
            (CAST(:states AS text[]))[1 + CAST(floor(chance * 100) AS int)] AS state,
            (ARRAY[180, 365, 730])[1 + place % 3] AS days
        FROM (
            SELECT number, random() AS share, random() AS drawn, random() AS chance, CAST(floor(random() * :product_count) AS int) AS place
            FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS number
        ) AS dice
    ) AS chosen
) AS made
"""
_NAMES: Final = {
    "order": "'ord-' || md5('order ' || number)",
    "agreement": "'84' || :platform || '3101' || to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDDHH24MISS') "
    "|| lpad(CAST(number AS text), 8, '0') || '0'",
}
_MORE: Final = {
    "order": "jsonb_build_object('content', CAST(:content AS jsonb) || jsonb_build_object('product_code', product))",
    "agreement": "jsonb_build_object('product_code', product, 'contract_hash', md5('a' || number) || md5('b' || number), 'disclosed', "
    "CAST(:content AS jsonb) || jsonb_build_object('valid_from', to_char(at, 'YYYY-MM-DD'), "
    "'valid_until', to_char(at + days * interval '1 day', 'YYYY-MM-DD')))",
}
ROWS_AT_ONCE: Final = 50_000


Told = Callable[[str, int, int], object]
"""(kind, rows made, rows wanted): how far it is."""


def fill(engine: Engine, orders: int, agreements: int, told: Told = lambda _kind, _made, _wanted: None) -> None:
    """Makes all rows in the server, like one order and one agreement, and then the indexes that a migrated database has.

    Indexes that grow with every row take ten times as long; those made at the end are a little denser than a service's.
    """
    trade = Trade(a_world()).draft().offered().confirmed().generated().signed().filed()
    for model, member, states, count in (
        (trade.order, "content", ORDER_STATES, orders),
        (trade.agreement, "disclosed", AGREEMENT_STATES, agreements),
    ):
        statement = text(_ROWS.format(name=_NAMES[model.kind], more=_MORE[model.kind], table=f"objects_{model.kind}"))
        values = {
            "kind": model.kind,
            "model": json.dumps(model.document),
            "content": json.dumps(model.document[member]),
            "start": START,
            "step": timedelta(days=3 * 365) / count,
            "products": PRODUCT_CODES,
            "product_count": PRODUCTS,
            "consumers": CONSUMERS,
            "bodies": BODIES,
            "providers": PROVIDER_CODES,
            "provider_count": PROVIDERS,
            "states": [state for state, share in states.items() for _ in range(share)],
            "platform": PLATFORM,
            "second": SECOND,
        }
        with without_indexes(engine, model.kind):
            for first in range(0, count, ROWS_AT_ONCE):
                bounds = {"first": first, "last": min(first + ROWS_AT_ONCE, count) - 1}
                with engine.begin() as connection:
                    connection.execute(text("SELECT setseed(0.7)"))
                    connection.execute(statement, values | bounds)
                told(model.kind, bounds["last"] + 1, count)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("objects_order", "objects_agreement"):
            connection.execute(text(f"VACUUM ANALYZE {table}"))


@contextmanager
def without_indexes(engine: Engine, kind: str) -> Iterator[None]:
    """While it lasts, the table of this kind stands alone and has no index; then it has those of before, and is part of ``objects`` again."""
    table = f"objects_{kind}"
    with engine.begin() as connection:
        before = indexes_of(connection, table)
        connection.execute(text(f"ALTER TABLE objects DETACH PARTITION {table}"))
        connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey"))
        for name in before.keys() - {f"{table}_pkey"}:
            connection.execute(text(f"DROP INDEX {name}"))
    yield
    with engine.begin() as connection:
        for statement in before.values():
            connection.execute(text(statement))
        connection.execute(text(f"ALTER TABLE {table} ADD PRIMARY KEY USING INDEX {table}_pkey"))
        connection.execute(text(f"ALTER TABLE objects ATTACH PARTITION {table} FOR VALUES IN ('{kind}')"))
        assert indexes_of(connection, table) == before, "attached, it has the same indexes and no further ones"


def indexes_of(connection: Connection, table: str) -> dict[str, str]:
    """Name -> the statement that makes it."""
    query = text("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :table")
    return {row.indexname: row.indexdef for row in connection.execute(query, {"table": table})}
