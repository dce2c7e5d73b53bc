"""How much a request may carry, and how that is said."""

from models import tickets

MAX_BODY = 1_000_000
MAX_UPLOAD = tickets.MAX_FILE + 64 * 1024  # a file and what stands around it
UPLOADS = "/api/uploads"


def most(path: str) -> int:
    """How many bytes the body of a request to this address may have."""
    return MAX_UPLOAD if path == UPLOADS else MAX_BODY


def said(path: str) -> str:
    """The limit at this address in a sentence."""
    if path == UPLOADS:
        return f"Please send files of at most {tickets.MAX_FILE // 1_000_000} MB."
    return "Please send less at once: at most one megabyte."
