"""What somebody without an account, or without the password at hand, writes."""

from models.deeds import Deed
from models.text import Email
from models.users import Name


class Register(Deed):
    """Somebody asks for an account; the password is chosen after the address is proven."""

    email: Email
    name: Name


class LinkRequest(Deed):
    """Somebody asks for a one-time link by mail."""

    email: Email
