"""The kinds of mail, and what each needs to be written."""

from enum import StrEnum


class MailKind(StrEnum):
    """A kind of mail; the comments name the keys of its context.

    ``title`` may be None for people whose address is not proven: their words, which anybody could
    have typed, do not go to an address that may be somebody else's.
    """

    # To customers.
    TICKET_RECEIVED = "ticket_received"  # number, title, url
    TICKET_RECEIVED_GUEST = "ticket_received_guest"  # number, url: fixed text, no word of the guest
    TICKET_REPLY = "ticket_reply"  # number, title, url, agent_name, text
    TICKET_RESOLVED = "ticket_resolved"  # number, title, url, rating_url, agent_name, resolution
    # To agents.
    TICKET_ASSIGNED = "ticket_assigned"  # number, title, url, by_name, customer_name, severity
    TICKET_CUSTOMER_REPLIED = "ticket_customer_replied"  # number, title, url, customer_name, text
    # To anybody: url, minutes.
    LINK_SIGN_IN = "link_sign_in"
    LINK_SET_PASSWORD = "link_set_password"  # noqa: S105  # a kind, not a password
    LINK_EXISTING_ACCOUNT = "link_existing_account"

    @property
    def is_receipt(self) -> bool:
        """Whether this mail answers something that its recipient did."""
        return self in (MailKind.TICKET_RECEIVED, MailKind.TICKET_RECEIVED_GUEST)

    @property
    def goes_to_unproven_addresses(self) -> bool:
        """Whether anybody can cause this mail to any address, so that it carries nobody's words."""
        return self is MailKind.TICKET_RECEIVED_GUEST or self.name.startswith("LINK_")
