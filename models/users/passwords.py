"""Passwords: Argon2 hashes and the rule of what may be one."""

import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 8
MAX_BYTES = 1024
PARALLEL_HASHES = 2
_GUESSED_FIRST_WORDS = (
    "password password1 password12 password123 passw0rd 12345678 123456789 1234567890 11111111"
    " qwertyui qwerty123 qwertyuiop iloveyou sunshine princess football baseball welcome1"
    " letmein1 trustno1 superman abcd1234 abc12345 changeme starwars whatever"
)
_GUESSED_FIRST = frozenset(_GUESSED_FIRST_WORDS.split())

hasher = PasswordHasher()
_turns = threading.BoundedSemaphore(PARALLEL_HASHES)


def problem_with(password: str, *, email: str | None = None) -> str | None:
    """Why this cannot be a password, as a sentence, or None if it can."""
    if "\0" in password or not _is_storable(password):
        return "This contains a character that cannot be stored."
    if len(password) < MIN_LENGTH:
        return f"Please use at least {MIN_LENGTH} characters."
    if len(password.encode()) > MAX_BYTES:
        return f"Please use at most {MAX_BYTES} bytes."
    if password.casefold() in _GUESSED_FIRST:
        return "This password is among the first that others would guess. Please choose another."
    if email and password.casefold() in {email.casefold(), email.split("@")[0].casefold()}:
        return "Please do not use your e-mail address as password."
    return None


def _is_storable(password: str) -> bool:
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True


def make_hash(password: str) -> str:
    """The Argon2 hash to keep; takes about 0.2 s, so never inside a transaction."""
    with _turns:
        return hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether this is the password. Costs the same when there is no hash (no such person)."""
    with _turns:
        try:
            hasher.verify(password_hash or _dummy_hash(), password)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    return hasher.hash("nobody has this password")
