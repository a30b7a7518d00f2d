"""The commands that a page of the documentation shows, so that tests run what a reader types."""

import re

from support.repository import ROOT


def blocks_of(page: str) -> list[list[str]]:
    """The lines of each ``sh`` block of a page of the repository, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", text_of(page), re.MULTILINE | re.DOTALL)
    return [block.strip().splitlines() for block in blocks]


def text_of(page: str) -> str:
    """A page of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")
