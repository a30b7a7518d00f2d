"""``python -m anchor monitor --url URL --trust FILE --state FILE [--rpc URL] [--once]``: watches a log from outside.

``--once`` also fetches and hashes again all that was known before; a follower does so by ``AGAIN_BUNDLES`` bundles at each look, and
begins anew when it is through; ``--full`` makes it everything at every look.

Prints one JSON object a line: each look, each alarm with its evidence, and with ``--once`` what was looked at and the verdict. Exit code 0 nothing wrong, 1 an alarm was raised,
2 arguments or files wrong, 4 the log or the chain did not answer (with ``--once``).
"""

import argparse
import http.client
import json
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from anchor.monitor import Monitor
from anchor.monitor_alarm import Alarm, remember_unanswered
from anchor.monitor_state import MonitorState, check_remembers, parse_monitor_state
from ledger.adapters.chain.gateway import ChainGateway
from ledger.adapters.files.durable import make_folder, replace_file
from ledger.adapters.http_answers import read_whole
from ledger.adapters.proxies import open_url
from ledger.adapters.stop_request import StopRequest
from ledger.errors import InputError, LedgerError, NotFoundError, UnavailableError
from ledger.log.trust import PROFILE_DEVELOPMENT, TrustedLog, TrustFile, parse_trust_file

EXIT_FINE, EXIT_ALARM, EXIT_ARGUMENTS, EXIT_UNAVAILABLE = 0, 1, 2, 4
ANSWER_BYTES_MAX = 17 * 1024 * 1024  # a full entry bundle of the largest entries
HTTP_TIMEOUT_S = 20.0
NOT_FOUND = 404
AGAIN_BUNDLES = 16
"""Old bundles of 256 entries that a follower reads again at each look: a million entries in 20 minutes at the usual interval."""


class LogFiles:
    """The public files of a log over HTTP."""

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise InputError("The log's URL begins with http:// or https://.")
        self._base = url.rstrip("/") + "/log/"

    def fetch(self, path: str) -> bytes:
        """See ``anchor.monitor.Fetch``."""
        request = urllib.request.Request(self._base + path, headers={"User-Agent": "cityledger-monitor"})  # noqa: S310 - checked above
        try:
            with open_url(request, HTTP_TIMEOUT_S) as answer:
                return read_whole(answer, ANSWER_BYTES_MAX)
        except urllib.error.HTTPError as error:
            if error.code == NOT_FOUND:
                raise NotFoundError(f"The log does not serve {path}.") from error
            detail = f"The log answers {path} with HTTP status {error.code}."
            raise UnavailableError(detail, path=path, status=error.code) from error
        except (OSError, http.client.HTTPException) as error:
            raise UnavailableError(f"The log does not answer {path}.", path=path, status=None) from error


def main(arguments: Sequence[str]) -> int:
    """The program."""
    options = _parse(arguments)
    try:
        trust, log = _read_trust(Path(options.trust), options.origin)
        state_path = Path(options.state)
        state = parse_monitor_state(state_path.read_text()) if state_path.exists() else MonitorState()
        check_remembers(state, log.identity, state_path)
        files = LogFiles(options.url)
    except (LedgerError, OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"monitor: {error.detail if isinstance(error, LedgerError) else error}\n")
        return EXIT_ARGUMENTS
    chain = None
    if options.rpc:
        chain = ChainGateway(options.rpc, trust.chain.chain_id, trust.chain.evidence_log)
    monitor = Monitor(log.identity, trust.chain, files.fetch, chain=chain, stale_after_s=options.stale_after)
    if state.note is None:
        _print(
            {"notice": "baseline", "detail": "First look: what was shown before today is not known to this monitor."}
        )
    code, state = _watch(monitor, state, state_path, options)
    if options.once and code != EXIT_UNAVAILABLE:
        _print(_verdict(monitor, state, trust, code, options))
    return code


def _verdict(
    monitor: Monitor, state: MonitorState, trust: TrustFile, code: int, options: argparse.Namespace
) -> dict[str, Any]:
    """What was looked at, so that silence is never taken for a check."""
    chain = "not watched; name a node with --rpc"
    if options.rpc:
        kind = " of a development chain, no consensus" if trust.profile == PROFILE_DEVELOPMENT else ""
        chain = f"watched up to block {state.chain_block}{kind}"
    return {
        "result": "nothing wrong" if code == EXIT_FINE else "alarms",
        "entries": state.tree_size,
        "entries_hashed": min(monitor.hashed, state.tree_size),  # more when some were hashed twice
        "chain": chain,
    }


def _watch(
    monitor: Monitor, state: MonitorState, state_path: Path, options: argparse.Namespace
) -> tuple[int, MonitorState]:
    stopped = StopRequest()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    alarmed = False
    while True:
        answered = True
        try:
            state, alarms = _look(monitor, state, options)
            state = replace(state, unanswered_since=None)
        except UnavailableError as error:
            answered = False
            _print({"notice": error.code, "detail": error.detail})
            state, alarms = remember_unanswered(state, error, time.time(), options.stale_after)
        make_folder(state_path.absolute().parent)
        replace_file(state_path.absolute(), state.encode().encode())
        for alarm in alarms:
            _print({"code": alarm.code, "detail": alarm.detail, "evidence": alarm.evidence})
        alarmed = alarmed or bool(alarms)
        if answered:
            _print(
                {
                    "progress": state.tree_size,
                    "alarms": len(alarms),
                    "chain": "watched" if options.rpc else "not checked",
                }
            )
        elif options.once and not alarmed:
            return EXIT_UNAVAILABLE, state
        if options.once or stopped.wait(options.interval):
            return (EXIT_ALARM if alarmed else EXIT_FINE), state


def _look(monitor: Monitor, known: MonitorState, options: argparse.Namespace) -> tuple[MonitorState, list[Alarm]]:
    """What is new, then what was known before: all of it with ``--once``, a part of it at each look of a follower."""
    state, alarms = monitor.look(known, time.time())
    try:
        if options.full:
            return state, alarms or monitor.look(MonitorState(), time.time())[1]
        again, more = monitor.look_again(known, None if options.once else AGAIN_BUNDLES)
    except UnavailableError:
        if not alarms:
            raise
        return state, alarms  # whoever stops answering does not take back what was found
    return replace(state, again_size=again.again_size, again_edge=again.again_edge), alarms + more


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m anchor monitor", description="Watch a log from outside.")
    parser.add_argument("--url", required=True, help="base URL of the log's API")
    parser.add_argument("--trust", required=True, help="trust file, got from somebody else than the operator")
    parser.add_argument("--state", required=True, help="keeps the last good checkpoint; never delete it")
    parser.add_argument("--rpc", help="JSON-RPC of a node of the chain; without it the chain is not checked")
    parser.add_argument("--origin", help="which log, when the trust file names several")
    parser.add_argument(
        "--once", action="store_true", help="look once, and hash everything again that was known before"
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="at every look hash everything again from the first entry, and read the chain from its first block",
    )
    parser.add_argument("--interval", type=float, default=5.0, help="seconds between two looks")
    parser.add_argument(
        "--stale-after",
        type=float,
        default=600.0,
        help="seconds that a head may stay off the chain, or a look unanswered",
    )
    return parser.parse_args(arguments)


def _read_trust(path: Path, origin: str | None) -> tuple[TrustFile, TrustedLog]:
    trust = parse_trust_file(path.read_bytes())
    if origin is not None:
        return trust, trust.log(origin)
    if len(trust.logs) != 1:
        raise InputError("The trust file names several logs; say which one with --origin.")
    return trust, trust.logs[0]


def _print(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
