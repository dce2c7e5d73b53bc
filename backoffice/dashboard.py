"""The home page: what waits, and how fast we answer."""

from sqladmin import BaseView, expose
from starlette.requests import Request
from starlette.responses import Response

from backoffice import access
from backoffice.view import read, who
from models import kb, notifications, overview

VAIN_SHOWN = 5


class Dashboard(BaseView):
    """The first page of the dashboard."""

    name = "Dashboard"

    def is_accessible(self, request: Request) -> bool:
        """Whether the person may see the numbers."""
        return access.allows(who(request), "GET", "/")

    @expose("/", methods=["GET"])
    async def home(self, request: Request) -> Response:
        """The numbers."""
        context = await read(
            request,
            lambda db, actor: {
                "stats": overview.stats(db, actor=actor),
                "mail": notifications.health(db),
                "vain": kb.vain_searches(db, limit=VAIN_SHOWN, actor=actor),
                "saved": kb.deflections(db, actor=actor),
            },
        )
        return await self.templates.TemplateResponse(request, "home.html", context)
