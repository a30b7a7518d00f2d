"""``fsck`` when the chain was to be asked and does not answer: never called clean, and an exit code of its own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.anchor_rig import FakeRig, final_fake_rig
from support.checked_log import tamper

from anchor import fsck_main
from anchor.fsck import Sources


@pytest.fixture
def rig(migrated_url: str, tmp_path: Path) -> Iterator[FakeRig]:
    yield from final_fake_rig(migrated_url, tmp_path)


@pytest.fixture
def run(rig, monkeypatch, capsys):
    """The program over the rig's stores: exit code, and the summary that it prints last."""

    def sources(settings: object, *, with_chain: bool) -> Sources:
        chain = rig.chain if with_chain else None
        return Sources(rig.log.engine, rig.tiles, rig.journal, rig.log.preparer, chain)

    monkeypatch.setattr(fsck_main, "load_settings", lambda: None)
    monkeypatch.setattr(fsck_main, "build_sources", sources)

    def run(*arguments: str) -> tuple[int, dict[str, object]]:
        code = fsck_main.main(["--json", *arguments])
        return code, json.loads(capsys.readouterr().out.splitlines()[-1])

    return run


def test_fsck_with_the_chain_answering_is_clean(run):
    code, summary = run()
    assert (code, summary["result"], summary["chain"]) == (0, "clean", "1 heads")


@pytest.mark.parametrize("method", ["check_chain", "head", "heads_anchored", "stored_block"])
def test_fsck_with_the_chain_away_says_that_it_is_incomplete(run, rig, method):
    rig.chain.plan(method, "lost")
    code, summary = run()
    assert code == 4
    assert str(summary["result"]).startswith("incomplete: ")
    assert "lost" in str(summary["chain"])


def test_fsck_with_the_chain_away_and_findings_says_both(run, rig):
    tamper(rig, "UPDATE log_status SET final = 0")
    rig.chain.plan("check_chain", "lost")
    code, summary = run()
    assert (code, summary["result"]) == (1, "findings")
    assert str(summary["chain"]).startswith("not checked: ")


def test_fsck_that_is_not_to_ask_the_chain_says_so(run):
    code, summary = run("--no-chain")
    assert (code, summary["result"]) == (0, "clean but for the chain, which was not asked")


def test_fsck_of_a_chain_without_the_contracts_has_its_finding(run, rig):
    rig.chain.deployed = False
    code, summary = run()
    assert (code, summary["findings"]) == (1, {"contracts_missing": 1})
