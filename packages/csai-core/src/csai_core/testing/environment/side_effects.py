"""An environment leaves the process as it was: no output, files, threads, children, settings, growth."""

from __future__ import annotations

import gc
import itertools
import logging
import threading
import time
import tracemalloc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from csai_core.testing.environment.actions import ActionSource
from csai_core.testing.environment.making import Maker, without_display
from csai_core.testing.environment.rollout import live, play, start
from csai_core.testing.process.remains import lasting
from csai_core.testing.process.settings import settings_kept
from csai_core.testing.process.watch import watching
from csai_core.testing.suite import fail

_ROUNDS, _STEPS, _LONGEST = 6, 360, 12
"""Memory is looked at after so many rounds of so many steps, in episodes that are cut after so many."""
_LEAST_BYTES = 16 * _STEPS
"""What each round must add to be called a leak: a small object a step. numpy's own caches grow by less."""
_PATIENCE = 1.0


def check_side_effects(make: Maker, seed: int) -> None:
    """Making, playing, drawing and closing one changes nothing of the process."""
    changed: list[str] = []
    with without_display():
        with settings_kept([]), watching():
            live(make, seed)  # what is imported on the way is not its doing
        with settings_kept(changed), watching() as watched:
            live(make, seed)
    if watched.output:
        fail(
            f"It prints, or writes to the terminal: {watched.output[:200]!r}. Tell what there is to tell in "
            "info, or to a logger: logging.getLogger(__name__)."
        )
    if watched.files:
        fail(f"{watched.files[0]}, unasked. Write files only where the caller says to which.")
    if watched.num_sleeps:
        fail(
            f"It sleeps (time.sleep), {watched.num_sleeps} times in a short play that nobody watches, and "
            "every training waits for it. Keep time in mode 'human' only."
        )
    if make.went_to:
        fail(
            f"It goes to the folder {make.went_to} (os.chdir), and with it the whole process; use whole "
            "paths, Path(__file__).parent / name."
        )
    if watched.variables:
        fail(
            f"It sets the environment variable {watched.variables[0]}, for the whole process; keep it in a "
            "variable of self, or leave it to whoever starts the process."
        )
    if changed:
        fail(f"It changes {changed[0]}, for the whole process; leave that to the program that it runs in.")


def check_nothing_is_left(make: Maker, seed: int) -> None:
    """After `close`, no thread, child process or open file of its own is left."""
    with without_display():
        live(make, seed)
        before = lasting()
        kept = live(make, seed)
        after = _settled(before)
    del kept
    for kind, now in after.items():
        if more := now - before[kind]:
            one = str(sorted(map(str, more))[0])
            fail(f"After close, a {kind} of its own is left: {one}. End it in close.")


def check_it_is_let_go(make: Maker, seed: int) -> None:
    """An environment that was played and closed is gone, once nobody holds it."""
    traces = [_trace(make, seed) for _ in range(3)]
    gc.collect()
    if len({id(each()) for each in traces} - {id(None)}) == len(traces):
        fail(
            "Environments that were closed, and that nobody holds any more, are still there, each with all "
            "that it holds: something of the class or the module keeps them, such as a list, or "
            "functools.lru_cache on a method, whose keys hold self. Keep such things in self, and cache only "
            "functions that do not take it."
        )


def check_growth(make: Maker, seed: int) -> None:
    """Memory does not grow with the episodes played."""
    with make.made() as env:
        for _ in range(3):
            _round(env, seed)
        was_tracing = tracemalloc.is_tracing()
        if not was_tracing:
            tracemalloc.start()
        try:
            with _unlogged():
                sizes = [_size_after(env, seed + i) for i in range(_ROUNDS)]
        finally:
            if not was_tracing:
                tracemalloc.stop()
    growth = [later - earlier for earlier, later in itertools.pairwise(sizes[1:])]
    if min(growth) >= _LEAST_BYTES:
        fail(
            f"It keeps more memory with each episode: {sum(growth) // len(growth)} bytes for every {_STEPS} "
            "steps, for as long as it is played. Empty in reset what an episode collects."
        )


def _trace(make: Maker, seed: int) -> weakref.ref[Any]:
    """An environment, played and closed, which this does not hold."""
    with make.made() as env:
        for _ in play(env, 20, seed):
            pass
        return weakref.ref(env.unwrapped)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Hand nothing that is logged to who keeps it, as pytest does."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)


def _settled(before: dict[str, set[Any]]) -> dict[str, set[Any]]:
    """What lives on, once what is just ending has had time to."""
    until = time.monotonic() + _PATIENCE
    for thread in set(threading.enumerate()) - before["thread"]:
        thread.join(max(0.0, until - time.monotonic()))
    return lasting()


def _round(env: Any, seed: int) -> None:
    """Short episodes, in which the checks themselves keep nothing."""
    source, taken = ActionSource(env.action_space, seed), 0
    while taken < _STEPS:
        _, info = env.reset(seed=seed + taken)
        for _ in range(_LONGEST):
            _, _, terminated, truncated, info = env.step(source.draw(info))
            taken += 1
            if terminated or truncated:
                break


def _size_after(env: Any, seed: int) -> int:
    _round(env, seed)
    start(env, "reset()")
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
