"""Faults in which spaces an algorithm takes, and in what it says of itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import SimpleNamespace

import numpy as np
from gymnasium import spaces

from csai_core import Entry
from csai_core.algorithm import Decision
from csai_core.errors import ConfigError
from csai_core.ranges import Range, ranging
from planted.algorithms.table import Table, TableConfig, TableSuite
from planted.specimens import planted, sound


@planted("refuse.*(CsaiError|ConfigError|SpaceError)")
class StumblesOverBoxes(TableSuite):
    """Spaces that it does not take are an AttributeError."""

    class Learner(Table):
        def require(self, observation_space, action_space):
            pass


@planted("MultiBinary")
class TakesSwitchesForChoices(TableSuite):
    """A MultiBinary has a size n too, and is taken for a Discrete."""

    class Learner(Table):
        def require(self, observation_space, action_space):
            if not hasattr(action_space, "n") or not isinstance(observation_space, spaces.Discrete):
                raise ConfigError("It takes what has n.")

        def __init__(self, observation_space, action_space, config, *, total_steps, seed):
            self.require(observation_space, action_space)
            discrete = spaces.Discrete(int(action_space.n), start=getattr(action_space, "start", 0))
            super().__init__(observation_space, discrete, config, total_steps=total_steps, seed=seed)


@planted(r"IndexError|Box")
class IndexesByNumbers(TableSuite):
    """A Box is taken, and stumbled over in act."""

    class Learner(Table):
        def require(self, observation_space, action_space):
            if not isinstance(action_space, spaces.Discrete):
                raise ConfigError("It takes Discrete actions.")

        def __init__(self, observation_space, action_space, config, *, total_steps, seed):
            self.require(observation_space, action_space)
            whole = (
                observation_space if isinstance(observation_space, spaces.Discrete) else spaces.Discrete(9)
            )
            super().__init__(whole, action_space, config, total_steps=total_steps, seed=seed)


@planted("refused every")
class TakesNothing(TableSuite):
    """It refuses every environment."""

    class Learner(Table):
        def require(self, observation_space, action_space):
            raise ConfigError("Not this one.")


@planted("Entry.*Box|Box.*Entry")
class SaysThatItTakesBoxes(TableSuite):
    """Its entry says that it takes Boxes, and it refuses them."""

    def entry(self):
        return Entry(
            name="table",
            target="planted.algorithms.table:Table",
            observation_spaces=("Discrete", "Box"),
            action_spaces=("Discrete",),
        )


@dataclass(frozen=True, kw_only=True)
class Unexplained(TableConfig):
    """Settings, of which one is not explained."""

    epsilon: float = 0.1


@planted("epsilon is not explained")
class UnexplainedOption(TableSuite):
    """An option is not explained."""

    config_type = Unexplained


@dataclass(frozen=True, kw_only=True)
class DefaultOutside(TableConfig):
    """Settings, of which one is searched for where its default is not."""

    epsilon: float = ranging(0.1, Range(0.2, 0.5))
    """Share of random actions."""


@planted("epsilon is searched for in 0.2 to 0.5, and is 0.1")
class DefaultOutsideItsRange(TableSuite):
    """An option is searched for where its default is not."""

    config_type = DefaultOutside


@dataclass(frozen=True, kw_only=True)
class WithoutDefault(TableConfig):
    """Settings, of which one has no default."""

    epsilon: float
    """Share of random actions."""


@planted("epsilon has no default")
class OptionWithoutDefault(TableSuite):
    """An option has no default."""

    config_type = WithoutDefault

    def make(self, env, *, total_steps, seed):
        config = WithoutDefault(epsilon=0.1)
        spaces_of_it = env.observation_space, env.action_space
        return Table(*spaces_of_it, config, total_steps=total_steps, seed=seed)


@dataclass(frozen=True, kw_only=True)
class FewOptions:
    """Settings that do not say how many environments there are."""

    learning_rate: float = 0.2
    """How far each step moves an entry. Smaller is steadier; usual 0.05 to 0.5."""
    gamma: float = 0.9
    """Discount. Nearer 1 looks further ahead; usual 0.9 to 0.999."""


@planted("num_envs")
class NobodyCountsEnvironments(TableSuite):
    """Its config has no num_envs."""

    config_type = FewOptions


class Linear(Table):
    """Actions in a Box: a mean for each observation of a Discrete, moved toward what paid."""

    scale = True

    def require(self, observation_space, action_space):
        if not isinstance(observation_space, spaces.Discrete) or not isinstance(action_space, spaces.Box):
            raise ConfigError("It takes Discrete observations and actions in a Box.")
        if not np.isfinite([action_space.low, action_space.high]).all():
            raise ConfigError("It takes actions in a Box that is bounded.")

    def __init__(self, observation_space, action_space, config, *, total_steps, seed):
        self.require(observation_space, action_space)
        self.space = action_space
        self.config = config
        self.num_steps = 0
        self.total_steps = total_steps
        self.first_observation = int(observation_space.start)
        self.values = np.zeros((int(observation_space.n), *action_space.shape))
        self.paid = np.zeros(int(observation_space.n))
        self.random = self.make_random(seed)

    def to_space(self, drawn):
        """From -1 … 1 to the bounds."""
        low, high = self.space.low, self.space.high
        return (low + (np.clip(drawn, -1, 1) + 1) / 2 * (high - low)).astype(self.space.dtype)

    def act(self, observation, *, explore, action_mask=None):
        mean = self.values[self.rows(observation)]
        if not explore:
            return Decision(self.to_space(mean), memo=None)
        drawn = mean + 0.5 * self.random.normal(size=mean.shape)
        return Decision(self.to_space(drawn), memo=drawn)

    def learn(self, step):
        if step.memo is None:
            raise ConfigError("It learns from what it decided itself.")
        for i in self.taken(step):
            row = self.rows(step.observation)[i]
            advantage = step.reward[i] - self.paid[row]
            self.paid[row] += 0.1 * advantage
            self.values[row] += 0.5 * advantage * (step.memo[i] - self.values[row])
        np.clip(self.values, -1, 1, out=self.values)
        self.num_steps += step.num_taken
        return {"paid": float(self.paid.mean())}

    def state_dict(self):
        return {**super().state_dict(), "paid": self.paid.copy()}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.paid = np.array(state["paid"])


@planted("actions? of Box")
class BoundsIgnored(TableSuite):
    """Actions lie between -1 and 1, whatever the bounds of the Box are."""

    class Learner(Linear):
        def to_space(self, drawn):
            return np.clip(drawn, -1, 1).astype(self.space.dtype)


@planted("actions? of Box")
class NoiseOverTheBounds(TableSuite):
    """What is tried lies outside the Box now and then."""

    class Learner(Linear):
        def to_space(self, drawn):
            low, high = self.space.low, self.space.high
            return (low + (np.asarray(drawn) + 1) / 2 * (high - low)).astype(self.space.dtype)


@planted("number 1 of an action.*never left 0.2 to 0.7")
class BoundsThatAllHave(TableSuite):
    """All numbers are scaled to where the bounds of all of them overlap."""

    class Learner(Linear):
        def to_space(self, drawn):
            low, high = self.space.low.max(), self.space.high.min()
            inside = low + (np.clip(drawn, -1, 1) + 1) / 2 * (high - low)
            return np.clip(inside, self.space.low, self.space.high).astype(self.space.dtype)


@planted("explore=False")
class NoiseForEver(TableSuite):
    """Noise is added to what shall be the best."""

    class Learner(Linear):
        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=True)
            return decision if explore else Decision(decision.action)


@planted("answers|learn")
class MovesAway(TableSuite):
    """It moves away from what paid, in a Box."""

    class Learner(Linear):
        def learn(self, step):
            return super().learn(step._replace(reward=-step.reward))


@planted("actions? of Box|infinite|bounded|nan")
class UnboundedIsDividedBy(TableSuite):
    """A Box without bounds gives actions that are no numbers."""

    class Learner(Linear):
        def require(self, observation_space, action_space):
            if not isinstance(observation_space, spaces.Discrete) or not isinstance(action_space, spaces.Box):
                raise ConfigError("It takes Discrete observations and actions in a Box.")


# --- settings that count for nothing, or only sometimes


@dataclass(frozen=True, kw_only=True)
class SwitchedConfig(TableConfig):
    """Settings of which one counts only where another one says so."""

    clip: bool = False
    """Whether rewards are clipped."""
    largest: float = 10.0
    """Of the rewards that are clipped. Usual 1 to 10."""


@planted("has gamma, which nobody reads")
class DiscountIsWrittenOut(TableSuite):
    """The discount is a number in the code, and not the one of its config."""

    class Learner(Table):
        def learn(self, step):
            future = 0.9 * self.future(step)
            errors = [0.0]
            for i in self.taken(step):
                entry = self.rows(step.observation)[i], int(step.action[i]) - self.first_action
                errors.append(float(step.reward[i] + future[i] - self.values[entry]))
                self.values[entry] += self.config.learning_rate * errors[-1]
            self.num_steps += len(self.taken(step))
            return {"td_error": float(np.abs(errors).mean())}


@planted("has largest, which nobody reads")
class OneOfManySettings(TableSuite):
    """It reads the switch, and not the number that goes with it."""

    config_type = SwitchedConfig

    class Learner(Table):
        def learn(self, step):
            reward = np.clip(step.reward, -10.0, 10.0) if self.config.clip else step.reward
            return super().learn(step._replace(reward=reward))


@sound
class ReadsWhereItIsSwitchedOn(TableSuite):
    """A setting counts only where another one says so, which is off."""

    config_type = SwitchedConfig

    class Learner(Table):
        def learn(self, step):
            if self.config.clip:
                largest = self.config.largest
                step = step._replace(reward=np.clip(step.reward, -largest, largest))
            return super().learn(step)


@sound
class TakesItsSettingsAsADict(TableSuite):
    """All settings are taken at once, as a dict."""

    class Learner(Table):
        def __init__(self, observation_space, action_space, config, **how):
            super().__init__(observation_space, action_space, config, **how)
            self.config = SimpleNamespace(**asdict(config))


@dataclass(kw_only=True)
class OpenConfig:
    """Settings that anybody can change."""

    num_envs: int = 2
    """In how many environments it is run."""
    gamma: float = 0.9
    """Discount. Nearer 1 looks further ahead; usual 0.9 to 0.999."""
    learning_rate: float = 0.4
    """How far all environments move an entry together. Usual 0.1 to 0.8."""


@planted("its config was changed: learning_rate was 0.4")
class SharesOutItsRate(TableSuite):
    """It divides the learning rate where it was written, and keeps a copy of what it says then."""

    config_type = OpenConfig

    class Learner(Table):
        def __init__(self, observation_space, action_space, config, **how):
            config.learning_rate /= config.num_envs
            super().__init__(observation_space, action_space, config, **how)
            self.config = SimpleNamespace(**asdict(config))
