"""Files in the body of a request, as they were sent and before anybody looked at them."""

import hashlib
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request

from models import tickets
from public_site.limits import MULTIPART


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


def is_multipart(request: Request) -> bool:
    """Whether the body says once that it has parts."""
    kinds = request.headers.getlist("content-type")
    return len(kinds) == 1 and kinds[0].partition(";")[0].strip().lower() == MULTIPART


async def read_file(part: UploadFile) -> SentFile:
    """The file of a part; of one that is too large, enough to see that."""
    data = await part.read(tickets.MAX_FILE + 1)
    return SentFile(part.filename or "", part.content_type or "", data)
