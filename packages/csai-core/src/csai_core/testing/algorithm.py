"""What every learning algorithm should do: act within its space, learn when shown, resume, and repeat itself.

An algorithm is made by `target(observation_space, action_space, config, total_steps=…, seed=…)` and has
the methods `act`, `observe`, `state_dict` and `load_state_dict`; its config is a dataclass with a field
`num_envs`, whose fields are explained.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NamedTuple

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.vector.utils import batch_space, iterate

from csai_core import options
from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_core.testing.compare import difference
from csai_core.testing.suite import Suite, fail, skip
from csai_core.testing.toys import Choice, VectorChoice, Walk


class Step(NamedTuple):
    """One step of several environments, as algorithms are shown it; leading axis num_envs."""

    observation: Any
    action: Any
    reward: Any
    terminated: Any
    truncated: Any
    next_observation: Any
    next_action_mask: Any = None
    is_reset: Any = None

    @property
    def num_taken(self) -> int:
        """In how many environments a step was really taken: in all, where `is_reset` is None."""
        return len(self.reward) - (0 if self.is_reset is None else int(np.count_nonzero(self.is_reset)))


class AlgorithmSuite(Suite):
    """Checks one algorithm; a subclass names the entry, or writes `make` and `config_class`.

    class TestMine(AlgorithmSuite):
        entry_name = "my_algorithm"
        config = {"batch_size": 8}      # makes the checks fast
        learning_steps = 4000           # enough to learn to repeat what is seen

    An algorithm need not handle every kind of space; it refuses the others with a `CsaiError`.
    """

    config: ClassVar[dict[str, Any]] = {}
    """Options that differ from the defaults."""
    learning_steps: ClassVar[int] = 0
    """After how many steps it has learned the simplest task there is; 0 leaves that check out."""
    max_steps: ClassVar[int] = 4000
    """How many steps (of all environments together) the other checks wait for a first update."""

    def config_class(self) -> Any:
        """The dataclass of its options."""
        return installed().find("algorithms", self.entry_name).load_config()

    def make(self, env: gymnasium.Env[Any, Any], *, total_steps: int, seed: int) -> Any:
        """Make an untrained algorithm for an environment."""
        if not self.entry_name:
            return super().make()
        target = installed().find("algorithms", self.entry_name).load()
        config = options.build(self.config_class(), self.config)
        return target(env.observation_space, env.action_space, config, total_steps=total_steps, seed=seed)

    def test_it_can_be_made(self) -> None:
        """It can be made for one kind of spaces at least."""
        list(self._environments())

    def test_config_explains_itself(self) -> None:
        """The config is a frozen dataclass; each field has a default and an explanation."""
        found = self.config_class()
        if not dataclasses.is_dataclass(found):
            fail(f"Its config is {found!r}; name a dataclass in the entry's `config`.")
        described = options.describe(found)  # type: ignore[arg-type]
        if "num_envs" not in [option.name for option in described]:
            fail("Its config has no field num_envs; say there in how many environments it is run.")
        for option in described:
            if option.default is dataclasses.MISSING:
                fail(f"The config's {option.name} has no default; give one that works usually.")
            if not option.explanation:
                fail(f"The config's {option.name} is not explained; write a text below the field.")

    def test_it_acts_within_the_action_space(self) -> None:
        """`act` gives one action of the space for each observation, exploring or not."""
        for env in self._environments():
            learner = self.make(env, total_steps=3 * self.max_steps, seed=0)
            batched = batch_space(env.observation_space, 5)
            for explore in (True, False):
                actions = learner.act(batched.sample(), explore=explore)
                taken = list(iterate(batch_space(env.action_space, 5), actions))
                wrong = [action for action in taken if not env.action_space.contains(action)]
                if len(taken) != 5 or wrong:
                    fail(
                        f"For 5 observations of {type(env).__name__}, act(explore={explore}) gave "
                        f"{actions!r}; it must give 5 actions of {env.action_space}."
                    )

    def test_it_keeps_to_the_action_mask(self) -> None:
        """`act` takes only actions that the mask allows."""
        for env in self._environments():
            if not isinstance(env.action_space, spaces.Discrete):
                continue
            learner = self.make(env, total_steps=3 * self.max_steps, seed=0)
            observations = batch_space(env.observation_space, 20).sample()
            for allowed in range(int(env.action_space.n)):
                mask = np.zeros((20, int(env.action_space.n)), np.int8)
                mask[:, allowed] = 1
                for explore in (True, False):
                    actions = np.asarray(learner.act(observations, explore=explore, action_mask=mask))
                    if not np.all(actions == allowed):
                        fail(
                            f"The mask allowed only action {allowed}, but act(explore={explore}) gave "
                            f"{actions.tolist()}. Give forbidden actions the probability 0."
                        )

    def test_it_measures_finite_numbers(self) -> None:
        """What `observe` returns of its updates are finite numbers by name."""
        for env in self._environments():
            learner = self.make(env, total_steps=3 * self.max_steps, seed=0)
            for name, value in self._first_update(learner, env)[1].items():
                if not math.isfinite(value):
                    fail(f"In {type(env).__name__}, the first update measured {name}={value!r}.")

    def test_the_same_seed_learns_the_same(self) -> None:
        """Two trainings with one seed end with the same state; what the caller does does not matter."""
        for env in self._environments():
            states = []
            for disturbance in (1, 2):
                np.random.seed(disturbance)  # noqa: NPY002
                learner = self.make(env, total_steps=3 * self.max_steps, seed=3)
                self._first_update(learner, env)
                states.append(learner.state_dict())
            if found := difference(states[0], states[1], "state_dict()"):
                fail(
                    f"Two trainings with seed 3 in {type(env).__name__} differ: {found}. Draw everything "
                    "random from generators made from the seed."
                )

    def test_a_restored_one_goes_on_identically(self) -> None:
        """After `load_state_dict`, training goes on as if it had never stopped."""
        for env in self._environments():
            learner = self.make(env, total_steps=3 * self.max_steps, seed=3)
            num_steps, _ = self._first_update(learner, env)
            list(self._train(learner, env, 7))  # so that something is under way
            saved = copy.deepcopy(learner.state_dict())
            other = self.make(env, total_steps=3 * self.max_steps, seed=4)
            other.load_state_dict(copy.deepcopy(saved))
            for each in (learner, other):
                list(self._train(each, env, num_steps))
            if found := difference(learner.state_dict(), other.state_dict(), "state_dict()"):
                fail(
                    f"After load_state_dict in {type(env).__name__}, training went on differently: {found}. "
                    "Put everything into state_dict: weights, optimizer, memory, counters and generators."
                )

    def test_it_learns(self) -> None:
        """After `learning_steps` steps it repeats what it sees, which is the best that can be done."""
        if not self.learning_steps:
            skip("it was not said after how many steps it learns (learning_steps)")
        for env in self._environments():
            if not isinstance(env, Choice):
                continue
            learner = self.make(env, total_steps=self.learning_steps, seed=0)
            list(self._train(learner, env, self.learning_steps // self._num_envs()))
            actions = np.asarray(learner.act(env.all_wishes(), explore=False)).tolist()
            if actions != list(range(len(actions))):
                fail(
                    f"After {self.learning_steps} steps of {type(env).__name__}, where repeating the "
                    f"observation pays 1 and all else 0, it answers 0, 1, … with {actions}."
                )

    # --- inner workings

    def _environments(self) -> Iterator[gymnasium.Env[Any, Any]]:
        """The toys that the algorithm does not refuse; there must be one."""
        accepted = 0
        refusals = []
        for make in _TOYS:
            env = make()
            try:
                self.make(env, total_steps=3 * self.max_steps, seed=0)
            except CsaiError as error:
                refusals.append(f"{type(env).__name__}: {error}")
                continue
            accepted += 1
            yield env
        if not accepted:
            fail(f"It refused every environment that was tried. {' '.join(refusals)}")

    def _num_envs(self) -> int:
        return int(options.build(self.config_class(), self.config).num_envs)

    def _first_update(self, learner: Any, env: gymnasium.Env[Any, Any]) -> tuple[int, dict[str, float]]:
        """Train until something is measured: after how many steps of each environment, and what."""
        limit = self.max_steps // self._num_envs()
        for number, metrics in enumerate(self._train(learner, env, limit), 1):
            if metrics:
                return number, metrics
        return limit, {}

    def _train(
        self, learner: Any, env: gymnasium.Env[Any, Any], num_steps: int
    ) -> Iterator[dict[str, float]]:
        """Train for steps of each environment; what each of them measured."""
        copies = [lambda: copy.deepcopy(env)] * self._num_envs()
        envs = SyncVectorEnv(copies, autoreset_mode=AutoresetMode.SAME_STEP)
        observation, _ = envs.reset(seed=7)
        for _ in range(num_steps):
            action = learner.act(observation, explore=True)
            following, reward, terminated, truncated, info = envs.step(action)
            last = _with_last_ones(following, info)
            step = Step(observation, action, reward, terminated, truncated, last)
            yield dict(learner.observe(step) or {})
            observation = following


_TOYS: tuple[Callable[[], gymnasium.Env[Any, Any]], ...] = (Choice, VectorChoice, Walk)


def _with_last_ones(observation: Any, info: dict[str, Any]) -> Any:
    """What the step led to: at an episode's end its last observation, not the next one's first."""
    if "_final_obs" not in info:
        return observation
    last = observation.copy()
    for index in np.flatnonzero(info["_final_obs"]):
        last[index] = info["final_obs"][index]
    return last
