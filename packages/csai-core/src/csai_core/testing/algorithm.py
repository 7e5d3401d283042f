"""What every learning algorithm should do: act within its space, learn when shown, resume, and repeat itself.

An algorithm is made by `target(observation_space, action_space, config, total_steps=…, seed=…)` and has
the methods of `csai_core.algorithm.Algorithm`; its config is a dataclass with a field `num_envs`, whose
fields are explained.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.vector.utils import batch_space, iterate

from csai_core import options
from csai_core.algorithm import Algorithm, Decision, Step
from csai_core.errors import ConfigError, CsaiError
from csai_core.plugins import installed
from csai_core.testing.compare import difference
from csai_core.testing.suite import Suite, fail, skip
from csai_core.testing.toys import Choice, VectorChoice, Walk


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
            algorithm = self.make(env, total_steps=3 * self.max_steps, seed=0)
            batched = batch_space(env.observation_space, 5)
            for explore in (True, False):
                actions = _act(algorithm, batched.sample(), explore=explore).action
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
            algorithm = self.make(env, total_steps=3 * self.max_steps, seed=0)
            observations = batch_space(env.observation_space, 20).sample()
            for allowed in range(int(env.action_space.n)):
                mask = np.zeros((20, int(env.action_space.n)), np.int8)
                mask[:, allowed] = 1
                for explore in (True, False):
                    decision = _act(algorithm, observations, explore=explore, action_mask=mask)
                    actions = np.asarray(decision.action)
                    if not np.all(actions == allowed):
                        fail(
                            f"The mask allowed only action {allowed}, but act(explore={explore}) gave "
                            f"{actions.tolist()}. Give forbidden actions the probability 0."
                        )

    def test_it_measures_finite_numbers(self) -> None:
        """What `learn` returns of its updates are finite numbers by name."""
        for env in self._environments():
            algorithm = self.make(env, total_steps=3 * self.max_steps, seed=0)
            for name, value in self._first_update(algorithm, env)[1].items():
                if not math.isfinite(value):
                    fail(f"In {type(env).__name__}, the first update measured {name}={value!r}.")

    def test_it_learns_no_sooner_than_it_says(self) -> None:
        """What `first_update` promises holds: nothing is measured before that step."""
        for env in self._environments():
            algorithm = self.make(env, total_steps=3 * self.max_steps, seed=0)
            promised = algorithm.first_update()
            number, metrics = self._first_update(algorithm, env)
            if promised is not None and metrics and number * self._num_envs() < promised.steps:
                fail(
                    f"In {type(env).__name__}, first_update() promised the first update after "
                    f"{promised.steps} steps, and it came after {number * self._num_envs()}. A training that "
                    "is shorter is refused, so never promise more than is needed."
                )

    def test_the_same_seed_learns_the_same(self) -> None:
        """Two trainings with one seed end with the same state; what the caller does does not matter."""
        for env in self._environments():
            states = []
            for _ in range(2):
                np.random.random()  # noqa: NPY002 - the global generator stands elsewhere now
                algorithm = self.make(env, total_steps=3 * self.max_steps, seed=3)
                self._first_update(algorithm, env)
                states.append(algorithm.state_dict())
            if found := difference(states[0], states[1], "state_dict()"):
                fail(
                    f"Two trainings with seed 3 in {type(env).__name__} differ: {found}. Draw everything "
                    "random from generators made from the seed."
                )

    def test_a_restored_one_goes_on_identically(self) -> None:
        """After `load_state_dict`, training goes on as if it had never stopped."""
        for env in self._environments():
            algorithm = self.make(env, total_steps=3 * self.max_steps, seed=3)
            num_steps, _ = self._first_update(algorithm, env)
            list(self._train(algorithm, env, 7))  # so that something is under way
            saved = copy.deepcopy(algorithm.state_dict())
            other = self.make(env, total_steps=3 * self.max_steps, seed=4)
            other.load_state_dict(copy.deepcopy(saved))
            for each in (algorithm, other):
                list(self._train(each, env, num_steps))
            if found := difference(algorithm.state_dict(), other.state_dict(), "state_dict()"):
                fail(
                    f"After load_state_dict in {type(env).__name__}, training went on differently: {found}. "
                    "Put everything into state_dict: weights, optimizer, memory, counters and generators."
                )

    def test_it_learns_from_the_step_alone(self) -> None:
        """Whatever else `act` was asked in between, `learn` learns the same from a `Step`."""
        for env in self._environments():
            states = []
            for is_disturbed in (False, True):
                algorithm = self.make(env, total_steps=3 * self.max_steps, seed=3)
                self._learn_disturbed(algorithm, env, is_disturbed)
                states.append(algorithm.state_dict())
            if found := difference(states[0], states[1], "state_dict()"):
                fail(
                    f"In {type(env).__name__}, learning changed when act(explore=False) was called between "
                    f"act and learn: {found}. Take everything from the Step; what only act knows belongs "
                    "into the memo of its Decision."
                )

    def test_it_learns_from_others_or_says_that_it_cannot(self) -> None:
        """A `Step` that somebody else decided is learned from, or refused by a `CsaiError`."""
        for env in self._environments():
            algorithm = self.make(env, total_steps=3 * self.max_steps, seed=3)
            envs = self._side_by_side(env)
            observation, _ = envs.reset(seed=7)
            envs.action_space.seed(7)
            try:
                for _ in range(self.max_steps // self._num_envs()):
                    decision = Decision(envs.action_space.sample())
                    step, observation = _step(envs, observation, decision)
                    if algorithm.learn(step):
                        break
            except CsaiError:
                continue
            except Exception as error:
                fail(
                    f"In {type(env).__name__}, a step that somebody else decided (memo=None) ended in "
                    f"{type(error).__name__}: {error}. Learn from it, or refuse it with a ConfigError."
                )

    def test_sampling_changes_nothing(self) -> None:
        """`sample`, where there is such a policy, is decided by its generator alone, and leaves no trace."""
        for env in self._environments():
            algorithm = self.make(env, total_steps=3 * self.max_steps, seed=3)
            observations = batch_space(env.observation_space, 20).sample()
            before = copy.deepcopy(algorithm.state_dict())
            try:
                one, other = (
                    algorithm.sample(observations, np.random.default_rng(5)).action for _ in range(2)
                )
            except ConfigError:
                continue
            if found := difference(one, other, "the actions"):
                fail(f"Two samples of one policy with equal generators differ: {found}. Draw from `random`.")
            if found := difference(before, algorithm.state_dict(), "state_dict()"):
                fail(f"sample() changed the algorithm: {found}. What it needs it draws from `random`.")

    def test_it_goes_on_after_episodes_were_cut(self) -> None:
        """After `cut_episodes`, as a resume may call it, it goes on with new episodes."""
        for env in self._environments():
            algorithm = self.make(env, total_steps=3 * self.max_steps, seed=3)
            num_steps, _ = self._first_update(algorithm, env)
            list(self._train(algorithm, env, 3))
            try:
                algorithm.cut_episodes()
                list(self._train(algorithm, env, num_steps + 3))
            except Exception as error:
                fail(
                    f"In {type(env).__name__}, going on after cut_episodes() ended in "
                    f"{type(error).__name__}: {error}. Inherit from csai_core.algorithm.Algorithm, and let "
                    "go of unfinished episodes there."
                )

    def test_it_learns(self) -> None:
        """After `learning_steps` steps it repeats what it sees, which is the best that can be done."""
        if not self.learning_steps:
            skip("it was not said after how many steps it learns (learning_steps)")
        for env in self._environments():
            if not isinstance(env, Choice):
                continue
            algorithm = self.make(env, total_steps=self.learning_steps, seed=0)
            list(self._train(algorithm, env, self.learning_steps // self._num_envs()))
            actions = np.asarray(_act(algorithm, env.all_wishes(), explore=False).action).tolist()
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

    def _first_update(self, algorithm: Any, env: gymnasium.Env[Any, Any]) -> tuple[int, dict[str, float]]:
        """Train until something is measured: after how many steps of each environment, and what."""
        limit = self.max_steps // self._num_envs()
        for number, metrics in enumerate(self._train(algorithm, env, limit), 1):
            if metrics:
                return number, metrics
        return limit, {}

    def _train(
        self, algorithm: Any, env: gymnasium.Env[Any, Any], num_steps: int
    ) -> Iterator[dict[str, float]]:
        """Train for steps of each environment; what each of them measured."""
        envs = self._side_by_side(env)
        observation, _ = envs.reset(seed=7)
        for _ in range(num_steps):
            decision = _act(algorithm, observation, explore=True)
            step, observation = _step(envs, observation, decision)
            yield dict(algorithm.learn(step) or {})

    def _learn_disturbed(self, algorithm: Any, env: gymnasium.Env[Any, Any], is_disturbed: bool) -> None:
        """Train to the first update, with other questions between `act` and `learn` or without them."""
        envs = self._side_by_side(env)
        others = copy.deepcopy(envs.observation_space)
        others.seed(11)
        observation, _ = envs.reset(seed=7)
        for _ in range(self.max_steps // self._num_envs()):
            decision = _act(algorithm, observation, explore=True)
            step, observation = _step(envs, observation, decision)
            if is_disturbed:
                _act(algorithm, others.sample(), explore=False)
            if algorithm.learn(step):
                return

    def _side_by_side(self, env: gymnasium.Env[Any, Any]) -> SyncVectorEnv:
        copies = [lambda: copy.deepcopy(env)] * self._num_envs()
        return SyncVectorEnv(copies, autoreset_mode=AutoresetMode.SAME_STEP)


def _act(algorithm: Algorithm, observation: Any, *, explore: bool, action_mask: Any = None) -> Decision:
    """What `act` decides, which must be a `Decision`."""
    decision: Any = algorithm.act(observation, explore=explore, action_mask=action_mask)
    if not isinstance(decision, Decision):
        fail(
            f"act(explore={explore}) gave {decision!r}; it must give "
            "csai_core.algorithm.Decision(action), with whatever `learn` wants to be told again as its memo."
        )
    return decision


def _step(envs: SyncVectorEnv, observation: Any, decision: Decision) -> tuple[Step, Any]:
    """Take a step: what is to be learned from it, and what is observed next."""
    following, reward, terminated, truncated, info = envs.step(decision.action)
    last = _with_last_ones(following, info)
    step = Step(observation, decision.action, reward, terminated, truncated, last, memo=decision.memo)
    return step, following


_TOYS: tuple[Callable[[], gymnasium.Env[Any, Any]], ...] = (Choice, VectorChoice, Walk)


def _with_last_ones(observation: Any, info: dict[str, Any]) -> Any:
    """What the step led to: at an episode's end its last observation, not the next one's first."""
    if "_final_obs" not in info:
        return observation
    last = observation.copy()
    for index in np.flatnonzero(info["_final_obs"]):
        last[index] = info["final_obs"][index]
    return last
