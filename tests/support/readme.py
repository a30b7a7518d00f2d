"""The commands that the README at the top shows, in order; comments after three spaces are for the reader."""

from support.walk_through import sh_blocks, text_of

README = text_of("README.md")
BLOCKS = sh_blocks(README)
COMMANDS = [line.split("   #")[0].strip() for block in BLOCKS for line in block.splitlines() if line.strip()]
START, CHECK, *_OTHERS = COMMANDS
[DEMO] = [command for command in _OTHERS if "cityledger demo" in command]
REST = [command for command in _OTHERS if command != DEMO]
"""All of them work on what ``START`` runs, but for ``DEMO``, which starts a copy of its own: ``e2e/test_demo_story.py`` runs it."""

READY_LINE = "Ctrl-C stops it."
