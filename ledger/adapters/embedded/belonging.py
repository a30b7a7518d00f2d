"""Whether database, keys and keyring of a data folder are of one log, asked before anything is written anywhere."""

import os
from pathlib import Path

from ledger.adapters.clock import SystemClock
from ledger.adapters.files.keyring import FileKeyring, month_of
from ledger.adapters.files.keys import KeyFiles
from ledger.adapters.sealed_months import check_keyring
from ledger.adapters.settings import ENV_PREFIX
from ledger.adapters.sql import reading
from ledger.adapters.sql.engine import create_engine, database_errors
from ledger.errors import IntegrityError


def check_belonging(database_url: str, origin: str, keys: KeyFiles, data_dir: Path) -> None:
    """Refuses parts that belong to different logs, such as after an incomplete restore; does nothing before the first start.

    Raises:
        IntegrityError: the database is of another log than origin and keys, or the keyring has not the keys of its rows.
    """
    engine = create_engine(database_url, pool_size=1)
    try:
        with database_errors(), engine.connect() as connection:
            shard = reading.shard(connection)
            if shard is not None:
                _compare(shard, origin, keys)
                # The settings say where the keyring is, but they need the deployed contracts, which come after this check.
                folder = Path(os.environ.get(f"{ENV_PREFIX}KEYRING_DIR", data_dir / "keyring")).expanduser().absolute()
                keyring = FileKeyring(folder, os.urandom)
                check_keyring(connection, keyring.holds, month_of(SystemClock().now()))
    finally:
        engine.dispose()


def _compare(shard: reading.Shard, origin: str, keys: KeyFiles) -> None:
    identity = shard.identity
    own = (identity.origin, identity.checkpoint_key, identity.anchor_address, shard.receipt_key)
    given = (origin, keys.checkpoint_public_key, keys.anchor_address, keys.receipt_public_key)
    if own != given:
        raise IntegrityError(
            f"The database holds the log {identity.origin} (0x{identity.log_id.hex()}); the key files are of another."
            " Nothing was changed. Put database and keys of the same data folder together.",
            finding="another_log",
        )
