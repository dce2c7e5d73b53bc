"""``supportctl serve``: the site, the API and the dashboard in one server."""

import gc
import ipaddress
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli import door, screen, seed
from models.errors import Unavailable

if TYPE_CHECKING:
    from uvicorn import Config

    from models.settings import Settings

APP = "public_site.app:create_app"
BASE_URL = "SUPPORT_BASE_URL"
GRACE_SECONDS = 8
WAITING_CONNECTIONS = 2048
WILDCARDS = ("0.0.0.0", "::", "")  # noqa: S104  # compared with, never bound to by itself


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")
    ] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes.")] = 1,
    demo: Annotated[
        bool, typer.Option("--demo", help="Migrate and add the demo first; loopback only.")
    ] = False,
) -> None:
    """Serve the site and the dashboard."""
    _refuse_open_http(host, demo=demo)
    with _listening(host, port) as listener:
        settings = _settings_with_address(listener)
        if demo:
            _prepare_demo()
        door.require_schema()
        _check_mail_settings()
        _try_application()
        _say_where(settings, demo=demo)
        _run(listener, workers)


def _refuse_open_http(host: str, *, demo: bool) -> None:
    """Passwords and cookies in the clear stay on this machine, and so does the demo."""
    if is_loopback(host):
        return
    if demo:
        raise _bad_host("the demo's passwords are known to all, so it listens on 127.0.0.1 only.")
    settings = door.settings()
    if settings.is_https:
        return
    if not settings.allow_http:
        raise _bad_host(
            f"with an http address only this machine may connect. Set {BASE_URL} to the https "
            "address that people type, or SUPPORT_ALLOW_HTTP=1 to do without encryption."
        )
    if host in WILDCARDS and "base_url" not in settings.model_fields_set:
        raise _bad_host(f"which address do people type? Set {BASE_URL} to it.")


def _bad_host(reason: str) -> typer.BadParameter:
    return typer.BadParameter(reason, param_hint="--host")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens on ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.create_server(address[:2], family=family, backlog=WAITING_CONNECTIONS)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise Unavailable(
            f"Cannot listen on {host}:{port}: {reason}. Choose another with --host and --port."
        ) from None
    # Accepted connections inherit it. Without it an answer's second packet waits 40 ms for the
    # browser's word that the first one came.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _settings_with_address(listener: socket.socket) -> "Settings":
    """The settings, whose base address follows the listening one unless it is set."""
    from models import settings as house

    settings = door.settings()
    if "base_url" in settings.model_fields_set:
        return settings
    host, port = listener.getsockname()[:2]
    # In the environment, so that worker processes agree.
    os.environ[BASE_URL] = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    house.current.cache_clear()
    return door.settings()


def _check_mail_settings() -> None:
    from models import notifications

    notifications.check_settings()


def _prepare_demo() -> None:
    from models import db, schema

    schema.migrate(db.current())
    seed.fill(door.who(None), demo=True)


def _try_application() -> None:
    """Make the application once, so that what stops it is told once and not by every worker."""
    import uvicorn

    uvicorn.Config(APP, factory=True, log_config=None).load()


def _say_where(settings: "Settings", *, demo: bool) -> None:
    base = settings.base_url
    screen.note(
        f"\n  Help center   {base}/help"
        f"\n  My tickets    {base}/support"
        f"\n  Dashboard     {base}/support-dashboard\n"
    )
    if demo:
        from models import seeding

        people = "".join(f"\n    {email}" for email in seeding.DEMO_SIGN_INS)
        screen.note(f"  Sign in as, with the password {seeding.DEMO_PASSWORD}{people}\n")
    screen.note("Press Ctrl-C to stop.")


def _run(listener: socket.socket, workers: int) -> None:
    import uvicorn

    from cli import logs

    config = uvicorn.Config(
        APP,
        factory=True,
        workers=workers,
        access_log=False,  # addresses of pages hold secrets: one-time links, guests' links
        proxy_headers=False,  # the application reads them, from trusted proxies only
        server_header=False,
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
        log_config=logs.CONFIG,
    )
    try:
        _run_one(config, listener) if workers == 1 else _run_many(config, listener)
    except SystemExit as stop:
        if stop.code:
            raise Unavailable("The server could not start; the lines above say why.") from None


def _run_one(config: "Config", listener: socket.socket) -> None:
    import uvicorn

    # uvicorn ends cleanly on both signals and raises them again afterwards.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    gc.freeze()  # what is imported stays; looking at it again and again for garbage costs time
    uvicorn.Server(config).run(sockets=[listener])


def _run_many(config: "Config", listener: socket.socket) -> None:
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    class Supervisor(Multiprocess):
        """Keeps the worker processes alive, and remembers a Ctrl-C."""

        interrupted = False

        def handle_int(self) -> None:
            super().handle_int()
            self.interrupted = True

    supervisor = Supervisor(config, sockets=[listener])
    supervisor.run()
    if supervisor.interrupted:
        raise KeyboardInterrupt
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        sys.exit(STARTUP_FAILURE)
