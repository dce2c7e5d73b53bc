"""What a file is, by its bytes, and what it may be called."""

import re
import unicodedata

from models.errors import WrongType

MAX_NAME = 200
MAX_EXTENSION = 20
OPAQUE = "application/octet-stream"
PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
# Drawn anew by us, so a browser may show them.
SHOWN = frozenset({"image/png", "image/jpeg", "image/webp"})
_BEGINNINGS = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
]
_LOOKED_AT = 4096
_MARKUP = re.compile(rb"<[a-zA-Z!?/]")
_NOT_IN_NAMES = re.compile(r'[<>:"|?*/\\\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def kind_of(data: bytes) -> str:
    """The type of a file; what could be more than it seems is opaque bytes."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return "video/mp4"
    return "text/plain" if _is_plain_text(data) else OPAQUE


def _is_plain_text(data: bytes) -> bool:
    """Whether this is UTF-8 without markup that a browser could take for a page."""
    if b"\0" in data or _MARKUP.search(data[:_LOOKED_AT]):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def require_as_declared(kind: str, declared: str) -> None:
    """Raise WrongType when something is called a picture and is none, or another one."""
    declared = declared.partition(";")[0].strip().lower()
    if declared == "image/jpg":
        declared = "image/jpeg"
    if declared.startswith("image/") and declared != kind:
        raise WrongType({"file": f"This is called {declared}, but it is no such file."})


def cleaned(name: str) -> str:
    """The name as it is shown and downloaded: no folders, nothing invisible, nothing reserved."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(char for char in last if unicodedata.category(char) not in ("Cf", "Cc", "Cs"))
    shown = _NOT_IN_NAMES.sub("_", " ".join(shown.split())).strip(". ")
    if not shown or _RESERVED.match(shown):
        shown = f"file-{shown}".strip("-")
    stem, dot, extension = shown.rpartition(".")
    if not stem or len(extension) > MAX_EXTENSION:
        return shown[:MAX_NAME]
    return stem[: MAX_NAME - len(extension) - 1] + dot + extension
