"""Pictures from outside: checked, then drawn anew, so that nothing but the picture is left.

What a file is, its bytes decide. Position, camera, comments and whatever hangs behind the picture
are gone in the copy.
"""

import io
import warnings
from dataclasses import dataclass

from models.errors import Invalid

MAX_PIXELS = 40_000_000
FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/png"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean picture: its bytes, their type, and its size in pixels."""

    data: bytes
    content_type: str
    width: int
    height: int


def clean(data: bytes, *, field: str = "file") -> Picture:
    """Draw a PNG, JPEG, WebP or GIF (its first frame) anew. Raises Invalid for anything else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _redrawn(data, field)
    except Invalid:
        raise
    except Exception:  # noqa: BLE001  # decoders raise whatever a damaged file makes them raise
        raise Invalid(
            {field: "This picture is damaged or of a kind that we do not take."}
        ) from None


def _redrawn(data: bytes, field: str) -> Picture:
    from PIL import Image, ImageOps  # not above: commands that need it not start sooner

    with Image.open(io.BytesIO(data), formats=tuple(FORMATS)) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise Invalid({field: "Please send a picture of at most 40 million pixels."})
        kind = FORMATS[picture.format or ""]
        upright = ImageOps.exif_transpose(picture)
        mode = "RGB" if kind == "image/jpeg" else "RGBA"
        copy = Image.new(mode, upright.size)
        copy.paste(upright.convert(mode))
    out = io.BytesIO()
    name = kind.removeprefix("image/").upper()
    copy.save(out, name, **({"quality": 90} if name == "JPEG" else {}))
    return Picture(out.getvalue(), kind, copy.width, copy.height)
