"""What every folder of presets should hold: files that can be read, and settings that train as they stand."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import gymnasium

from csai_core import options, presets
from csai_core.environments import find_spec, register_envs
from csai_core.errors import CsaiError, UnknownNameError
from csai_core.plugins import installed
from csai_core.presets.file import Preset, PresetFile
from csai_core.testing import Suite, fail, skip
from csai_neural import load_network
from csai_train.algorithms.networks import REPLACED
from csai_train.algorithms.registry import make_algorithm
from csai_train.environments.make import close, open_environments, specify
from csai_train.testing.callback.watched import StopAt
from csai_train.testing.preset_command import check_command
from csai_train.threads import limited_threads
from csai_train.training.loop import Training
from csai_train.training.preset_network import network_of


class PresetSuite(Suite):
    """Checks the presets of one folder; a subclass names the entry, or writes `make`.

    class TestPresets(PresetSuite):
        entry_name = "my_plugin"

    Presets for environments of packages that are not installed are read, and not trained with.
    """

    num_steps: ClassVar[int] = 3
    """How many steps of all its environments each preset is trained for."""

    def make(self) -> Any:
        """The folder."""
        if not self.entry_name:
            return super().make()
        return installed().find("presets", self.entry_name).load()

    def test_it_can_be_made(self) -> None:
        """It is a folder, and there is a file in it."""
        if not presets.environment_ids(self.make()):
            fail(
                "There is no preset in the folder, as no file there ends in .toml; name one after the id of "
                "an environment, with -- for /: MyPlugin--Coin-v0.toml."
            )

    def test_every_file_can_be_read(self) -> None:
        """Every file is TOML, and says what presets say and nothing else."""
        for environment_id in presets.environment_ids(self.make()):
            presets.read(self.make(), environment_id)

    def test_every_file_is_named_after_an_environment(self) -> None:
        """No name is one that nearly is another's."""
        register_envs()
        for environment_id in presets.environment_ids(self.make()):
            if environment_id in gymnasium.registry:
                continue
            near = difflib.get_close_matches(environment_id, gymnasium.registry, n=1, cutoff=0.7)
            if near:
                fail(
                    f"A file is for the environment {environment_id}, which there is not. Did you mean "
                    f"{near[0]!r}? A file is named after the id, with -- for /."
                )

    def test_every_algorithm_is_there(self) -> None:
        """No algorithm is mistyped; those of other plugins need not be installed."""
        for environment_id, preset in self._presets():
            try:
                installed().find("algorithms", preset.algorithm)
            except UnknownNameError as error:
                if ":" not in preset.algorithm:
                    fail(f"The preset {preset.name!r} of {environment_id}: {error}")

    def test_every_setting_is_one_of_the_algorithm(self) -> None:
        """The algorithm has every setting of `config`, and takes its value."""
        for environment_id, preset in self._presets():
            _configured(environment_id, preset)
            if preset.network and (both := [name for name in REPLACED if name in preset.config]):
                fail(
                    f"The preset {preset.name!r} of {environment_id} says {both[0]} and a network, which has "
                    "layers of its own; leave out one of them."
                )

    def test_every_result_can_be_measured_again(self) -> None:
        """A preset says what it reaches, in numbers, and the command that measured it, there."""
        for environment_id, preset in self._presets():
            which = f"The preset {preset.name!r} of {environment_id}"
            if not any(letter.isdigit() for letter in preset.result):
                fail(
                    f"{which} does not say in numbers what it reaches; write something like "
                    'result = "19.5 a game".'
                )
            if not preset.command.strip():
                fail(f'{which} has no command; write how its result was measured: command = "csai train …".')
            said = [each for each in gymnasium.registry if each in preset.command]
            others = [each for each in said if each not in environment_id]
            if others and environment_id not in preset.command:
                fail(f"{which} was measured by a command for {others[0]}: {preset.command!r}.")
        for file, environment_id, preset in self._usable():
            check_command(environment_id, file, preset, _configured(environment_id, preset))

    def test_every_environment_can_be_made(self) -> None:
        """The environment takes the options of `environment`."""
        for environment_id, preset in self._trainable():
            try:
                specify(environment_id, preset.environment, preset.wrappers)
            except CsaiError as error:
                fail(f"The preset {preset.name!r} of {environment_id}: {error}")

    def test_every_preset_trains(self) -> None:
        """The algorithm takes the environment's spaces, is given enough steps to learn, and takes a few."""
        for environment_id, preset in self._trainable():
            try:
                self._train(environment_id, preset)
            except CsaiError as error:
                fail(f"The preset {preset.name!r} of {environment_id}: {error}")

    # --- inner workings

    def _presets(self) -> Iterator[tuple[str, Preset]]:
        """Every preset, with the id of its environment."""
        for environment_id, file in self._files():
            for preset in file.presets.values():
                yield environment_id, preset

    def _files(self) -> Iterator[tuple[str, PresetFile]]:
        """Every file, with the id of its environment."""
        folder = self.make()
        is_offered = self.entry_name and type(self).make is PresetSuite.make
        plugin = installed().find("presets", self.entry_name).plugin if is_offered else ""
        for environment_id in presets.environment_ids(folder):
            file = presets.read(folder, environment_id, plugin)
            if file is not None:
                yield environment_id, presets.resolved(file)

    def _trainable(self) -> list[tuple[str, Preset]]:
        """Those whose environment and algorithm are installed, with what these need."""
        found = [(environment_id, preset) for _, environment_id, preset in self._usable()]
        if not found:
            skip("what its presets are for is not installed")
        return found

    def _usable(self) -> list[tuple[PresetFile, str, Preset]]:
        """The same, with their files."""
        known = installed().entries("algorithms").values()
        algorithms = {each.full_name for each in known}
        return [
            (file, environment_id, preset)
            for environment_id, file in self._files()
            for preset in file.presets.values()
            if preset.algorithm in algorithms and _is_here(environment_id, preset.wrappers)
        ]

    def _train(self, environment_id: str, preset: Preset) -> None:
        config = _configured(environment_id, preset)
        spec = specify(environment_id, preset.environment, preset.wrappers)
        envs = open_environments(spec, config.num_envs)
        spaces = envs.single_observation_space, envs.single_action_space
        try:
            with limited_threads(1):
                name = network_of(preset)
                network = None if name is None else load_network(name, spaces[0], seed=0)
                made = make_algorithm(
                    preset.algorithm,
                    *spaces,
                    config,
                    total_steps=preset.total_steps,
                    seed=0,
                    network=network,
                )
                callbacks = [StopAt(self.num_steps * envs.num_envs)]
                training = Training(made, envs, total_steps=preset.total_steps, seed=0, callbacks=callbacks)
                training.require_update(preset.algorithm)
                training.run()
        finally:
            close(envs)


def _configured(environment_id: str, preset: Preset) -> Any:
    """The algorithm's config with the settings of a preset; None where nobody here knows the algorithm."""
    try:
        config_class = installed().find("algorithms", preset.algorithm).load_config()
    except UnknownNameError:
        return None
    try:
        return options.build(config_class, preset.config)
    except CsaiError as error:
        fail(f"The preset {preset.name!r} of {environment_id}: {error}")


def _is_here(environment_id: str, wrappers: Sequence[str]) -> bool:
    """Whether an environment is registered, and what it and its wrappers need is installed."""
    try:
        find_spec(environment_id)
    except UnknownNameError:
        return False
    try:
        specify(environment_id, wrappers=wrappers)
    except CsaiError as error:  # others are told by the checks
        return not isinstance(error.__cause__, gymnasium.error.DependencyNotInstalled)
    return True
