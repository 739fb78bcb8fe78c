"""Captures read by several processes at once, and how far that has come."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from multiprocessing import active_children, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

from seccstack.cli_telling import Told, Wanted, tell, tell_whole

AHEAD = 2  # captures for each process that are read before what they hold is printed


def tell_all(paths: Sequence[Path], wanted: Wanted, jobs: int) -> Generator[Told, None, None]:
    """Yield what is to be said of each capture, in their order; a bar shows how far it is."""
    with _Bar(paths) as bar:
        read = _here(paths, wanted, bar) if jobs == 1 else _apart(paths, wanted, jobs)
        with closing(read):
            for told in read:
                bar.pause(told)
                yield told
                bar.resume()


def _here(paths: Sequence[Path], wanted: Wanted, bar: _Bar) -> Generator[Told, None, None]:
    for path in paths:
        yield tell(path, wanted, bar.advance)


def _apart(paths: Sequence[Path], wanted: Wanted, jobs: int) -> Generator[Told, None, None]:
    pool = ProcessPoolExecutor(jobs, initializer=_begin_worker)
    begun: deque[Future[Told]] = deque()
    try:
        for path in paths:
            begun.append(pool.submit(tell_whole, path, wanted))
            if len(begun) > jobs * AHEAD:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    except BaseException:  # nobody waits for the rest any more, and Python would at its exit
        for worker in active_children():
            worker.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def jobs_for(paths: Sequence[Path], asked: int | None) -> int:
    """Return how many processes: as many as asked, or as processors; never idle ones."""
    return max(1, min(len(paths), asked or len(os.sched_getaffinity(0))))


def _begin_worker() -> None:
    """Let Ctrl-C be the first process's to answer, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Bar:
    """A progress bar in octets, on standard error if that is a terminal."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._sizes = {path: _size(path) for path in paths}
        self._finished = 0
        self._progress: Any = None
        self._task: Any = None

    def __enter__(self) -> _Bar:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        if console.is_terminal:
            self._progress = Progress(console=console, transient=True)
            self._task = self._progress.add_task("reading", total=sum(self._sizes.values()))
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def advance(self, octets: int) -> None:
        """So many octets more of a capture have been read here."""
        if self._progress is not None:
            self._progress.advance(self._task, octets)

    def pause(self, told: Told) -> None:
        """One capture is read; the bar makes room for what is printed of it."""
        self._finished += self._sizes[told.path]
        if self._progress is not None:
            self._progress.update(self._task, completed=self._finished)
            self._progress.stop()

    def resume(self) -> None:
        """What there was to print has been printed."""
        if self._progress is not None:
            self._progress.start()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # said when it is read
        return 0
