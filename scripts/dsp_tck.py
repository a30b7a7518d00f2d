"""Starts the API with a catalog and negotiating bodies, runs the Dataspace TCK against it, and counts what passed.

Called by scripts/dsp_tck.sh, which fetches the TCK; takes the folder that has it in ``jars``. Fails when a test fails, is skipped,
or when other tests ran than those of the metadata, catalog and negotiation packages. What the bodies under test say is ``tests/support/tck_bodies.py``.
"""

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.a_service import running_service  # noqa: E402  the repository is not installed when this runs
from support.catalog_entries import an_entry, product_code  # noqa: E402
from support.tck_bodies import TckBodies, running_tck_bodies  # noqa: E402

from ledger.adapters.embedded.ports import free_port  # noqa: E402
from ledger.adapters.embedded.postgres import EmbeddedPostgres  # noqa: E402
from ledger.adapters.sql import catalog_index  # noqa: E402
from ledger.adapters.sql.migrate import upgrade  # noqa: E402
from ledger.domain.catalog_dcat import product_urn  # noqa: E402

PACKAGES = tuple(f"org.eclipse.dataspacetck.dsp.verification.{name}" for name in ("metadata", "catalog", "cn"))
TESTS = 35
"""MET 01-01, CAT 01-01 to 01-03, CN 01 to 03 and CN_C 01 to 03: all that this version of the TCK has in the packages."""
TIMEOUT_S = 600


def settings(url: str, api_key: str, bodies: TckBodies) -> dict[str, str]:
    """The TCK's settings, as its own documentation names them."""
    unused = f"{url}/not-served"
    port = free_port()
    return {
        "dataspacetck.launcher": "org.eclipse.dataspacetck.dsp.system.DspSystemLauncher",
        "dataspacetck.host": "127.0.0.1",
        "dataspacetck.port": str(port),
        "dataspacetck.callback.address": f"http://127.0.0.1:{port}",
        "dataspacetck.dsp.local.connector": "false",
        "dataspacetck.dsp.connector.agent.id": "urn:cityledger:space:under-test",
        "dataspacetck.dsp.connector.http.url": f"{url}/dsp/2025-1",
        "dataspacetck.dsp.connector.http.base.url": url,
        "dataspacetck.dsp.connector.http.headers.authorization": f"Bearer {api_key}",
        "dataspacetck.dsp.connector.negotiation.initiate.url": bodies.initiate_url,
        # The TCK does not start without it; none of the tests that are run asks it.
        "dataspacetck.dsp.connector.transfer.initiate.url": unused,
        "CAT_01_01_DATASETID": product_urn(product_code(1)),
        "CAT_01_02_DATASETID": product_urn(product_code(2)),
        "CAT_01_03_DATASETID": product_urn(product_code(999)),  # the one that must not be found
        **bodies.settings,
    }


def run_tck(folder: Path, url: str, api_key: str, bodies: TckBodies) -> int:
    """The exit code of the TCK's run; its report is written to ``reports``."""
    command = ["java", *(f"-D{name}={value}" for name, value in settings(url, api_key, bodies).items())]
    command += ["-cp", f"{folder}/jars/*", "org.junit.platform.console.ConsoleLauncher", "execute"]
    command += [f"--select-package={package}" for package in PACKAGES]
    command += ["--include-classname=.*Test", "--fail-if-no-tests", "--disable-banner", "--disable-ansi-colors"]
    command += ["--details=tree", f"--reports-dir={folder}/reports"]
    return subprocess.run(command, check=False, timeout=TIMEOUT_S).returncode


def summary(folder: Path) -> tuple[int, int]:
    """How many tests passed, and how many did anything else, by the report."""
    cases = ET.parse(folder / "reports" / "TEST-junit-jupiter.xml").getroot().findall("testcase")  # noqa: S314  written by the run before
    passed = [case for case in cases if {child.tag for child in case} <= {"system-out", "system-err"}]
    return len(passed), len(cases) - len(passed)


def main() -> int:
    """0 when every test of the packages passed."""
    folder = Path(sys.argv[1]).resolve()
    report = folder / "reports" / "TEST-junit-jupiter.xml"
    report.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="cityledger-tck-") as name:
        server = EmbeddedPostgres(Path(name) / "postgres")
        server.start()
        try:
            upgrade(server.url)
            networks = ["127.0.0.0/8"]
            with (
                running_service(server.url, Path(name), dsp_networks=networks) as service,
                running_tck_bodies(service, networks) as bodies,
            ):
                with service.log.engine.begin() as connection:
                    for number in (1, 2, 3):
                        catalog_index.put(connection, an_entry(number))
                code = run_tck(folder, service.url, bodies.tck_key, bodies)
        finally:
            server.stop()
    passed, others = summary(folder)
    print(
        f"Dataspace TCK 1.0.0-RC6, metadata, catalog, negotiation: {passed} of {TESTS} tests passed, {others} did not"
    )
    return 0 if (code, passed, others) == (0, TESTS, 0) else 1


if __name__ == "__main__":
    raise SystemExit(main())
