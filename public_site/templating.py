"""How values become words on a page: the template environment and its filters."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.base import now
from models.settings import Settings
from models.text import in_bytes
from public_site.assets import Assets

FOLDER = Path(__file__).parent / "templates"
_STEPS = [  # less than this: said in this unit
    (timedelta(hours=1), timedelta(minutes=1), "minute"),
    (timedelta(days=1), timedelta(hours=1), "hour"),
    (timedelta(days=14), timedelta(days=1), "day"),
]


def environment(settings: Settings, assets: Assets) -> Environment:
    """The templates; every value is escaped, and a misspelt name is an error."""
    templates = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.globals.update(
        product=settings.product_name, base_url=settings.base_url, asset=assets.address,
        logo=assets.logo,
    )  # fmt: skip
    templates.filters.update(ago=ago, day=day, moment=moment, grouped=grouped, bytes=in_bytes)
    return templates


def ago(time: datetime) -> Markup:
    """How long ago, with the exact time in UTC on hover; the script turns that to local time."""
    return _time(time, _distance(now() - time), "ago")


def day(time: datetime) -> Markup:
    """The date, with the exact time on hover."""
    return _time(time, _date(time), "day")


def moment(time: datetime) -> Markup:
    """Date and time, in UTC until the script knows the reader's zone."""
    return _time(time, _date_and_time(time), "moment")


def _time(time: datetime, words: str, shape: str) -> Markup:
    stamp = time.astimezone(UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}" title="{}" data-time="{}">{}</time>').format(
        stamp, _date_and_time(time), shape, words
    )


def _distance(passed: timedelta) -> str:
    if passed < timedelta(minutes=1):
        return "just now"
    for limit, unit, name in _STEPS:
        if passed < limit:
            count = passed // unit
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return _date(now() - passed)


def _date(time: datetime) -> str:
    return f"{time.day} {time:%B %Y}"


def _date_and_time(time: datetime) -> str:
    return f"{_date(time)}, {time:%H:%M} UTC"


def grouped(number: int) -> str:
    """A count with its thousands apart: 12,345."""
    return f"{number:,}"
