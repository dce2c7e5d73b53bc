"""What right forms send on a customer's own pages: the ticket's vote, the account."""

from collections.abc import Callable

from tests.guards.world import World

Sent = Callable[[World, str], dict[str, str]]


def always(**values: str) -> Sent:
    """The same for everybody."""
    return lambda *_: dict(values)


FORMS: dict[str, Sent] = {
    "/support/t/{token}/rating": always(score="5"),
    "/support/{number}/rating": always(score="4", comment="Quick."),
}
