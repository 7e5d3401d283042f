"""train.toml: a training as a file that people read and write; `csai train FILE` trains it.

    environment = "CSAI/Snake-v0"
    algorithm = "ppo"
    total_steps = 500_000
    seed = 1
    wrappers = ["TimeLimit:max_episode_steps=500"]

    [environment_options]      # what --env says
    width = 8

    [config]                   # the algorithm's settings
    learning_rate = 1e-4

Its words are those of `csai_train.train`, names are exact, and what is left out is as if it were left out
there. A file may come from a stranger, so it is believed as little as a run is: csai imports no module for it
that nobody has typed on this machine, and it does not say where anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec, WrapperSpec

from csai_core.environments import find_spec, registrar_of
from csai_core.plugins import installed
from csai_core.schema import Check, are_texts, is_count, is_object, is_text, is_whole
from csai_core.wrapping.texts import admitted
from csai_train.algorithms.registry import configure
from csai_train.training.training_file import COUNT, SHARED, TEXT, TrainingFile

NO_PRESET = "none"
"""The preset of a file in which every setting is said."""
WORDS: Mapping[str, tuple[Check, str]] = {
    **SHARED,
    "environment": (is_text, 'the id of an environment, such as "CartPole-v1"'),
    "algorithm": (is_text, 'the name of an algorithm, such as "ppo"'),
    "preset": (is_text, f'the name of a preset, or "{NO_PRESET}"'),
    "total_steps": (is_count, "a whole number, such as 100_000"),
    "backend": TEXT,
    "workers": COUNT,
    "wrappers": (are_texts, "a list of texts, each as --wrap takes it"),
    "start_from": (is_text, "the folder of a run, seen from this file's"),
    "start_checkpoint": (
        lambda value: is_whole(value) or value in ("newest", "best"),
        '"newest", "best" or a number of steps',
    ),
    "environment_options": (is_object, "a table"),
    "config": (is_object, "a table of the algorithm's settings"),
}
"""What a file can say, and how."""


class TrainFile(TrainingFile):
    """A training in an environment as a file has it."""

    words = WORDS

    @property
    def environment(self) -> str | None:
        """The id of the environment, which is registered then; None where the file says none.

        Raises:
            UnknownNameError: if there is no such environment, with the nearest.
            UntrustedModuleError: if a module would register it that nobody has typed on this machine.
        """
        name: str | None = self.values.get("environment")
        if name is None or installed().environment_id(name):
            return name
        module, colon, bare_id = name.rpartition(":")
        if not colon:
            return find_spec(name).id
        found = gymnasium.registry.get(bare_id)
        if found is not None and registrar_of(found) == module:  # it has been imported
            return bare_id
        self._import(module, f"the environment {name}")
        return name

    @property
    def algorithm(self) -> str | None:
        """What runs call the algorithm; None where the file says none.

        Raises:
            UnknownNameError: if there is no such algorithm, with the nearest.
        """
        name = self.values.get("algorithm")
        return None if name is None else installed().find("algorithms", name).full_name

    @property
    def start_from(self) -> Path | None:
        """The folder of the run that it starts from; None where it starts from none."""
        name = self.values.get("start_from")
        return None if name is None else self.path.parent / name

    def wrappers(self, spec: EnvSpec) -> list[WrapperSpec]:
        """What the environment is to be wrapped in.

        Raises:
            UntrustedModuleError: if one takes a module that nobody has typed on this machine.
            CsaiError: if there is no such wrapper, or it cannot be made so.
        """
        return [admitted(text, spec) for text in self.values.get("wrappers", ())]

    def config(self, algorithm: str) -> dict[str, Any]:
        """The algorithm's settings that it says.

        Raises:
            UnknownNameError: if it has no such setting, with the nearest.
            ConfigError: if a value cannot work.
        """
        said: dict[str, Any] = self.values.get("config", {})
        if said:
            configure(algorithm, said)
        return said
