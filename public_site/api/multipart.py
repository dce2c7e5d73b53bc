"""One file in the body of a request, read strictly: one part, called ``file``."""

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from models.errors import Invalid
from public_site.forms import REPEATED
from public_site.sent_files import SentFile, is_multipart, read_file

FIELD = "file"


async def received_file(request: Request) -> SentFile:
    """The file. Raises HTTPException 400, 413 or 415, Invalid for parts that are not asked for."""
    if not is_multipart(request):
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
        return await read_file(sent)
