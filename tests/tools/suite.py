"""`make test`: all tests in two processes of pytest, then one report of what they covered.

The browser tests run apart because synchronous Playwright leaves an event loop running, in which
no other asynchronous test can start. Both always run, and the result is the worse of the two.
"""

import argparse
import subprocess
import sys

from tests.tools import chromium, testrun

BROWSER_TESTS = "tests/browser"


def main() -> int:
    """Run everything; 0 only if every part passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.suite", description=__doc__)
    parser.add_argument("--workers", default="2", help="processes for all but the browser tests")
    options = parser.parse_args()
    try:
        print(f"Browser: {chromium.ensure()}", flush=True)
    except chromium.NoBrowser as missing:
        print(missing, file=sys.stderr)
        return 1
    _run("coverage", "erase")
    with testrun.begun():
        plain = _pytest("-n", options.workers, "--ignore", BROWSER_TESTS)
        browser = _pytest(BROWSER_TESTS, "--cov-append")
    report = _run("coverage", "report")
    return max(plain, browser, report)


def _pytest(*arguments: str) -> int:
    return _run("pytest", "--cov", "--cov-report=", *arguments)


def _run(module: str, *arguments: str) -> int:
    return subprocess.run([sys.executable, "-m", module, *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
