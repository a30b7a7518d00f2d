"""The commands that a page of the documentation shows, so that tests run what a reader types."""

import re

from support.repository import ROOT


def blocks_of(page: str) -> list[list[str]]:
    """The lines of each ``sh`` block of a page of the repository, in order."""
    return [block.strip().splitlines() for block in sh_blocks(text_of(page))]


def sh_blocks(text: str) -> list[str]:
    """What each ``sh`` block of a text in Markdown holds, in order."""
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def text_of(page: str) -> str:
    """A page of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")
