"""Settings: environment variables that start with ``SUPPORT_``, or one ``.env`` file."""

import secrets
from functools import cached_property, lru_cache
from pathlib import Path
from urllib.parse import urlsplit

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
    ai_base_url: str = ""
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
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be like https://support.example.com")
        if parts.path not in ("", "/") or parts.query or parts.fragment:
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


def _kept_secret(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().encode()


def read_settings(**overrides: object) -> Settings:
    """Read and check the settings.

    Raises BadSettings with one line that names the setting and says what to type.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the types
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"SUPPORT_{str(part).upper()}: " for part in first["loc"][:1])
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise BadSettings(f"{place}{reason}") from None


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process; read once."""
    return read_settings()
