"""Searching for settings that learn better: what `csai tune` calls, and what programs call."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from gymnasium.envs.registration import EnvSpec

from csai_core.arguments import LARGEST_SEED, check_bool, check_int, check_path, check_type
from csai_train.errors import RunError
from csai_train.studies.seeds import check_callbacks, check_seeds
from csai_train.tuning.axes import Search
from csai_train.tuning.ledger import Ledger
from csai_train.tuning.plan import planned
from csai_train.tuning.result import Tuning, result_of
from csai_train.tuning.search import TrialProgress, Worker
from csai_train.tuning.storage import open_storage, optuna

JOURNAL = "trials.journal"
_ASKED = "search"
"""The study's attribute that says what was asked for."""


def tune(
    algorithm: str,
    environment: str | EnvSpec,
    *,
    run_dir: str | os.PathLike[str],
    trials: int = 30,
    seeds: Iterable[int] = range(3),
    jobs: int = 1,
    storage: str | None = None,
    study: str | None = None,
    search: Search = None,
    prune: bool = True,
    seed: int = 0,
    episodes: int = 30,
    watch: Callable[[TrialProgress], None] | None = None,
    **settings: Any,
) -> Tuning:
    """Search for settings with which an algorithm learns better; needs `pip install 'csai-train[tune]'`.

    A trial trains with several seeds and is worth the mean of what their agents reach. Trial 0 tries the
    settings as they are; from then on Optuna proposes what is promising by what has been found. A trial whose
    training goes worse than half of the finished ones did by then is ended early.

    Called again with the same arguments, here or on another computer with the same storage and at the same
    time too, this takes part in the search: in the end there are as many finished trials as were asked for,
    and what a killed process has left behind is gone on with. Other processes train, `jobs` of them,
    so in a script, call this below `if __name__ == "__main__":`.

    Args:
        algorithm: its name.
        environment: an id or a specification, so that each process can make it.
        run_dir: the folder of the runs, `trial-N/seed-N`, and of the preset.
        trials: how many there shall be in all; more may be asked for later.
        seeds: with which each trial is trained; several, each once.
        jobs: how many trials are trained at a time here.
        storage: where trials are kept: `journal:FILE`, `sqlite:FILE`, or the address of a database, such as
            `postgresql://user@host/name`. None takes a journal in `run_dir`.
        study: the search's name there; None names it after environment and algorithm.
        search: which settings: names, or a dict of names with a Range or Choices of `csai_core.ranges`, or
            with None for what the settings say themselves. None takes all that say where they are worth
            searching for and are not given in `config`.
        prune: whether hopeless trials are ended early.
        seed: of the search: the same one proposes the same, as long as one process does it alone.
        episodes: how many games each agent is judged by.
        watch: told of each trial that begins or ends here.
        **settings: those of `train`; what `config`, a dict, holds stays as it is.

    Returns:
        What was found; `.best` is the best trial, `.preset` a file for `train(…, preset=…)`.

    Raises:
        MissingExtraError: if Optuna is not installed.
        ConfigError: if an argument cannot work, or there is nothing to search.
        UnknownNameError: if there is no such setting.
        RunError: if the search was begun otherwise.
        StudyError: if a training failed, other than by diverging.
        KeyboardInterrupt: after Ctrl-C or SIGTERM, when all is saved.
    """
    check_type("tune", "environment", environment, (str, EnvSpec), "an id or a specification")
    check_path("tune", "run_dir", run_dir)
    trials = check_int("tune", "trials", trials, least=1)
    jobs = check_int("tune", "jobs", jobs, least=1)
    episodes = check_int("tune", "episodes", episodes, least=1)
    seed = check_int("tune", "seed", seed, least=0, most=LARGEST_SEED)
    check_bool("tune", "prune", prune)
    check_callbacks("tune", settings)
    plan = planned(algorithm, environment, check_seeds("tune", seeds), episodes, search, settings)
    place = Path(run_dir)
    opened = open_storage(storage or f"journal:{place / JOURNAL}")
    name = study or f"{plan.spec.id}-{plan.algorithm}"
    found = _opened(opened, name, {**plan.asked(), "seed": seed, "prune": prune})
    ledger = Ledger(
        found,
        opened,
        axes=plan.axes,
        algorithm=plan.algorithm,
        base=plan.base,
        num_trials=trials,
        folder=place,
        seed=seed,
    )
    try:
        Worker(ledger, lambda claim: plan.job(place, claim), jobs, prunes=prune, watch=watch).run()
    finally:
        result = result_of(found, plan, place)
    return result


def _opened(storage: Any, name: str, asked: Mapping[str, Any]) -> Any:
    """The study of that name, which is made if there is none.

    Raises:
        RunError: if it was begun otherwise.
    """
    study = optuna().create_study(storage=storage, study_name=name, direction="maximize", load_if_exists=True)
    begun = study.user_attrs.get(_ASKED)
    if begun is None:
        study.set_user_attr(_ASKED, dict(asked))
        return study
    for key, value in asked.items():
        if begun.get(key) != value:
            raise RunError(
                f"The search {name!r} was begun with {key} {begun.get(key)!r}, and now {value!r} is asked "
                "for. Ask for the same to take part in it, or choose another --study and --run-dir."
            )
    return study
