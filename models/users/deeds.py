"""What is written about people: sign-in, new people, tokens."""

from typing import Annotated

from pydantic import Field, field_validator

from models.actor import Role
from models.deeds import Deed
from models.permissions import Permission
from models.text import Email, OneLine
from models.users.passwords import MAX_BYTES
from models.users.tables import MAX_NAME

Name = Annotated[str, OneLine(MAX_NAME)]


class SignInDeed(Deed):
    """E-mail and password; the password is compared byte for byte as it was typed."""

    email: Email
    password: str

    @field_validator("password")
    @classmethod
    def _bounded(cls, value: str) -> str:
        if not value:
            raise ValueError("Please fill this in.")
        if len(value.encode(errors="replace")) > MAX_BYTES:
            raise ValueError(f"Please use at most {MAX_BYTES} bytes.")
        return value


class Profile(Deed):
    """What people say of themselves: their name, and whether each reply comes by mail."""

    name: Name
    mail_on_reply: bool = False


class NewPassword(Deed):
    """The present password, empty for who has none, and the new one; byte for byte as typed."""

    present: str = ""
    password: str = ""

    @field_validator("present", "password")
    @classmethod
    def _bounded(cls, value: str) -> str:
        if len(value.encode(errors="replace")) > MAX_BYTES:
            raise ValueError(f"Please use at most {MAX_BYTES} bytes.")
        return value


class NewUser(Deed):
    """A person that an administrator or the operator creates."""

    email: Email
    name: Annotated[str, OneLine(MAX_NAME, required=False)] = ""
    role: Role = Role.MEMBER
    plan: Annotated[str, OneLine(40)] = "free"


class NewToken(Deed):
    """An API token: its name, the permissions it is limited to, and its days of life."""

    name: Name
    scopes: list[Permission] = Field(default_factory=lambda: list(Permission))
    expires_days: int | None = Field(None, ge=1, le=3650)
