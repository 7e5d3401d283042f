"""Comparing a vector environment with single ones, item by item, across the ends of episodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.vector.utils import iterate
from numpy.typing import NDArray

from csai_core.testing.batches.play import Output, Resets, Source, drive
from csai_core.testing.compare import difference
from csai_core.testing.environment.actions import ActionSource
from csai_core.testing.suite import fail

SHARED = (
    "Environments of one process must share nothing: keep no state in class variables or modules, and draw "
    "everything random from self.np_random."
)
FOLLOWS = "The single environment says what is right; let the batched version do the same."


def compare_with_singles(
    envs: VectorEnv[Any, Any, Any],
    make_single: Callable[[], gymnasium.Env[Any, Any]],
    mode: AutoresetMode,
    *,
    num_steps: int,
    seed: int,
    resets: Resets | None = None,
    source: Source = ActionSource,
    cure: str = SHARED,
) -> list[tuple[Output, Output]]:
    """Check that the i-th of the vector does what a single one reset with `seed + i` does; closes all.

    Args:
        envs: the vector.
        make_single: makes one.
        mode: of autoreset.
        num_steps: how many steps of all.
        seed: of the first.
        resets: further resets, of both.
        source: of the actions.
        cure: what to change where the two differ.

    Returns:
        What the vector gave, each with a copy of what it was then.

    Raises:
        ConformanceError: naming the step and what differs.
    """
    singles = SyncVectorEnv([make_single] * envs.num_envs, autoreset_mode=mode)
    try:
        plays = (drive(each, num_steps, seed, resets, source) for each in (envs, singles))
        pairs = zip(*plays, strict=True)
        kept: list[tuple[Output, Output]] = []
        before = np.zeros(envs.num_envs, np.bool_)
        for theirs, ours in pairs:
            kept.append((theirs, theirs.copied()))
            compare_outputs(envs, ours, theirs, mode, cure, were_over=before)
            if mode == AutoresetMode.DISABLED:
                before = before | ours.are_over | bool(len(kept) > 1 and ours.rule)
            else:
                before = ours.are_over
        return kept
    finally:
        envs.close()
        singles.close()


def compare_outputs(
    envs: VectorEnv[Any, Any, Any],
    ours: Output,
    theirs: Output,
    mode: AutoresetMode,
    cure: str,
    *,
    were_over: NDArray[np.bool_] | None = None,
) -> None:
    """Refuse what a vector gave that is not what single environments gave.

    Args:
        envs: the vector.
        ours: of the single ones, in a vector of Gymnasium's.
        theirs: of the vector.
        mode: of autoreset.
        cure: what to change where they differ.
        were_over: the games that had ended in the step before; where games wait, that had ended or been reset
            in any; None if nobody says.

    Raises:
        ConformanceError: naming the step, the game and what differs.
    """
    found = next(_differences(envs, ours, theirs), None)
    if found:
        index, text = found
        rule = (
            ours.rule
            or next((rule for name, rule in _RULES.items() if text.startswith(name)), "")
            or _mode_rule(mode, ours, were_over, index, is_observation=text.startswith(","))
        )
        where = f"{ours.when}{text if text.startswith(',') else ': ' + text}"
        fail(
            f"Alone (the one) and in a vector of autoreset mode {mode.value} (the other), it differs at "
            + " ".join(filter(None, (f"{where}.", rule, cure)))
        )


def _mode_rule(
    mode: AutoresetMode,
    ours: Output,
    were_over: NDArray[np.bool_] | None,
    index: int | None,
    *,
    is_observation: bool,
) -> str:
    """What holds of a mode, where it decides what the game that differs gives here."""
    if were_over is None or (mode == AutoresetMode.DISABLED and were_over.any()):
        return _MODES[mode]
    decides = ours.are_over | were_over
    if mode == AutoresetMode.SAME_STEP:
        decides = ours.are_over
    elif mode == AutoresetMode.NEXT_STEP and not is_observation:
        decides = were_over
    return _MODES[mode] if (decides.any() if index is None else decides[index]) else ""


def _differences(
    envs: VectorEnv[Any, Any, Any], ours: Output, theirs: Output
) -> Iterator[tuple[int | None, str]]:
    """Where what a vector gave is not what single environments gave, as phrases, and in which game."""
    rows = zip(*(iterate(envs.observation_space, each.observation) for each in (ours, theirs)), strict=True)
    for index, (single, row) in enumerate(rows):
        if found := difference(single, row, "observation"):
            yield index, f", environment {index}: {found}"
    for name in ("reward", "terminated", "truncated"):
        one, other = (np.asarray(getattr(each, name), np.float64) for each in (ours, theirs))
        other_type = np.asarray(getattr(theirs, name)).dtype
        if found := difference(one, other, name):
            if one.shape == other.shape and not difference(one.astype(other_type), other, ""):
                found = f"{name} has dtype {other_type}, which rounds what single environments give: {found}"
            yield (int(np.argmax(one != other)) if one.shape == other.shape else None), found
    yield from ((None, found) for found in _infos_differ(ours.infos, theirs.infos, "infos"))


_RULES = {
    "truncated": (
        "A game is truncated in the step that is the max_episode_steps-th since its start, also where the "
        "game itself ends in that step."
    ),
}
_MODES = {
    AutoresetMode.NEXT_STEP: (
        "In this mode the step after an end only resets: its action does nothing, its reward is 0."
    ),
    AutoresetMode.SAME_STEP: (
        'In this mode the step of an end also resets; infos["final_obs"] and infos["final_info"] hold what '
        "the episode ended with."
    ),
    AutoresetMode.DISABLED: (
        'In this mode games that are over wait for reset(options={"reset_mask": …}), which starts only those '
        "that it marks."
    ),
}


def _infos_differ(ours: Mapping[str, Any], theirs: Any, path: str) -> Iterator[str]:
    """Where infos are not those of single environments, as phrases; what is told besides is let pass."""
    for name, told in _told(ours).items():
        where = f"{path}[{name!r}]"
        if not isinstance(theirs, Mapping) or name not in theirs:
            yield f"{where} is missing, which single environments tell"
        elif f"_{name}" not in theirs:
            yield f"{where} comes without {path}['_{name}'], the mask that says whose it is"
        elif np.asarray(theirs[f"_{name}"]).dtype != np.bool_:
            yield f"{path}['_{name}'] is {theirs[f'_{name}']!r}, and not an array of bools"
        elif found := difference(told, np.asarray(theirs[f"_{name}"]), f"{path}['_{name}']"):
            yield found
        elif isinstance(ours[name], Mapping):
            yield from _infos_differ(ours[name], theirs[name], where)
        else:
            yield from _rows_differ(ours[name], theirs[name], told, where)
    for name in ("final_obs", "final_info", "action_mask"):
        if name not in ours and isinstance(theirs, Mapping) and np.any(theirs.get(f"_{name}", False)):
            yield f"{path}[{name!r}] is told, which no single environment tells"


def _told(infos: Mapping[str, Any]) -> dict[str, Any]:
    """The names in infos, with the mask of each."""
    return {name: infos[f"_{name}"] for name in infos if f"_{name}" in infos}


def _rows_differ(ours: Any, theirs: Any, told: Any, where: str) -> Iterator[str]:
    for i in np.flatnonzero(told):
        try:
            row = theirs[i]
        except (IndexError, KeyError, TypeError):
            yield f"{where} has no row for environment {i}"
            return
        if found := difference(ours[i], row, f"{where}[{i}]"):
            yield found
