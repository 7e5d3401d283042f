"""The same training with several seeds, some at a time, in processes beside this one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gymnasium.envs.registration import EnvSpec

from csai_core.arguments import LARGEST_SEED, check_int, check_path, check_type
from csai_core.environments import registrar_of
from csai_core.errors import ConfigError
from csai_train.algorithms.registry import configure
from csai_train.group.joining import require_alone
from csai_train.runs.run import Run
from csai_train.studies.job import Job
from csai_train.studies.processes import Progress, Study
from csai_train.training.start import Start
from csai_train.training.train import find_preset, specification

_PLACES = (str, EnvSpec)


def train_seeds(
    algorithm: str,
    environment: str | EnvSpec,
    *,
    run_dir: str | os.PathLike[str],
    seeds: Iterable[int] = range(5),
    jobs: int = 1,
    episodes: int = 100,
    watch: Callable[[Sequence[Progress]], None] | None = None,
    **settings: Any,
) -> list[Run]:
    """Train the same with several seeds; `compare` then tells what they have reached.

    Each seed is a run of its own, `run_dir/seed-N`, and is what `train` gives with that seed. Other
    processes train, `jobs` of them, one seed after the other each, so in a script, call this below
    `if __name__ == "__main__":`. For one that is killed another goes on from the newest checkpoint. Called
    again with the same arguments, this goes on with what is not finished, and leaves alone what is.

    Args:
        algorithm: its name.
        environment: an id or a specification, so that each process can make it.
        run_dir: the folder of the runs.
        seeds: which; several.
        jobs: how many are trained at a time.
        episodes: how many games each agent is judged by at the end.
        watch: told how far all of them are, twice a second.
        **settings: those of `train`; callbacks by their names.

    Returns:
        The runs, in the order of the seeds.

    Raises:
        ConfigError: if an argument cannot work.
        RunError: if a run is there that was begun otherwise.
        StudyError: if a training failed, or its process ended again and again; all others that had begun were
            trained to their end.
        KeyboardInterrupt: after Ctrl-C or SIGTERM, when all are saved.
    """
    require_alone("A training with several seeds")
    check_type("train_seeds", "environment", environment, _PLACES, "an id or a specification")
    check_path("train_seeds", "run_dir", run_dir)
    jobs = check_int("train_seeds", "jobs", jobs, least=1)
    episodes = check_int("train_seeds", "episodes", episodes, least=1)
    numbers = check_seeds("train_seeds", seeds)
    check_callbacks("train_seeds", settings)
    configure(algorithm, settings.get("config"))
    spec = given_specification(algorithm, environment, settings)
    module = registrar_of(spec)
    planned = [
        Job(
            Path(run_dir) / f"seed-{seed}",
            seed,
            algorithm,
            spec,
            settings,
            episodes,
            [module] if module else [],
        )
        for seed in numbers
    ]
    for job in planned:
        job.require_same()
    Study(planned, jobs, watch).run()
    return [Run.open(job.path) for job in planned]


def check_seeds(owner: str, seeds: Iterable[int]) -> list[int]:
    """Several seeds, each once.

    Raises:
        ConfigError: if they are not.
    """
    if isinstance(seeds, (str, bytes)) or not isinstance(seeds, Iterable):
        raise ConfigError(f"{owner} was given seeds={seeds!r}; it takes several, such as range(5).")
    numbers = [check_int(owner, "seeds", each, least=0, most=LARGEST_SEED) for each in seeds]
    if not numbers or len(set(numbers)) < len(numbers):
        raise ConfigError(f"{owner} was given seeds={numbers}; it takes several, each once.")
    return numbers


def check_callbacks(owner: str, settings: Mapping[str, Any]) -> None:
    """Refuse callbacks that are made already.

    Raises:
        ConfigError: if there are any.
    """
    if any(not isinstance(each, str) for each in settings.get("callbacks") or ()):
        raise ConfigError(f"{owner} takes callbacks by their registered names, as each seed has its own.")


def given_specification(algorithm: str, environment: str | EnvSpec, settings: dict[str, Any]) -> EnvSpec:
    """The environment as `train` takes it with these settings, of which its wrappers are taken out."""
    if isinstance(environment, EnvSpec):
        return environment
    start = settings.get("start_from")
    if start is not None and not isinstance(start, Start):
        start = settings["start_from"] = Start.open(start)
    found = find_preset(environment, algorithm, settings.get("preset", "auto"), start)
    return specification(environment, found, start, settings.pop("wrappers", ()))
