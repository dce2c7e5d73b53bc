"""What long-running commands log, and how: lines on stderr, times in UTC."""

import logging
import logging.config
import time
from typing import Any

CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "cli.logs.Line"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {"uvicorn": {"level": "WARNING"}, "alembic": {"level": "WARNING"}},
}


class Line(logging.Formatter):
    """An entry starts with its time; further lines of it are indented, so none can be forged."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"
        )

    def format(self, record: logging.LogRecord) -> str:
        from models.text import escape_controls

        return escape_controls(super().format(record), keep="\n").replace("\n", "\n    ")


def start() -> None:
    """Log in this way from now on."""
    logging.config.dictConfig(CONFIG)
