"""How the values of a ticket are called on screens and in mails."""

from models.tickets.lifecycle import STATUS_TITLES
from models.tickets.tables import Priority, Severity, TicketType

TYPE_TITLES = {
    TicketType.BUG: "Bug",
    TicketType.QUESTION: "Question",
    TicketType.BILLING: "Billing",
    TicketType.FEATURE_REQUEST: "Feature request",
    TicketType.OTHER: "Other",
}
SEVERITY_TITLES = {
    Severity.LOW: "Low",
    Severity.MEDIUM: "Medium",
    Severity.HIGH: "High",
    Severity.CRITICAL: "Critical",
}
PRIORITY_TITLES = {
    Priority.LOW: "Low",
    Priority.NORMAL: "Normal",
    Priority.HIGH: "High",
    Priority.URGENT: "Urgent",
}

__all__ = ["PRIORITY_TITLES", "SEVERITY_TITLES", "STATUS_TITLES", "TYPE_TITLES"]
