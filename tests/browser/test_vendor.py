"""What others wrote and these tests carry along is what was looked at."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "vendor" / "axe-core"


def test_axe_core_is_what_its_checksums_say() -> None:
    lines = (FOLDER / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = {path.name: path for path in FOLDER.iterdir() if path.name != "SHA256SUMS"}
    assert sums == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()
    }
    assert {"axe.min.js", "LICENSE"} <= set(files)
