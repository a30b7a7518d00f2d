"""Settings of the authorisation platform: environment variables that begin with ``CITYLEDGER_PLATFORM_``.

``cityledger platform run`` sets them for the program it starts. Secrets are no settings: keys lie in files of the data folder.
"""

from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ledger.errors import SettingsError

ENV_PREFIX: Final = "CITYLEDGER_PLATFORM_"


class PlatformSettings(BaseSettings):
    """The settings of one authorisation platform.

    Raises:
        pydantic.ValidationError: a value is missing or out of range; ``load_platform_settings`` turns it into our own error.
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", frozen=True)

    data_dir: Path = Field(
        description="Folder of everything this platform keeps; its keys are in `keys` and `keystore` there."
    )
    database_url: str = Field(
        repr=False, pattern=r"^postgresql(\+psycopg)?://", description="Its own database, which no other service uses."
    )
    subject_code: str = Field(
        pattern=r"^[0-9A-Z]{18}$", description="Unified social credit code of the body that runs it."
    )
    peer_url: str = Field(pattern=r"^https?://", description="API of the trading platform.")
    rpc_url: str | None = Field(
        None, pattern=r"^https?://", description="Node at which it reads the contracts itself; unset: it does not."
    )
    contracts_manifest: Path | None = Field(None, description="Manifest of the contract suite; needed with `rpc_url`.")
    password_file: Path | None = Field(
        None, description="Password of its keystore; unset: `keys/keystore-password` in the data folder."
    )
    host: str = Field("127.0.0.1", min_length=1, description="Address its own API listens on.")
    port: int = Field(8085, ge=0, le=65535, description="Port its own API listens on.")
    follow_interval_s: float = Field(
        2.0,
        gt=0,
        le=3600,
        description="Pause between two rounds of reading, when there is no more to be read at once; own acts go out at once.",
    )
    tolerance_s: float = Field(
        60.0, ge=0, le=86400, description="A difference younger than this is shown as under way."
    )
    answer_timeout_s: float = Field(20.0, gt=0, le=600, description="How long the trading platform may take to answer.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    log_format: Literal["json", "console"] = Field("json", description="Form of log lines on standard error.")

    @property
    def key_password_file(self) -> Path:
        """Where the keystore's password is."""
        return self.password_file or self.data_dir / "keys" / "keystore-password"

    def environment(self) -> dict[str, str]:
        """These settings as environment variables for a child process."""
        values = self.model_dump(mode="json", exclude_none=True)
        return {f"{ENV_PREFIX}{name.upper()}": str(value) for name, value in values.items()}


def load_platform_settings(**overrides: Any) -> PlatformSettings:
    """The settings from the environment; keyword arguments win.

    Raises:
        SettingsError: names every variable that is missing or wrong, and never its value.
    """
    try:
        return PlatformSettings(**overrides)
    except ValidationError as error:
        items = error.errors(include_input=False, include_url=False, include_context=False)
        wrong = {ENV_PREFIX + "_".join(map(str, item["loc"])).upper(): item["msg"] for item in items}
        listed = "; ".join(f"{name}: {message}" for name, message in sorted(wrong.items()))
        raise SettingsError(f"settings are missing or wrong: {listed}", variables=sorted(wrong)) from None


def platform_settings_table() -> str:
    """A Markdown table of every setting, for ``ledger/SETTINGS.md``."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in PlatformSettings.model_fields.items():
        default = "required" if field.is_required() else "unset" if field.default is None else f"`{field.default}`"
        rows.append(f"| `{ENV_PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"
