"""Settings: the kept secret, and values that stop the start."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.settings import MIN_SECRET_BYTES, BadSettings, Settings, read_settings


def _settings(folder: Path) -> Settings:
    return read_settings(data_dir=folder, secret_key="", database_url="")


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: _settings(folder).signing_key, range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) >= MIN_SECRET_BYTES
    assert [file.name for file in folder.iterdir()] == ["secret.key"]
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "short"])
def test_a_kept_secret_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret.key").write_text(content)
    with pytest.raises(BadSettings, match="delete it"):
        _ = _settings(tmp_path).signing_key


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_url", "http://x:99999"), ("base_url", "http://user:pw@x.example"),
        ("base_url", "http://x y"), ("base_url", "ftp://x"), ("base_url", "http://x/y"),
        ("brand_color", "red"), ("worker", "maybe"), ("tickets_per_hour", "-1"),
        ("ai_base_url", "junk"), ("sentry_url", "https://sentry.example"),
        ("secret_key", "short"), ("database_url", "mysql://x"),
    ],
)  # fmt: skip
def test_a_bad_value_is_one_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings(**{name: value})
    text = str(refused.value)
    assert "\n" not in text
    assert f"SUPPORT_{name.upper()}" in text
    assert "pattern" not in text
