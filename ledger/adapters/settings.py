"""Every setting of the service, read from environment variables that begin with ``CITYLEDGER_``.

``cityledger up`` sets them for the programs it starts; an operator sets them for programs that run alone. Secrets are not
settings: keys lie in files below ``keys_dir`` and ``keyring_dir``. The one setting that can carry a password,
``database_url``, is left out of every printed form.
"""

import json
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSettingError

from ledger.adapters.proxies import is_this_machine
from ledger.domain.line_authority import check_class
from ledger.errors import InvalidCodeError, SettingsError

ENV_PREFIX = "CITYLEDGER_"
DEFAULT_DATA_DIR = Path("cityledger-data")
ADDRESS_PATTERN = r"^0x[0-9a-fA-F]{40}$"
_FIELD = re.compile(r'field "(\w+)"')


class OidcIssuer(BaseModel):
    """An issuer whose bearer tokens are taken.

    Args:
        issuer: as the tokens' ``iss`` says it, to the letter.
        audience: what ``aud`` of a token for this service names.
        jwks_url: where its keys are; unset, its discovery document says it.
        sm2_keys: its public keys (04 || x || y in hex) for the SM2 tokens of NDI-TR-2025-03 annex D, which no key set can hold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(min_length=1, max_length=512)
    audience: str = Field(min_length=1, max_length=512)
    jwks_url: str | None = None
    sm2_keys: tuple[Annotated[str, Field(pattern=r"^04[0-9a-f]{128}$")], ...] = ()

    @field_validator("issuer", "jwks_url")
    @classmethod
    def _is_safe(cls, value: str | None) -> str | None:
        # Whoever can change the keys on their way can make tokens; on this machine's loopback nobody is on the way.
        if value is None or value.startswith("https://") or (value.startswith("http://") and is_this_machine(value)):
            return value
        raise ValueError("an issuer and its keys are asked by https, and by http on this machine only")


class Settings(BaseSettings):
    """The settings of one shard. Relative folders are taken from the working folder and made absolute once.

    Raises:
        pydantic.ValidationError: a value is missing or out of range; :func:`load_settings` turns it into our own error.
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", frozen=True, validate_default=True)

    data_dir: Path = Field(DEFAULT_DATA_DIR, description="Folder of everything this copy keeps.")
    database_url: str = Field(
        repr=False,
        pattern=r"^postgresql(\+psycopg)?://",
        description="PostgreSQL 15 or newer: `postgresql://user@host/name`, or the socket form with `?host=%2Ffolder`.",
    )
    rpc_url: str = Field("http://127.0.0.1:8545", pattern=r"^https?://", description="JSON-RPC of the chain.")
    chain_id: int = Field(31337, gt=0, description="Chain id; another id at `rpc_url` is refused.")
    profile: Literal["development", "consortium"] = Field(
        "development", description="Network profile: the finality rule, and the name that results are labelled with."
    )
    evidence_log: str = Field(pattern=ADDRESS_PATTERN, description="Address of the contract `EvidenceLog`.")
    council: str = Field(pattern=ADDRESS_PATTERN, description="Address of the contract `Council`.")
    origin: str = Field(min_length=1, max_length=255, description="Origin of the log: `<space>/<year>`.")

    keys_dir: Path = Field(
        default_factory=lambda data: data["data_dir"] / "keys", description="Key files, mode 0600, one key each."
    )
    keyring_dir: Path = Field(
        default_factory=lambda data: data["data_dir"] / "keyring",
        description="Keys that seal bodies at rest; never inside the database or its backups.",
    )
    tiles_dir: Path = Field(
        default_factory=lambda data: data["data_dir"] / "log", description="Published tiles and checkpoint."
    )
    journal_path: Path = Field(
        default_factory=lambda data: data["data_dir"] / "journal" / "checkpoints.jsonl",
        description="Second store of checkpoints; put it on other media than the database.",
    )
    owed_dir: Path = Field(
        default_factory=lambda data: data["data_dir"] / "owed",
        description="Where API processes keep refusals and key uses while the database takes none; on a disk of this machine, one folder for all processes of a database.",
    )
    chain_state_path: Path | None = Field(
        None, description="File the development chain's state is dumped to after anchoring; unset for any other chain."
    )

    contracts_manifest: Path | None = Field(
        None, description="Manifest of the deployed contract suite, whose events are followed; unset for none."
    )

    calendar_path: Path = Field(
        default_factory=lambda data: data["data_dir"] / "calendar.json",
        description="File of years of the official calendar that the package chinesecalendar does not know yet (`ledger/adapters/calendar_file.py` has its form); read anew when it changes, need not exist.",
    )

    host: str = Field("127.0.0.1", min_length=1, description="Address the API listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port the API listens on; 0 picks a free one.")
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]*[^\s?#/]$",
        description="URL by which others reach the API, for links in catalogs; unset: as each request names it.",
    )
    dsp_networks: tuple[str, ...] = Field(
        (),
        description='Networks that are not public and to which messages of negotiations may be sent all the same: a JSON list such as `["10.1.0.0/16"]`. Whoever negotiates names the address, so list only what each of them may reach.',
    )
    line_authority_classes: tuple[str, ...] = Field(
        (),
        description='Topics and scenes of the catalogue whose use needs a line authority\'s consent in this space: a JSON list such as `["B0500", "C0200"]`; a code that ends in zeros has what is below it. The first review of an application names the authority, or is refused. No source has such a table, so none is built in; unset: the first reviewer decides.',
    )
    api_workers: int = Field(1, ge=1, le=64, description="API processes.")

    oidc_issuers: tuple[OidcIssuer, ...] = Field(
        (),
        description='Issuers of bearer tokens: a JSON list of `{"issuer", "audience"}`, with `"jwks_url"` where there is no discovery, and `"sm2_keys"` for tokens by SM2.',
    )
    oidc_clock_skew_s: float = Field(
        30,
        ge=0,
        le=300,
        description="How far an issuer's clock may be off from this one's: for `exp`, `nbf` and `iat`.",
    )
    request_window_s: float = Field(
        300,
        gt=0,
        le=3600,
        description="How far the timestamp of a signed request may be off; sequence numbers are kept as long.",
    )

    publish_interval_s: float = Field(0.2, gt=0, le=60, description="At most this long between two publications.")
    anchor_interval_s: float = Field(2.0, gt=0, le=86400, description="At least this long between two anchors.")
    promise_publish_s: float = Field(60, gt=0, description="A log receipt promises publication within this time.")
    promise_anchor_s: float = Field(600, gt=0, description="A log receipt promises the anchor within this time.")
    wait_published_s: float = Field(10, ge=0, le=300, description="Longest wait of `POST /v1/events` for publication.")

    body_bytes_max: int = Field(33_554_432, gt=0, description="Largest request body, counted after decompression.")
    batch_events_max: int = Field(10_000, gt=0, description="Most events in one request.")
    event_bytes_max: int = Field(262_144, gt=0, description="Largest canonical event.")
    outstanding_events_max: int = Field(
        40_000, gt=0, description="Events accepted and not yet sequenced, in one API process; above it 429 is answered."
    )
    group_commit_events_max: int = Field(5_000, gt=0, description="Most events appended in one SQL transaction.")

    lease_ttl_s: float = Field(10, gt=0, description="The anchor service's lease lapses after this time.")
    anchor_metrics_port: int | None = Field(
        None, ge=1, le=65535, description="Loopback port of the anchor service's metrics; unset for none."
    )
    confirmation_depth_blocks: int = Field(0, ge=0, description="Blocks on top of an anchor before it can be final.")

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    log_format: Literal["json", "console"] = Field("json", description="Form of log lines on standard error.")

    @field_validator(
        "data_dir",
        "keys_dir",
        "keyring_dir",
        "tiles_dir",
        "journal_path",
        "owed_dir",
        "chain_state_path",
        "contracts_manifest",
        "calendar_path",
    )
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("dsp_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network)  # ValueError: no network, or bits beside its mask
        return value

    @field_validator("line_authority_classes")
    @classmethod
    def _classes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for code in value:
            try:
                check_class(code)
            except InvalidCodeError:
                raise ValueError("a code is no topic or scene of the catalogue") from None
        return value

    @field_validator("oidc_issuers")
    @classmethod
    def _each_once(cls, value: tuple[OidcIssuer, ...]) -> tuple[OidcIssuer, ...]:
        if len({issuer.issuer for issuer in value}) != len(value):
            raise ValueError("an issuer is named twice")
        return value

    @property
    def sqlalchemy_url(self) -> str:
        """``database_url`` with the driver named, as SQLAlchemy wants it."""
        return sqlalchemy_url(self.database_url)

    def environment(self) -> dict[str, str]:
        """These settings as environment variables, for a child process: ``Settings()`` there equals this object."""
        values = self.model_dump(mode="json", exclude_none=True)
        return {
            f"{ENV_PREFIX}{name.upper()}": json.dumps(value) if isinstance(value, list) else str(value)
            for name, value in values.items()
        }


def sqlalchemy_url(database_url: str) -> str:
    """``postgresql://...`` as ``postgresql+psycopg://...``; a URL that names the driver stays as it is."""
    scheme, separator, rest = database_url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme == "postgresql" else database_url


def load_settings(**overrides: Any) -> Settings:
    """The settings from the environment; keyword arguments win.

    Raises:
        SettingsError: names every variable that is missing or wrong, and never its value.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        wrong = {
            ENV_PREFIX + "_".join(str(part) for part in item["loc"]).upper(): item["msg"]
            for item in error.errors(include_input=False, include_url=False, include_context=False)
            if item["type"] != "default_factory_not_called"  # follows from another error in this list
        }
        listed = "; ".join(f"{name}: {message}" for name, message in sorted(wrong.items()))
        raise SettingsError(f"settings are missing or wrong: {listed}", variables=sorted(wrong)) from None
    except UnreadableSettingError as error:
        named = _FIELD.search(str(error))  # the error has the name in its text alone
        variable = f"{ENV_PREFIX}{named[1].upper()}" if named else f"{ENV_PREFIX}*"
        raise SettingsError(f"settings are missing or wrong: {variable}: not JSON", variables=[variable]) from None


def settings_table() -> str:
    """A Markdown table of every setting, for ``ledger/SETTINGS.md``."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        if field.is_required():
            default = "required"
        elif field.default_factory is not None:
            factory: Any = field.default_factory
            default = f"`{factory({'data_dir': Path('DATA_DIR')})}`"
        else:
            default = "unset" if field.default in (None, ()) else f"`{field.default}`"
        rows.append(f"| `{ENV_PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"
