"""The agents' door: SQLAdmin's model views and actions on the site's own sign-in and rooms."""

from backoffice.access import MOUNTS, ROUTES, Access
from backoffice.admin import BackOffice, SupportAdmin
from backoffice.articles import ArticleView
from backoffice.audit_log import AuditView
from backoffice.dashboard import Dashboard
from backoffice.mail import MailView
from backoffice.people import UserView
from backoffice.settings import ArticleCategoryView, QuickIssueView, TicketCategoryView
from backoffice.tickets import TicketView
from models.settings import Settings

__all__ = ["MOUNTS", "ROUTES", "Access", "BackOffice", "create"]

VIEWS = (
    Dashboard,
    TicketView,
    ArticleView,
    UserView,
    QuickIssueView,
    ArticleCategoryView,
    TicketCategoryView,
    MailView,
    AuditView,
)


def create(settings: Settings) -> BackOffice:
    """The dashboard, to be mounted at ``/support-dashboard`` behind the site's gate."""
    return BackOffice(SupportAdmin(settings, VIEWS))
