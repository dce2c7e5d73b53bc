"""What can go wrong in the domain; each door translates these once. Nothing here knows HTTP."""


class SupportError(Exception):
    """Base of all refusals of the domain; ``str(error)`` is a sentence for the person who acted."""


class NotFound(SupportError):
    """The object does not exist, or not for this actor; the two cannot be told apart."""

    def __init__(self, message: str = "This does not exist, or you cannot see it.") -> None:
        super().__init__(message)


class NotPermitted(SupportError):
    """The actor may not do this kind of thing."""

    def __init__(self, message: str = "You are not allowed to do this.") -> None:
        super().__init__(message)


class NotSignedIn(NotPermitted):
    """The deed needs a person who is signed in."""

    def __init__(self, message: str = "Please sign in first.") -> None:
        super().__init__(message)


class Invalid(SupportError):
    """The input is wrong; ``fields`` maps field names to a sentence that says what to do."""

    def __init__(self, fields: dict[str, str], message: str | None = None) -> None:
        self.fields = fields
        super().__init__(message or " ".join(fields.values()))


class WrongType(Invalid):
    """A file is not what it is said to be."""


class NotAllowedNow(SupportError):
    """The state of the object forbids it, for example a reply on a closed ticket."""


class Taken(NotAllowedNow):
    """A value that must be unique is in use already; ``field`` names it."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class Stale(SupportError):
    """Somebody else changed the object since the actor read it."""

    def __init__(self, message: str = "Somebody else changed this in the meantime.") -> None:
        super().__init__(message)


class TooMany(SupportError):
    """A rate limit is reached; ``retry_after`` is in whole seconds."""

    def __init__(self, retry_after: int, message: str = "Too many tries.") -> None:
        self.retry_after = retry_after
        super().__init__(message)


class Unavailable(SupportError):
    """The database or another needed part does not answer now; trying again later can work."""
