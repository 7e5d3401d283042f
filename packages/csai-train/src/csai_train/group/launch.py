"""Launching processes of a training on this machine by torch's own launcher, again where one is lost."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from csai_train.group.joining import ATTEMPT, LAUNCHER

LOST = 75
"""The exit status of a process that lost another one: that it can be tried again, as sysexits.h has it."""
INTERRUPTED = 130
"""That of a command that Ctrl-C or SIGTERM ended."""
_ENDED_BY_LAUNCHER = (INTERRUPTED, -15)
_STORE = "TORCH_DISABLE_SHARE_RDZV_TCP_STORE"


class Ended(NamedTuple):
    """How processes ended that were launched together."""

    status: int
    """Of the command: 0, or that of the process which failed first, or 128 and a signal."""
    lost: str = ""
    """How one was lost, in words; empty where none was, and starting again would not help."""


def launch(
    arguments: Sequence[str], processes: int, *, threads: int, max_restarts: int, tell: Callable[[str], None]
) -> int:
    """Run `python -m csai_core` with some arguments in several processes, until all end.

    Where one is killed, or stops answering, all are ended, and started again; they go on from the last
    checkpoint. Where one fails for a reason of its own, they would fail again, and are not.

    Args:
        arguments: of the command.
        processes: how many.
        threads: how many each computes with.
        max_restarts: how often they are started again.
        tell: told of each restart.

    Returns:
        The exit status.
    """
    for attempt in range(max_restarts + 1):
        ended = _launch_once(arguments, processes, threads, attempt)
        if not ended.lost:
            return ended.status
        if attempt < max_restarts:
            tell(f"{ended.lost} All start again, for the {_ordinal(attempt + 1)} of {max_restarts} times.")
    tell(f"{ended.lost} They are not started again: --max-restarts is {max_restarts}.")
    return ended.status


def _launch_once(arguments: Sequence[str], processes: int, threads: int, attempt: int) -> Ended:
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)  # what it says is said here
    # With one store for all attempts, processes that are started again may look for those before them.
    os.environ.update(
        {_STORE: "1", ATTEMPT: str(attempt), LAUNCHER: str(os.getpid()), "OMP_NUM_THREADS": str(threads)}
    )
    with tempfile.TemporaryDirectory() as folder:
        config = LaunchConfig(
            min_nodes=1,
            max_nodes=1,
            nproc_per_node=processes,
            run_id=f"csai-{os.getpid()}-{attempt}",
            rdzv_backend="c10d",
            rdzv_endpoint="localhost:0",
            max_restarts=0,
            monitor_interval=0.1,
            logs_specs=DefaultLogsSpecs(log_dir=folder),
        )
        try:
            elastic_launch(config, sys.executable)("-m", "csai_core", *arguments)
        except ChildFailedError as error:
            return _ended({rank: failure.exitcode for rank, failure in error.failures.items()})
        except SignalException:
            return Ended(INTERRUPTED)
    return Ended(0)


def _ended(statuses: Mapping[int, int]) -> Ended:
    """What became of processes of which these ranks ended with these statuses.

    Those that the launcher ended, as another had failed, are no cause of anything.
    """
    causes = {rank: each for rank, each in statuses.items() if each not in _ENDED_BY_LAUNCHER} or statuses
    own = [status for status in causes.values() if status > 0 and status != LOST]
    if own:
        return Ended(own[0])
    for rank, status in causes.items():
        if status < 0:
            return Ended(128 - status, f"Process {rank} was killed by signal {-status}.")
    return Ended(LOST, f"Process {min(causes)} was left alone by another, which ended or did not answer.")


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
