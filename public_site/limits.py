"""How much a request may carry, and how that is said."""

import re

from models import tickets

MAX_BODY = 1_000_000
MAX_UPLOAD = tickets.MAX_FILE + 64 * 1024  # a file and what stands around it
MAX_FORM = (tickets.MAX_FILES + 1) * tickets.MAX_FILE + MAX_BODY  # the files, a screenshot, words
UPLOADS = "/api/uploads"
MULTIPART = "multipart/form-data"
FORMS_WITH_FILES = re.compile(r"/support/(new|[^/]+/messages|t/[^/]+/messages)")


def most(path: str, kind: str = "") -> int:
    """How many bytes the body of a request to this address may have; ``kind`` is its type."""
    if FORMS_WITH_FILES.fullmatch(path) and kind.lower().startswith(MULTIPART):
        return MAX_FORM
    return MAX_UPLOAD if path == UPLOADS else MAX_BODY


def said(path: str) -> str:
    """The limit at this address in a sentence."""
    size = tickets.MAX_FILE // 1_000_000
    if FORMS_WITH_FILES.fullmatch(path):
        return f"Please send at most {tickets.MAX_FILES} files of {size} MB each."
    if path == UPLOADS:
        return f"Please send files of at most {size} MB."
    return "Please send less at once: at most one megabyte."
