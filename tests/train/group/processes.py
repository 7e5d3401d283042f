"""Processes of a test: the same function in each of several, which meet in a file."""

from __future__ import annotations

import multiprocessing
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor

from csai_train.errors import TrainingWarning

CONTEXT = multiprocessing.get_context("spawn")
SECONDS = 60.0
"""After which a process that does not answer is given up."""


def run_in_group(function, size, meeting, *arguments):
    """What `function(group, *arguments)` gives in each of `size` processes, in their order."""
    ends = [CONTEXT.Pipe(duplex=False) for _ in range(size)]
    processes = [
        CONTEXT.Process(target=_carry_out, args=(theirs, function, rank, size, str(meeting), arguments))
        for rank, (_, theirs) in enumerate(ends)
    ]
    for process in processes:
        process.start()
    for _, theirs in ends:
        theirs.close()
    with ThreadPoolExecutor(size) as pool:
        results = list(pool.map(_result, [ours for ours, _ in ends]))
    for process in processes:
        process.join()
    failures = [text for is_done, text in results if not is_done]
    assert not failures, "\n".join(failures)
    return [value for _, value in results]


def carry_out(group, what, *arguments, **settings):
    """What `train`, `resume`, `fork` or `verify` gives where this process is one of a group."""
    from csai_train.training import fork, train, verify

    for module in (fork, train, verify):
        module.find_group = lambda: group
    whose = {"fork": fork, "verify": verify}.get(what, train)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingWarning)
        return getattr(whose, what)(*arguments, **settings)


def _result(connection):
    try:
        return connection.recv()
    except EOFError:
        return False, "A process ended without a word."


def _carry_out(told, function, rank, size, meeting, arguments):
    import torch

    from csai_train.group.torch_group import TorchGroup

    torch.set_num_threads(1)
    try:
        group = TorchGroup(rank, size, timeout=SECONDS, meeting=f"file://{meeting}")
        told.send((True, function(group, *arguments)))
        group.barrier()
    except Exception:
        told.send((False, traceback.format_exc()))
