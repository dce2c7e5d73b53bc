"""The thread that delivers the outbox while a process serves, or for `supportctl worker`."""

import logging
import threading
from collections.abc import Callable

from models.notifications.delivery import deliver_due

INTERVAL_SECONDS = 5.0
STOP_SECONDS = 5.0
ROUND_SIZE = 50
Stopping = Callable[[], bool]
log = logging.getLogger("supportdesk.mail")

_active: "Worker | None" = None


def wake() -> None:
    """Let the worker of this process, if it has one, look at the outbox now."""
    worker = _active
    if worker is not None:
        worker.wake()


class Worker:
    """Delivers what is due when woken, and every few seconds, until stopped.

    ``besides`` is called after each look at the outbox, with whether to stop; it is short.
    """

    def __init__(
        self,
        interval: float = INTERVAL_SECONDS,
        *,
        besides: Callable[[Stopping], object] | None = None,
    ) -> None:
        self._interval = interval
        self._besides = besides
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail", daemon=True)

    def start(self) -> None:
        """Begin, and be the one that ``wake()`` wakes."""
        global _active  # one worker a process
        self._thread.start()
        _active = self

    def wake(self) -> None:
        """Look at the outbox now."""
        self._bell.set()

    def stop(self) -> None:
        """End after the mail at hand; one that hangs is left behind and tried again later."""
        global _active  # as above
        if _active is self:
            _active = None
        self._stopping.set()
        self._bell.set()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._bell.clear()
            self._deliver()
            self._do_besides()
            self._bell.wait(self._interval)

    def _deliver(self) -> None:
        is_full = True
        while is_full and not self._stopping.is_set():
            try:
                done = deliver_due(ROUND_SIZE, stopping=self._stopping.is_set)
            except Exception as error:  # noqa: BLE001  # the worker outlives whatever happens
                # The type alone: the text of a database error holds the row, and so the mail.
                log.error("the outbox cannot be delivered: %s", type(error).__name__)  # noqa: TRY400
                return
            is_full = done.delayed == 0 and done.sent + done.dead >= ROUND_SIZE

    def _do_besides(self) -> None:
        if self._besides is None or self._stopping.is_set():
            return
        try:
            self._besides(self._stopping.is_set)
        except Exception as error:  # noqa: BLE001  # as above
            log.error("what is done besides failed: %s", type(error).__name__)  # noqa: TRY400
