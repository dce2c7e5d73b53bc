"""Static files: read once at the start, served from memory under a name that holds their hash.

Nothing is looked up on the disk for a request, so no path can lead out of the folder.
"""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import rcssmin  # type: ignore[import-untyped]  # it has no types of its own

from models.settings import BadSettings, Settings
from public_site import brand

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
LOGO_TYPES = frozenset({".svg", ".png", ".jpg", ".webp"})
MIN_GZIP = 500


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, also compressed when that pays, and the hash of them."""

    body: bytes
    gzipped: bytes | None
    content_type: str
    version: str


class Assets:
    """All static files by name, with the style sheet of the brand and the logo among them."""

    def __init__(self, settings: Settings) -> None:
        self._files = {
            path.relative_to(FOLDER).as_posix(): _asset(_small(path), path.suffix)
            for path in sorted(FOLDER.rglob("*"))
            if path.suffix in TYPES
        }
        self._files["brand.css"] = _asset(brand.style_sheet(settings.brand_color), ".css")
        self.logo = self._add_logo(settings.logo)

    def _add_logo(self, path: str) -> str | None:
        """Take the logo in; its name among the files, None when there is none."""
        if not path:
            return None
        suffix = Path(path).suffix.lower()
        if suffix not in LOGO_TYPES or not Path(path).is_file():
            kinds = ", ".join(sorted(LOGO_TYPES))
            raise BadSettings(f"SUPPORT_LOGO: must be the path of an image file ({kinds})")
        name = f"logo{suffix}"
        self._files[name] = _asset(Path(path).read_bytes(), suffix)
        return name

    def get(self, name: str) -> Asset | None:
        """The file of this name, if there is one."""
        return self._files.get(name)

    def address(self, name: str) -> str:
        """Where browsers fetch the file; the address changes with the content."""
        return f"/static/{name}?v={self._files[name].version}"


def _small(path: Path) -> bytes:
    """The bytes of a file; a style sheet without the spaces and comments that are for us."""
    body = path.read_bytes()
    return bytes(rcssmin.cssmin(body)) if path.suffix == ".css" else body


def _asset(body: bytes, suffix: str) -> Asset:
    kind = TYPES[suffix]
    smaller = gzip.compress(body, mtime=0) if kind.startswith(("text/", "image/svg")) else body
    pays = len(body) > MIN_GZIP and len(smaller) < len(body)
    version = hashlib.blake2b(body, digest_size=8).hexdigest()
    return Asset(body, smaller if pays else None, kind, version)
