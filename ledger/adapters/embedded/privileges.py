"""PostgreSQL refuses to run as root; this finds the identity that a program started by root runs under.

An ordinary user needs nothing. Root gets, in this order: the owner of a folder that an ordinary user made; a user
namespace in which root's files belong to user 1000 (no file changes hands, no folder is opened to others); where the
machine forbids such namespaces, the user ``nobody``, who then owns the folder.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ledger.errors import EmbeddedError

NAMESPACE_USER = "1000"


@dataclass(frozen=True, slots=True)
class Identity:
    """How to start a program under an identity that is not root.

    Args:
        user_id: who owns the program's files, seen from outside; ``os.geteuid()`` when nothing changes.
        prefix: what stands before the program in its argument list.
        options: keyword arguments for ``subprocess.Popen``.
    """

    user_id: int
    prefix: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def own(self, folder: Path) -> None:
        """Give ``folder``, which this process just made and which is empty, to the identity."""
        if self.options:
            os.chown(folder, self.user_id, self.options["group"])


def unprivileged_identity(folder: Path) -> Identity:
    """The identity for a program that keeps its files in ``folder``, which may not exist yet.

    Raises:
        EmbeddedError: root, no user namespace, and ``nobody`` cannot reach the folder.
    """
    if os.geteuid() != 0:
        return Identity(os.geteuid())
    if folder.exists() and folder.stat().st_uid != 0:
        return _as_user(folder.stat().st_uid, folder.stat().st_gid)
    prefix = _namespace_prefix()
    if prefix:
        return Identity(0, prefix)
    nobody = pwd.getpwnam("nobody")
    identity = _as_user(nobody.pw_uid, nobody.pw_gid)
    existing = next(parent for parent in folder.absolute().parents if parent.exists())
    probe = subprocess.run(["/bin/sh", "-c", 'cd -- "$0"', str(existing)], check=False, **identity.options)
    if probe.returncode != 0:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, user namespaces are not allowed here, and the user nobody may not enter "
            f"{existing}: start as an ordinary user, or choose a data folder that others may enter"
        )
    return identity


def _as_user(user_id: int, group_id: int) -> Identity:
    return Identity(user_id, (), {"user": user_id, "group": group_id, "extra_groups": []})


@cache
def _namespace_prefix() -> tuple[str, ...]:
    program = shutil.which("unshare") or "/usr/bin/unshare"
    prefix = (program, "--user", f"--map-user={NAMESPACE_USER}", f"--map-group={NAMESPACE_USER}", "--")
    try:
        probe = subprocess.run([*prefix, "true"], check=False, capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return prefix if probe.returncode == 0 else ()
