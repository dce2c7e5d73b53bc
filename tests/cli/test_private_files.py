"""What the program writes is readable by its owner only."""

import os
import subprocess
import sys
from pathlib import Path


def test_files_of_the_data_folder_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SUPPORT_")},
        "SUPPORT_DATA_DIR": str(folder),
    }
    program = Path(sys.executable).with_name("supportctl")
    for command in (["migrate"], ["seed"]):
        subprocess.run([program, *command], env=environment, cwd=tmp_path, check=True)
    files = list(folder.iterdir())
    assert any(file.name == "support.sqlite3" for file in files)
    assert [oct(file.stat().st_mode & 0o077) for file in [folder, *files]] == ["0o0"] * (
        len(files) + 1
    )
