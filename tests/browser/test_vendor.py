"""What others wrote and these tests carry along is what was looked at."""

import hashlib
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
STATIC = TESTS.parents[1] / "public_site" / "static"
FOLDERS = {
    TESTS / "vendor" / "axe-core": "axe.min.js",
    STATIC / "vendor" / "html2canvas-pro": "html2canvas-pro.min.js",
}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_it_is_what_its_checksums_say(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.name: path for path in folder.iterdir() if path.name != "SHA256SUMS"}
    assert sums == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()
    }
    assert {FOLDERS[folder], "LICENSE"} <= set(files)
