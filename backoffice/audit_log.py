"""The audit log: who did what, newest first."""

from typing import Annotated

from sqladmin import expose
from starlette.requests import Request
from starlette.responses import Response

from backoffice import forms
from backoffice.view import SupportView, read
from models import audit, overview
from models.deeds import Deed, PageNumber, PageSize
from models.text import OneLine


class AuditFilter(Deed):
    """What the log is narrowed to."""

    subject: Annotated[str, OneLine(40, required=False)] = ""
    page: PageNumber = 1
    page_size: PageSize = 50


class AuditView(SupportView, model=audit.AuditEntry):
    """The rows of the audit log; nobody changes them."""

    address = "audit"
    name = "Audit entry"
    name_plural = "Audit log"

    @expose("", methods=["GET"])
    async def list_page(self, request: Request) -> Response:
        """The log."""
        filters = forms.read_query(AuditFilter, request)
        found = await read(
            request,
            lambda db, actor: overview.audit_log(
                db,
                subject_id=filters.subject or None,
                page=filters.page,
                page_size=filters.page_size,
                actor=actor,
            ),
        )
        return await self.page(request, "audit.html", {"filters": filters, "found": found})
