"""The workers: no article stops the server, and no worker outlives it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.kb import rendering
from models.kb.rendering import Pool, Worker, render
from tests.models.dom import Page

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "typed",
    [
        "".join("    " * depth + "- a\n" for depth in range(300)),
        ">" * 5_000,
        "<div>" * 3_000,
        "[" * 32_000,
    ],
    ids=["list", "quote", "div", "brackets"],
)
def test_what_cannot_be_formatted_is_shown_as_typed(typed: str) -> None:
    made = render(typed)
    assert not made.formatted
    assert Page(made.html).all("pre") == [{"class": "kb-plain", "tabindex": "0"}]
    assert Page(made.html).words == made.text == typed
    assert render("*next*").html == "<p><em>next</em></p>"


@pytest.mark.parametrize("typed", ["`", "<a ", "[link](x)", "&", "~", "http://", "a@", "*[a]: b\n"])
def test_long_runs_are_formatted_or_shown(typed: str) -> None:
    made = render(typed * (8_000 // len(typed)))
    assert made.formatted or "kb-plain" in made.html


# --- the workers ----------------------------------------------------------------------------------


@pytest.fixture
def pool() -> Iterator[Pool]:
    """One worker, with time enough."""
    pool = Pool(size=1, seconds=20)
    yield pool
    pool.close()


def pids(pool: Pool) -> set[int]:
    return {worker._process.pid for worker in pool._started if worker.is_alive()}


def during(pool: Pool, act: Callable[[int], None]) -> threading.Thread:
    """Does something to the worker once it is at work."""

    def wait_and_act() -> None:
        while not pids(pool):
            time.sleep(0.01)
        time.sleep(0.2)
        for pid in pids(pool):
            act(pid)

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    return thread


def test_nothing_runs_before_it_is_needed_or_is_loaded_by_the_server() -> None:
    assert pids(Pool()) == set()
    code = (
        "import sys, models.kb.rendering; print({'markdown', 'nh3', 'pygments'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout.strip() == "set()"


def test_a_worker_stays(pool: Pool) -> None:
    pool.ask("a")
    first = pids(pool)
    pool.ask("b")
    assert pids(pool) == first


def test_a_worker_over_its_time_is_replaced() -> None:
    pool = Pool(size=1, seconds=0.2)
    with pytest.raises(TimeoutError):
        pool.ask("[" * 32_000)
    assert pids(pool) == set()
    pool._seconds = 20
    assert pool.ask("*b*")["text"] == "b"
    pool.close()


def test_a_worker_killed_while_idle_is_replaced(pool: Pool) -> None:
    pool.ask("a")
    (pid,) = pids(pool)
    os.kill(pid, signal.SIGKILL)
    assert pool.ask("*b*")["text"] == "b"
    assert pids(pool).isdisjoint({pid})


def test_a_worker_that_ends_as_it_is_asked_says_so() -> None:
    worker = Worker()
    worker._process.kill()
    worker._process.wait()
    with pytest.raises(EOFError):
        worker.ask("a" * 1_000_000, seconds=1)


def test_a_worker_killed_at_work_is_replaced_and_asked_again(pool: Pool) -> None:
    pool.ask("a")
    (pid,) = pids(pool)
    killer = during(pool, lambda pid: os.kill(pid, signal.SIGKILL))
    assert pool.ask("[" * 1_500)["text"] == "[" * 1_500
    killer.join()
    assert pids(pool).isdisjoint({pid})


def test_an_article_that_kills_its_worker_twice_is_shown_as_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("rendering.py", "renderer.py"):
        (tmp_path / name).write_text(
            'import os; os.write(0, b"\\0\\0\\0\\7\\"ready\\""); os.read(0, 9)'
        )
    monkeypatch.setattr(rendering, "__file__", str(tmp_path / "rendering.py"))
    monkeypatch.setattr(rendering, "_POOL", Pool(size=1))
    assert render("<b>*a*").html == '<pre class="kb-plain" tabindex="0">&lt;b&gt;*a*</pre>'
    assert caplog.messages == ["An article could not be formatted: EOFError"]


def test_a_missing_interpreter_is_no_error_for_the_author(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setattr(rendering, "_POOL", Pool(size=1))
    assert not render("*a*").formatted
    assert caplog.messages == ["An article could not be formatted: FileNotFoundError"]


def test_threads_share_the_workers() -> None:
    pool = Pool(size=2, seconds=20)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: pool.ask(f"*{n}*")["text"], range(40)))
    assert answers == [str(n) for n in range(40)]
    assert len(pids(pool)) <= 2
    pool.close()
    assert pids(pool) == set()


SERVER = """
import os, sys
from models.kb import rendering
def show():
    assert rendering.render("*a*").formatted
    (worker,) = rendering._POOL._started
    print(worker._process.pid, flush=True)
show()
if sys.argv[1] == "fork":
    if os.fork() == 0:
        show()
        sys.exit()
    os.wait()
    show()
elif sys.argv[1] == "killed":
    os.kill(os.getpid(), 9)
"""


def gone(pid: int) -> bool:
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("way", ["ended", "killed", "fork"])
def test_workers_end_with_their_server_and_are_not_shared_with_its_children(way: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SERVER, way],
        check=False, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert done.stderr == ""
    workers = [int(pid) for pid in done.stdout.split()]
    assert all(gone(pid) for pid in workers)
    if way == "fork":
        parents, childs, again = workers
        assert parents == again != childs


def test_the_workers_see_no_settings(monkeypatch: pytest.MonkeyPatch, pool: Pool) -> None:
    monkeypatch.setenv("SUPPORT_SECRET_KEY", "canary")
    pool.ask("a")
    (pid,) = pids(pool)
    assert b"canary" not in Path(f"/proc/{pid}/environ").read_bytes()
