"""What is searched, and with what else each trial is trained."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gymnasium.envs.registration import EnvSpec

from csai_core.environments import registrar_of
from csai_core.errors import ConfigError
from csai_core.options import as_plain, describe
from csai_train.algorithms.registry import configure, full_name_of
from csai_train.runs import env_spec
from csai_train.studies.job import Job
from csai_train.studies.seeds import given_specification
from csai_train.training.length import planned_steps
from csai_train.training.start import Start
from csai_train.training.train import find_preset
from csai_train.training.train_text import options_of, wrappers_of
from csai_train.tuning.axes import Axis, Search, axes_of
from csai_train.tuning.ledger import Claim
from csai_train.tuning.trial_job import TrialJob


@dataclass(frozen=True)
class Plan:
    """What is searched, and with what else each trial is trained."""

    algorithm: str
    spec: EnvSpec
    total_steps: int
    seeds: Sequence[int]
    episodes: int
    axes: Sequence[Axis]
    base: Mapping[str, Any]
    """The settings that differ from the algorithm's defaults before anything is searched."""
    kept: Mapping[str, Any]
    """Those of them that a person gave."""
    settings: Mapping[str, Any]
    """Other arguments of `train`."""
    environment_options: Mapping[str, Any]
    """By which the environment differs from how it is registered."""
    wrappers: Sequence[str]
    """In which it is wrapped besides."""

    def asked(self) -> dict[str, Any]:
        """What makes it this search and no other, as JSON has it."""
        asked = {
            "algorithm": self.algorithm,
            "environment": env_spec.describe(self.spec),
            "total_steps": self.total_steps,
            "settings": self.plain(self.base),
            "searched": [str(axis) for axis in self.axes],
            "seeds": list(self.seeds),
            "episodes": self.episodes,
        }
        return dict(json.loads(json.dumps(asked)))

    def plain(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Settings as files hold them."""
        plain = as_plain(configure(self.algorithm, config))
        return {name: plain[name] for name in config}

    def job(self, folder: Path, claim: Claim) -> TrialJob:
        """What a process does for a trial."""
        module = registrar_of(self.spec)
        settings = {
            **self.settings,
            "preset": None,
            "total_steps": self.total_steps,
            "config": {**self.base, **claim.settings},
        }
        place = folder / f"trial-{claim.number:04}"
        modules = [module] if module else []
        jobs = [
            Job(place / f"seed-{each}", each, self.algorithm, self.spec, settings, self.episodes, modules)
            for each in self.seeds
        ]
        for job in jobs:
            job.require_same()
        return TrialJob(claim.number, jobs)


def planned(
    algorithm: str,
    environment: str | EnvSpec,
    seeds: Sequence[int],
    episodes: int,
    search: Search,
    settings: dict[str, Any],
) -> Plan:
    """What `tune` was asked for.

    Args:
        algorithm: its name.
        environment: where.
        seeds: with which each trial is trained.
        episodes: how many games each agent is judged by.
        search: what shall be searched.
        settings: those of `train`; what is planned here is taken out.

    Raises:
        CsaiError: if something of it cannot work.
    """
    algorithm = full_name_of(algorithm)
    kept = settings.pop("config", None) or {}
    if not isinstance(kept, Mapping):
        raise ConfigError(
            f"tune was given config={kept!r}; it takes a dict of the settings that stay as they are."
        )
    start = settings.get("start_from")
    if start is not None and not isinstance(start, Start):
        start = settings["start_from"] = Start.open(start)
    preset = find_preset(environment, algorithm, settings.get("preset", "auto"), start)
    spec = given_specification(algorithm, environment, settings)
    settings.pop("preset", None)
    total_steps = planned_steps(settings.pop("total_steps", None), preset, algorithm)
    base = {**(preset.config if preset else {}), **kept}
    made = configure(algorithm, base)
    current = {option.name: getattr(made, option.name) for option in describe(type(made))}
    axes = axes_of(type(made), search, current, kept)
    place = options_of(spec), list(wrappers_of(spec))
    return Plan(algorithm, spec, total_steps, seeds, episodes, axes, base, kept, settings, *place)
