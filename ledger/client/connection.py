"""Where a running service is, read from ``connection.json`` (formats.md section 8) or given by hand.

Keys are never taken from the command line, where other users of the machine can read them: they come from the connection file
or from the environment variable ``CITYLEDGER_API_KEY``, which wins.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ledger.errors import SettingsError

CONNECTION_VARIABLE = "CITYLEDGER_CONNECTION"
API_KEY_VARIABLE = "CITYLEDGER_API_KEY"
DEFAULT_CONNECTION = Path("cityledger-data") / "connection.json"


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one service. ``path`` is the file it was read from, None when only a URL is known."""

    api_url: str
    path: Path | None = None
    database_url: str | None = field(default=None, repr=False)
    rpc_url: str | None = None
    chain_id: int | None = None
    log: Mapping[str, str] = field(default_factory=dict)
    api_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    environment_key: str | None = field(default=None, repr=False)

    def api_key(self, role: str) -> str:
        """The key to use for ``role``.

        Raises:
            SettingsError: neither the environment nor the connection file has one.
        """
        key = self.environment_key or self.api_keys.get(role)
        if key is None:
            where = f"{self.path} has no key for the role {role}" if self.path else "no connection file is in use"
            raise SettingsError(f"no API key: {where}; put one into the environment variable {API_KEY_VARIABLE}")
        return key

    @property
    def trust_path(self) -> Path | None:
        """The trust file that lies beside the connection file, when there is one."""
        path = self.path.with_name("trust.json") if self.path else None
        return path if path is not None and path.is_file() else None


def find_connection(environment: Mapping[str, str], path: Path | None = None, api_url: str | None = None) -> Connection:
    """The connection to use: ``path``, else ``api_url`` alone, else what the environment names, else the default file.

    Raises:
        SettingsError: there is no such file, or it is none.
    """
    environment_key = environment.get(API_KEY_VARIABLE) or None
    if path is None and api_url is not None:
        return Connection(api_url=_http_url(api_url), environment_key=environment_key)
    named = path or (Path(environment[CONNECTION_VARIABLE]) if environment.get(CONNECTION_VARIABLE) else None)
    chosen = named or DEFAULT_CONNECTION
    if not chosen.is_file():
        raise SettingsError(
            f"there is no connection file {chosen}; start the service with `cityledger up`, or name the file with "
            f"--connection or {CONNECTION_VARIABLE}, or give --api-url"
        )
    return read_connection(chosen, environment_key)


def read_connection(path: Path, environment_key: str | None = None) -> Connection:
    """The connection file at ``path``.

    Raises:
        SettingsError: it cannot be read, or is not a connection file.
    """
    try:
        value = json.loads(path.read_bytes())
        keys, log = dict(value["api_keys"]), dict(value["log"])
        return Connection(
            api_url=_http_url(value["api_url"]),
            path=path,
            database_url=str(value["database_url"]),
            rpc_url=_http_url(value["rpc_url"]),
            chain_id=int(value["chain_id"]),
            log={str(name): str(text) for name, text in log.items()},
            api_keys={str(role): str(key) for role, key in keys.items()},
            environment_key=environment_key,
        )
    except OSError as error:
        raise SettingsError(f"the connection file {path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise SettingsError(f"{path} is not a connection file of this service") from None


def _http_url(text: str) -> str:
    if not isinstance(text, str) or not text.startswith(("http://", "https://")):
        raise SettingsError("a service URL begins with http:// or https://")
    return text.rstrip("/")
