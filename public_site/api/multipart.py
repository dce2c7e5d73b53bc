"""One file in the body of a request, read strictly: one part, called ``file``."""

import hashlib
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from models.errors import Invalid
from public_site.forms import REPEATED

FIELD = "file"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent: what its sender calls it, says it is, and its bytes."""

    name: str
    declared: str
    data: bytes

    @property
    def fingerprint(self) -> str:
        """What tells one sent file from another."""
        return f"{self.name}\n{self.declared}\n{hashlib.sha256(self.data).hexdigest()}"


async def received_file(request: Request) -> SentFile:
    """The file. Raises HTTPException 400, 413 or 415, Invalid for parts that are not asked for."""
    kinds = request.headers.getlist("content-type")
    if len(kinds) != 1 or kinds[0].partition(";")[0].strip().lower() != MULTIPART:
        raise HTTPException(415)
    async with request.form(max_files=2, max_fields=2) as form:
        parts = form.multi_items()
        wrong = {name: "This field is not known here." for name, _ in parts if name != FIELD}
        if len(parts) > 1 and not wrong:
            wrong = {FIELD: REPEATED}
        if wrong:
            raise Invalid(wrong)
        sent = parts[0][1] if parts else None
        if not isinstance(sent, UploadFile):
            raise Invalid({FIELD: "Please send a file in this field."})
        return SentFile(sent.filename or "", sent.content_type or "", await sent.read())
