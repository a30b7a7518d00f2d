"""Which files belong to the repository, as git sees them. What a person makes beside them while trying things does not."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("contracts", "ledger", "api", "anchor", "scripts", "tests")


def tracked(root: Path, *patterns: str) -> list[Path]:
    """The files that git tracks below ``root``, those that match any of the patterns when there are some."""
    return _listed(root, ["--cached"], patterns)


def tracked_or_new(root: Path, *patterns: str) -> list[Path]:
    """Tracked files, and files not yet added in the folders of the code: events, proofs or a data folder are none of them."""
    found = {*tracked(root, *patterns), *_listed(root, ["--others", "--exclude-standard"], patterns)}
    known = set(tracked(root))
    return sorted(path for path in found if path in known or path.relative_to(root).parts[0] in FOLDERS)


def _listed(root: Path, which: list[str], patterns: tuple[str, ...]) -> list[Path]:
    command = ["git", "ls-files", "-z", *which, "--", *patterns]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    return [root / name for name in listed if name and (root / name).is_file()]
