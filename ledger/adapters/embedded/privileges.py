"""PostgreSQL refuses to run as root, or as a user without a name; this finds the identity that it runs under.

An ordinary user with a name needs nothing. Root gets, in this order: the owner of a folder that an ordinary user made; a user
namespace in which root's files belong to a user with a name (no file changes hands, no folder is opened to others); where the
machine forbids such namespaces, as containers often do, the user ``nobody``, who then owns the folder and may pass through our
folders above it. An ordinary user without an entry in the user database gets the namespace too.
"""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ledger.errors import EmbeddedError


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


def unprivileged_identity(folder: Path, program: Path, passages: Sequence[Path] = ()) -> Identity:
    """The identity for a program that keeps its files in ``folder``, which may not exist yet.

    Args:
        folder: the program's own.
        program: what is to be run.
        passages: existing folders of ours on the way to it, outermost first. Those that are root's alone are opened to the group of
            another identity, and only for passing through; what lies in them stays as private as it is.

    Raises:
        EmbeddedError: there is no such identity, or it cannot use the folder; the message says what to do.
    """
    if os.geteuid() != 0:
        return _named_identity()
    if folder.exists() and folder.stat().st_uid != 0:
        owner = folder.stat()
        for passage in passages:
            _let_through(passage, owner.st_gid)
        return _as_user(owner.st_uid, owner.st_gid)
    prefix = _namespace_prefix()
    if prefix:
        return Identity(0, prefix)
    nobody = pwd.getpwnam("nobody")
    if folder.exists():
        raise EmbeddedError(
            f"{folder} belongs to root, as a start made it where user namespaces were allowed; here they are not, and PostgreSQL "
            f"does not run as root. Nothing was changed. Give the files away and start again: chown -R nobody: {folder.parent}"
        )
    identity = _as_user(nobody.pw_uid, nobody.pw_gid)
    for passage in passages:
        _let_through(passage, nobody.pw_gid)
    for path in (folder, program):
        _check_reachable(path, identity)
    return identity


def _named_identity() -> Identity:
    """An ordinary user as it is; ``initdb`` looks its name up, so one without a name borrows one inside a namespace."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        prefix = _namespace_prefix()
        if not prefix:
            raise EmbeddedError(
                f"the user with id {os.geteuid()} has no entry in /etc/passwd, which PostgreSQL needs, and user namespaces are "
                "not allowed here: add an entry, or start as another user"
            ) from None
        return Identity(os.geteuid(), prefix)
    return Identity(os.geteuid())


def _let_through(passage: Path, group_id: int) -> None:
    facts = passage.stat()
    if facts.st_uid == 0 and not facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        os.chown(passage, -1, group_id)
        passage.chmod(stat.S_IMODE(facts.st_mode) | stat.S_IXGRP)


def _check_reachable(path: Path, identity: Identity) -> None:
    for parent in reversed(path.absolute().parents):
        if not parent.exists():
            return
        command = ["/bin/sh", "-c", 'cd -- "$0"', str(parent)]
        if subprocess.run(command, check=False, capture_output=True, **identity.options).returncode != 0:
            raise EmbeddedError(
                "PostgreSQL does not run as root, user namespaces are not allowed here, and the user nobody may not enter "
                f"{parent}, as it must to reach {path}: start as an ordinary user, or keep data folder and installation where "
                "others may enter, such as below /var/lib and /opt"
            )


def _as_user(user_id: int, group_id: int) -> Identity:
    return Identity(user_id, (), {"user": user_id, "group": group_id, "extra_groups": []})


@cache
def _namespace_prefix() -> tuple[str, ...]:
    """What starts a program in a user namespace of its own; empty when the machine forbids that."""
    program = shutil.which("unshare") or "/usr/bin/unshare"
    # whoever has a name there; 65534 stands for all that a namespace does not know
    named = next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid not in {0, 65534}), 65534)
    prefix = (program, "--user", f"--map-user={named}", f"--map-group={named}", "--")
    try:
        probe = subprocess.run([*prefix, "true"], check=False, capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return prefix if probe.returncode == 0 else ()
