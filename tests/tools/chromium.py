"""The browser of the browser tests: found on this machine, or installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PATH_VARIABLE = "SUPPORT_TEST_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
APT_LINE = "apt-get install -y --no-install-recommends chromium"
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


class NoBrowser(Exception):
    """No browser was found; the text says what to type."""


def executable() -> str:
    """The path of the browser; raises NoBrowser."""
    path = _found()
    if path is None:
        raise NoBrowser(
            f"No Chromium found. Type: sudo {APT_LINE}\n"
            f"(or install Chrome, or set {PATH_VARIABLE} to the path of a browser)"
        )
    return path


def launch_arguments() -> list[str]:
    """Command line for a quiet browser that talks to nobody but the server under test."""
    arguments = [
        "--headless",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-dev-shm-usage",
        "--disable-sync",
        "--no-first-run",
    ]
    # Chromium refuses its own sandbox to root.
    return [*arguments, "--no-sandbox"] if os.geteuid() == 0 else arguments


def ensure() -> str:
    """The path of the browser, installed first if need be; raises NoBrowser."""
    if _found() is None:
        _install()
    return executable()


def _found() -> str | None:
    given = os.environ.get(PATH_VARIABLE)
    if given:
        return given
    paths = [shutil.which(name) for name in NAMES]
    paths += [path for path in MAC_PATHS if Path(path).exists()]
    return next((path for path in paths if path), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    # Asked in a process of its own: Playwright can be started only once in each.
    asked = subprocess.run(
        [sys.executable, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=True
    )
    path = asked.stdout.strip()
    return path if Path(path).exists() else None


def _install() -> None:
    print("Installing Chromium for the browser tests ...", file=sys.stderr)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        ran = _run(["apt-get", "update", "-qq"]) and _run(APT_LINE.split())
    else:
        ran = False
    if not ran:
        _run([sys.executable, "-m", "playwright", "install", "chromium"])


def _run(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode == 0
