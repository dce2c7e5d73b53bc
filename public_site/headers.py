"""The headers that every answer carries, whatever made it: page, file, error, back office."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders

from models.settings import LOOPBACK_HOSTS, Settings

BACK_OFFICE = "/support-dashboard"
TOKEN_PAGES = ("/login/link/", "/support/t/", "/mail/stop/")
PERSONAL = "no-store"

_PUBLIC_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# The dashboard's theme has style attributes and draws small pictures in its style sheet.
_BACK_OFFICE_POLICY = _PUBLIC_POLICY.replace(
    "style-src 'self'; img-src 'self'", "style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)

# A screenshot is drawn from a copy of the page, whose pictures are data and for which the library
# writes one rule of its own: here is its hash. The base that it names too stays forbidden; the copy
# has the page's own, and the browser notes in its console that it said no.
SCREENSHOT_PAGES = frozenset({"/support/new"})
_ITS_RULE = "'sha256-UP0QZg7irvSMvOBz9mH2PIIE28+57UiavRfeVea0l3g='"
_SCREENSHOT_POLICY = _PUBLIC_POLICY.replace("img-src 'self'", "img-src 'self' data: blob:").replace(
    "style-src 'self'", f"style-src 'self' {_ITS_RULE}"
)


class SecurityHeaders:
    """Which headers go on an answer to a path."""

    def __init__(self, settings: Settings) -> None:
        self._common = {
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if settings.is_https:
            self._common["Strict-Transport-Security"] = "max-age=31536000"
        # Without a Referer browsers send "Origin: null", and on plain http between machines they
        # send no Sec-Fetch-Site either, so there forms on these pages would never be accepted.
        trustworthy = settings.is_https or urlsplit(settings.base_url).hostname in LOOPBACK_HOSTS
        self._token_referrer = "no-referrer" if trustworthy else "same-origin"

    def put_on(self, headers: MutableHeaders, path: str, request_id: str) -> None:
        """Add what is missing; a page may have set a stricter or longer rule itself."""
        in_back_office = path == BACK_OFFICE or path.startswith(f"{BACK_OFFICE}/")
        policy = _BACK_OFFICE_POLICY if in_back_office else _PUBLIC_POLICY
        if path in SCREENSHOT_PAGES:
            policy = _SCREENSHOT_POLICY
        has_token = path.startswith(TOKEN_PAGES)
        for name, value in self._common.items():
            headers[name] = value
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("Cache-Control", PERSONAL)
        headers["Referrer-Policy"] = self._token_referrer if has_token else "same-origin"
        headers["X-Request-Id"] = request_id
