"""What a search has found so far, and the preset that is made of the best of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from csai_core.terminal import as_typed
from csai_train.tuning.ledger import REASON, VALUES
from csai_train.tuning.plan import Plan
from csai_train.tuning.preset_file import write_preset
from csai_train.tuning.storage import optuna

PRESET = "preset.toml"
_FEWEST = 10
"""Complete trials from which on something is said of what matters."""


@dataclass(frozen=True)
class Trial:
    """Settings that were tried, and what came of them."""

    number: int
    state: str
    """"complete", "pruned" (ended early), "running" (another worker is at it) or "waiting"."""
    settings: Mapping[str, Any]
    """The values of what was searched."""
    value: float | None
    """The mean over the seeds, if it is complete: of the game's own score where it keeps one, and otherwise
    of the return."""
    values: tuple[float, ...]
    """Of each seed."""
    reason: str
    """Why it was ended early."""


@dataclass(frozen=True)
class Tuning:
    """What a search has found so far."""

    environment: str
    algorithm: str
    study: str
    """Its name in the storage."""
    searched: Mapping[str, str]
    """What was searched, and where."""
    trials: Sequence[Trial]
    """Those that count, in the order of their numbers."""
    importances: Mapping[str, float]
    """How much of what sets good trials apart lies in each setting, 1 in all; empty where too few are
    complete to say."""
    preset: Path | None
    """The file for `csai train --preset`; None as long as no trial is complete."""

    @property
    def best(self) -> Trial | None:
        """The trial that has reached most; None as long as none is complete."""
        complete = [trial for trial in self.trials if trial.value is not None]
        return max(complete, key=lambda trial: (trial.value, -trial.number), default=None)


def result_of(study: Any, plan: Plan, folder: Path) -> Tuning:
    """What was found so far; of the best, a preset is written."""
    states = optuna().trial.TrialState
    trials = [
        Trial(
            each.number,
            each.state.name.lower(),
            {axis.name: axis.suggest(each) for axis in plan.axes if axis.parameter in each.params},
            each.value if each.state == states.COMPLETE else None,
            tuple(each.user_attrs.get(VALUES, ())),
            each.user_attrs.get(REASON, ""),
        )
        for each in study.get_trials(deepcopy=False)
        if each.state != states.FAIL
    ]
    searched = {axis.name: str(axis.range) for axis in plan.axes}
    found = Tuning(
        plan.spec.id, plan.algorithm, study.study_name, searched, trials, _importances(study, plan), None
    )
    return found if found.best is None else _with_preset(found, found.best, plan, folder / PRESET)


def _with_preset(found: Tuning, best: Trial, plan: Plan, path: Path) -> Tuning:
    seeds = ", ".join(map(str, plan.seeds))
    finished = [each for each in found.trials if each.state in ("complete", "pruned")]
    count, pruned = len(finished), sum(each.state == "pruned" for each in finished)
    options = [word for name, value in plan.plain(plan.kept).items() for word in _typed(name, value)]
    command = (
        f"csai tune {plan.spec.id} --algorithm {plan.algorithm} --total-steps {plan.total_steps} "
        f"--trials {count} --seeds {seeds.replace(' ', '')} --episodes {plan.episodes}"
    )
    reached = f"{best.value:.2f} a game (seeds {seeds}, {plan.episodes} games each; best of {count} trials)"
    write_preset(
        path,
        plan.algorithm,
        {
            "total_steps": plan.total_steps,
            "result": reached,
            "command": " ".join([command, *options]),
            "environment": plan.environment_options,
            "wrappers": plan.wrappers,
            "config": plan.plain({**plan.base, **best.settings}),
        },
        [
            f"Found by csai tune: trial {best.number} of {count}, of which {pruned} were ended early.",
            "The best of many is partly luck: other seeds may reach less.",
            "Searched: " + "; ".join(map(str, plan.axes)),
        ],
    )
    return replace(found, preset=path)


def _typed(name: str, value: Any) -> list[str]:
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return [flag if value else f"--no-{flag[2:]}"]
    said = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return [flag, as_typed(said)]


def _importances(study: Any, plan: Plan) -> dict[str, float]:
    """How much each setting matters; empty where nothing can be said.

    Reference: Watanabe, Bansal and Hutter 2023, arXiv:2304.10255.
    """
    states = optuna().trial.TrialState
    if len(study.get_trials(deepcopy=False, states=(states.COMPLETE,))) < _FEWEST:
        return {}
    importance = optuna().importance
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as that it is new
        found = importance.get_param_importances(study, evaluator=importance.PedAnovaImportanceEvaluator())
    by_parameter = {axis.parameter: axis.name for axis in plan.axes}
    return {by_parameter[name]: float(value) for name, value in found.items() if name in by_parameter}
