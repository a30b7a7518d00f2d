"""Keys of a development installation's bodies with reserved roles and of its guardians.

One machine holds them all, so that everything can be tried; a consortium's bodies keep their own. Like the log's keys, the folder is
made whole or not at all, and a key that is on the chain is never quietly replaced.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coincurve import PrivateKey

from ledger.adapters.chain.suite_config import RESERVED_ROLES
from ledger.adapters.files.durable import create_file, fsync_folder, make_folder
from ledger.adapters.files.keys import load_key_file
from ledger.errors import SettingsError

GUARDIANS: Final = 2


@dataclass(frozen=True, slots=True, repr=False)
class BodyKeys:
    """secp256k1 keys, 32 bytes each; never printed.

    Args:
        business: by role, the key for BUSINESS and METERING.
        finance: by role, the key for FINANCE, which stands alone in a key.
        guardians: keys of the bodies of the guardian council.
    """

    business: dict[str, bytes]
    finance: dict[str, bytes]
    guardians: list[bytes]


def load_or_create_body_keys(folder: Path, *, may_create: bool) -> BodyKeys:
    """Every key of ``folder``; all are made, durably, when it does not exist and ``may_create``.

    Raises:
        SettingsError: a file or the folder is missing, or a file is unreadable, malformed, or open to other users.
    """
    if not folder.exists():
        if not may_create:
            raise SettingsError(
                f"{folder} is missing: restore it from a backup; its keys are those of bodies on the chain"
            )
        _create(folder)
    return BodyKeys(
        business={role: load_key_file(folder / _business_file(role)) for role in RESERVED_ROLES},
        finance={role: load_key_file(folder / _finance_file(role)) for role in RESERVED_ROLES},
        guardians=[load_key_file(folder / _guardian_file(number)) for number in range(GUARDIANS)],
    )


def _business_file(role: str) -> str:
    return f"{_stem(role)}-business.key"


def _finance_file(role: str) -> str:
    return f"{_stem(role)}-finance.key"


def _guardian_file(number: int) -> str:
    return f"guardian-{number + 1}.key"


def _stem(role: str) -> str:
    return role.lower().replace("_", "-")


def _create(folder: Path) -> None:
    """Make all files under another name, then rename: a crash before that leaves a folder that the next start replaces."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    make_folder(fresh)
    names = [name for role in RESERVED_ROLES for name in (_business_file(role), _finance_file(role))]
    for name in (*names, *map(_guardian_file, range(GUARDIANS))):
        create_file(fresh / name, PrivateKey().secret.hex().encode() + b"\n")
    fresh.rename(folder)
    fsync_folder(folder.parent)
