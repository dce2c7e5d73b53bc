"""Static files of the dashboard: the theme that SQLAdmin ships, and our own style and script."""

from os import PathLike, stat_result
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

KEPT_FOR = 86_400


class KeptFiles(StaticFiles):
    """Files that browsers keep for a day; our own have their content's hash in the address."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, *args: Any, **kwargs: Any
    ) -> Response:
        """Serve a file."""
        response = super().file_response(full_path, stat_result, *args, **kwargs)
        response.headers["Cache-Control"] = f"private, max-age={KEPT_FOR}"
        return response
