"""Signatures by the secret key, for addresses that only we can have written."""

import base64
import hashlib
import hmac

from models.settings import current as settings


def signature(purpose: str, text: str) -> str:
    """What only the holder of SUPPORT_SECRET_KEY can make of this text for this purpose.

    It can stand in an address: 43 letters, digits, ``-`` and ``_``.
    """
    mac = hmac.new(
        settings().signing_key, f"{purpose}:{text}".encode(errors="replace"), hashlib.sha256
    )
    return base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")


def is_signed(purpose: str, text: str, given: str) -> bool:
    """Whether this is the signature of the text; how long the answer takes tells nothing."""
    expected = signature(purpose, text).encode()
    return hmac.compare_digest(expected, given.encode(errors="replace"))
