"""Settings: environment variables that start with ``SUPPORT_``, or one ``.env`` file."""

import os
import secrets
import tempfile
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.errors import SupportError

MIN_SECRET_BYTES = 32
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class BadSettings(SupportError):
    """A setting is wrong; the text is one line that says what to type."""


class Settings(BaseSettings):
    """All settings, checked once at the start; see the README for their meaning."""

    model_config = SettingsConfigDict(
        env_prefix="SUPPORT_", env_file=".env", env_file_encoding="utf-8", extra="ignore"
    )

    database_url: str = ""
    data_dir: Path = Path("var")
    base_url: str = "http://127.0.0.1:8000"
    secret_key: SecretStr = SecretStr("")
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = "2Bot Support <support@localhost.localdomain>"
    ai_base_url: str = Field("", pattern=r"^(https?://[^\s/]+\S*)?$")
    ai_api_key: SecretStr = SecretStr("")
    ai_model: str = ""
    product_name: str = Field("2Bot", min_length=1, max_length=60)
    sentry_url: str = ""
    trusted_proxies: str = ""
    tickets_per_hour: int = Field(20, ge=0)
    brand_color: str = Field("#2563eb", pattern=r"^#[0-9a-fA-F]{6}$")
    logo: str = ""
    allow_http: bool = False
    worker: str = Field("on", pattern=r"^(on|off)$")

    @field_validator("base_url")
    @classmethod
    def _plain_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or not _is_address(parts):
            raise ValueError("must be like https://support.example.com")
        if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("must be an origin without a path, like https://support.example.com")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("sentry_url")
    @classmethod
    def _has_event_id(cls, value: str) -> str:
        if value and not (value.startswith("https://") and "{event_id}" in value):
            raise ValueError("must start with https:// and contain {event_id}")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql+psycopg://")
        return value

    @model_validator(mode="after")
    def _secret_is_long_enough(self) -> "Settings":
        secret = self.secret_key.get_secret_value()
        if secret and len(secret.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"SUPPORT_SECRET_KEY must have at least {MIN_SECRET_BYTES} bytes")
        if not secret and self.database_url.startswith("postgresql"):
            raise ValueError("SUPPORT_SECRET_KEY is required with PostgreSQL")
        return self

    @property
    def effective_database_url(self) -> str:
        """The database URL, or that of the embedded database in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'support.sqlite3'}"

    @property
    def is_https(self) -> bool:
        """Whether people reach the site by https, which makes cookies Secure and ``__Host-``."""
        return self.base_url.startswith("https://")

    @cached_property
    def signing_key(self) -> bytes:
        """The secret key; on the embedded default made once and kept in the data folder."""
        secret = self.secret_key.get_secret_value()
        return secret.encode() if secret else _kept_secret(self.data_dir / "secret.key")


def _is_address(parts: SplitResult) -> bool:
    try:
        return parts.port != 0 and not any(char.isspace() for char in parts.netloc)
    except ValueError:  # the port is no number that there is
        return False


def _kept_secret(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make_secret(path)
    secret = path.read_text().strip().encode()
    if len(secret) < MIN_SECRET_BYTES:
        raise BadSettings(f"{path} is no secret key: delete it to have a new one made.")
    return secret


def _make_secret(path: Path) -> None:
    """Make the file at once and whole; of several processes the first one's stays."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secret-") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)


_SENTENCES = {
    "brand_color": "must be like #2563eb",
    "worker": "must be on or off",
    "allow_http": "must be 1 or 0",
    "tickets_per_hour": "must be a whole number, 0 for no limit",
    "ai_base_url": "must be like https://api.example.com/v1",
}


def read_settings(**overrides: object) -> Settings:
    """Read and check the settings.

    Raises BadSettings with one line that names the setting and says what to type.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the types
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"SUPPORT_{str(part).upper()}: " for part in first["loc"][:1])
        reason = _SENTENCES.get(str(first["loc"][0]) if first["loc"] else "")
        reason = reason or str(first["msg"]).removeprefix("Value error, ")
        raise BadSettings(f"{place}{reason}") from None


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process; read once."""
    return read_settings()
