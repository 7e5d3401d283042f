"""The same runs in new processes, with other hashes of texts, other orders of sets, and other runs before."""

from __future__ import annotations

import dis
import hashlib
import json
import os
import pickle
import subprocess
import sys
import types
from typing import Any

import numpy as np

from csai_core.errors import ConformanceError
from csai_core.testing.compare import leaves
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.rollout import Moment, play
from csai_core.testing.suite import fail, skip

_HASH_SEEDS, _MORE_HASH_SEEDS = ("1", "2"), ("1", "2", "3", "4", "5", "6", "7")
"""Of the processes; more where code makes sets or hashes, whose order is the same in some of them."""
_ENOUGH = 5
"""Of new processes in which an order that hashes decide would not be the same by chance."""
_AT_ONCE = 2
_OF_HASHES = frozenset({"set", "frozenset", "hash", "id"})
_NUM_STEPS = 40
_MOST_SECONDS = 120


def check_other_processes(make: Maker, seed: int) -> None:
    """A seed decides everything in other processes too."""
    make.skip_if_nondeterministic()
    carried = _carried(make)
    with make.made() as env:
        hash_seeds = _MORE_HASH_SEEDS if _hashes(type(env.unwrapped)) else _HASH_SEEDS
        runs = [_run(env, seed)]
    answers: list[str] = []
    for number in range(0, len(hash_seeds), _AT_ONCE):
        some = hash_seeds[number : number + _AT_ONCE]
        answers += map(_answer, [_begin(each, carried, (seed + int(each), seed)) for each in some])
    runs += [json.loads(answer) for answer in answers if answer]
    if len(runs) < 2:
        skip("it cannot be made in another process: define it in a module that can be imported")
    for run in runs[1:]:
        for (when, one, shown), (_, two, other) in zip(runs[0], run, strict=False):
            if one != two:
                if _agree(carried, seed):
                    fail(
                        f"At {when}, it is {shown} in this process, and {other} in a new one, where another "
                        "seed was played before: what was played changes something that outlives the "
                        "environment, in a class, a module or a cache. Hand out copies of what is kept "
                        "there, level(number).copy(), and keep it under all that decides it, the seed too."
                    )
                fail(
                    "Two processes with the same seed and actions, and another PYTHONHASHSEED, differ: at "
                    f"{when}, it is {shown} in the one and {other} in the other. The order of a set and the "
                    "hash of a text are others in each process, and so are id() and os.getpid(): sort sets "
                    "before you draw from them, and compute nothing from hash()."
                )


def _agree(carried: bytes, seed: int) -> bool:
    """Whether new processes that play nothing else do the same, whatever hashes texts have in them."""
    return len({_answer(_begin(each, carried, (seed,))) for each in _MORE_HASH_SEEDS[:_ENOUGH]}) == 1


def _hashes(env_class: type) -> bool:
    """Whether code of an environment's modules makes a set, or a hash."""
    modules = {each.__module__ for each in env_class.__mro__}
    own = [name for name in modules if name.partition(".")[0] not in ("gymnasium", "csai_core", "builtins")]
    return any(
        _makes_hashes(each.__code__)
        for name in own
        for holder in (vars(sys.modules[name]), *_classes_of(name))
        for each in holder.values()
        if isinstance(each, types.FunctionType) and each.__module__ == name
    )


def _classes_of(module: str) -> list[Any]:
    found = vars(sys.modules[module]).values()
    return [vars(each) for each in found if isinstance(each, type) and each.__module__ == module]


def _makes_hashes(code: types.CodeType) -> bool:
    if _OF_HASHES & set(code.co_names) or any(isinstance(each, frozenset) for each in code.co_consts):
        return True
    if any(each.opname in ("BUILD_SET", "SET_ADD") for each in dis.get_instructions(code)):
        return True
    return any(_makes_hashes(each) for each in code.co_consts if isinstance(each, types.CodeType))


def _carried(make: Maker) -> bytes:
    """What another process makes the environment from."""
    ways: list[Any] = (
        [lambda: make.spec] if make.environment_id and not make.is_wrapped else [lambda: make.make, make.make]
    )
    for way in ways:
        try:
            carried = pickle.dumps(way())
            pickle.loads(carried)
        except Exception:
            continue
        return carried
    skip("it cannot be sent to another process: define it in a module that can be imported")


def _begin(hash_seed: str, carried: bytes, seeds: tuple[int, ...]) -> subprocess.Popen[bytes]:
    """A process that plays a new environment with each of the seeds, and tells of the last play."""
    child = subprocess.Popen(
        [sys.executable, "-c", "from csai_core.testing.environment.fresh_process import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
    )
    assert child.stdin is not None
    child.stdin.write(pickle.dumps((carried, seeds)))
    child.stdin.close()
    child.stdin = None
    return child


def _answer(child: subprocess.Popen[bytes]) -> str:
    """What a child printed; nothing where it could not make the environment."""
    try:
        told, _ = child.communicate(timeout=_MOST_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return ""
    return told.decode() if child.returncode == 0 else ""


def main() -> None:
    """Make what is carried on standard input, play it, and print the last run on standard output."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the environment prints is no answer
    carried, seeds = pickle.loads(sys.stdin.buffer.read())
    *_, last = (_run(_made(pickle.loads(carried)), seed) for seed in seeds)
    answers.write(json.dumps(last))
    answers.close()


def _made(carried: Any) -> Any:
    if hasattr(carried, "entry_point"):
        return carried.make(disable_env_checker=True)
    return carried() if callable(carried) else carried


def _run(env: Any, seed: int) -> list[list[str]]:
    """Each moment of a play: which it is, a digest of it, and how it looks."""
    try:
        return [_digest(moment) for moment in play(env, _NUM_STEPS, seed)]
    except ConformanceError as error:
        return [[str(error).partition(",")[0], str(error), str(error)]]
    finally:
        env.close()


def _digest(moment: Moment) -> list[str]:
    shown = {"observation": moment.observation, "reward": moment.reward, "info": moment.info}
    parts = [f"{path} {_bytes(value)}" for path, value in leaves(shown, "") if "['episode']" not in path]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    with np.printoptions(floatmode="unique"):
        told = f"{moment.observation!r:.200}, {moment.reward!r}, {moment.info!r:.200}"
    return [str(moment.when), digest, told]


def _bytes(value: Any) -> str:
    if isinstance(value, (np.ndarray, np.generic)):
        return f"{value.dtype} {value.shape} {value.tobytes().hex()}"
    is_plain = isinstance(value, (bool, int, float, str, bytes, type(None)))
    return repr(value) if is_plain else type(value).__name__
