"""Ways into an account by mail: signing up and one-time links."""

from models.accounts.actions import register, request_link
from models.accounts.deeds import LinkRequest, Register

__all__ = ["LinkRequest", "Register", "register", "request_link"]
