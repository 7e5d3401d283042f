"""Sound algorithms, some of them of unusual designs."""

from __future__ import annotations

from collections import deque

import numpy as np
from gymnasium import spaces

from csai_core import trees
from csai_core.algorithm import Algorithm, Decision, FirstUpdate, Learned
from csai_core.errors import ConfigError
from planted.algorithms.options import Linear
from planted.algorithms.table import AheadConfig, PlainConfig, Remembering, Table, TableSuite
from planted.specimens import sound


@sound
class PlainTable(TableSuite):
    """Q-learning with a table."""


@sound
class TableWithAMemory(TableSuite):
    """Q-learning with a memory."""

    class Learner(Remembering):
        def first_update(self):
            return FirstUpdate(10)


@sound
class ArmInABox(TableSuite):
    """A policy of chance for actions in a bounded Box, learned from what it drew itself."""

    config_type = PlainConfig
    Learner = Linear
    learning_steps = 2_000


@sound
class Munchausen(TableSuite):
    """A table that is soft: log-probabilities of what was done are added to the reward."""

    class Learner(Table):
        temperature = 0.03

        def log_policy(self, scores):
            shifted = (scores - scores.max(axis=1, keepdims=True)) / self.temperature
            with np.errstate(divide="ignore"):
                return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

        def sample(self, observation, random, action_mask=None):
            chances = np.exp(self.log_policy(self.scores(observation, action_mask)))
            drawn = (random.random((len(chances), 1)) > chances.cumsum(axis=1)).sum(axis=1)
            last = chances.shape[1] - 1 - (chances[:, ::-1] > 0).argmax(axis=1)
            return Decision(np.minimum(drawn, last) + self.first_action)

        def future(self, step):
            scores = self.scores(step.next_observation, step.next_action_mask)
            log = self.log_policy(scores)
            soft = np.where(np.isinf(scores), 0.0, scores - self.temperature * log)
            expected = (np.exp(log) * soft).sum(axis=1)
            return np.where(step.terminated, 0.0, expected)

        def learn(self, step):
            scores = self.scores(step.observation, step.action_mask)
            index = np.arange(len(step.reward)), np.asarray(step.action) - self.first_action
            log = np.clip(self.temperature * self.log_policy(scores)[index], -1.0, 0.0)
            log = np.nan_to_num(log)
            return super().learn(step._replace(reward=step.reward + 0.3 * log))


@sound
class OnPolicyWithAMemo(TableSuite):
    """Advantage actor-critic in tables, a few steps at a time, with the log-probabilities in its memo."""

    config_type = AheadConfig
    learning_steps = 3_000

    class Learner(Table):
        window = 8
        handed_on = 0.5

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.state_values = np.zeros(len(self.values))
            self.rollout = []

        def chances(self, observation, action_mask):
            scores = self.scores(observation, action_mask)
            exps = np.exp(scores - scores.max(axis=1, keepdims=True))
            return exps / exps.sum(axis=1, keepdims=True)

        def drawn(self, chances, random):
            actions = (random.random((len(chances), 1)) >= chances.cumsum(axis=1)).sum(axis=1)
            return np.where(
                chances[np.arange(len(chances)), actions % self.num_actions] > 0, actions, chances.argmax(1)
            )

        def act(self, observation, *, explore, action_mask=None):
            chances = self.chances(observation, action_mask)
            if not explore:
                return Decision(chances.argmax(axis=1) + self.first_action)
            actions = self.drawn(chances, self.random)
            memo = {"log_prob": np.log(chances[np.arange(len(actions)), actions])}
            return Decision(actions + self.first_action, memo)

        def sample(self, observation, random, action_mask=None):
            return Decision(self.drawn(self.chances(observation, action_mask), random) + self.first_action)

        def learn(self, step):
            if step.memo is None:
                raise ConfigError(
                    "It learns only from what it decided itself; give the memo of the decision."
                )
            self.rollout.append(
                [
                    self.rows(step.observation).copy(),
                    np.array(step.action) - self.first_action,
                    step.reward.copy(),
                    step.terminated.copy(),
                    step.terminated | step.truncated,
                    self.rows(step.next_observation).copy(),
                    None if step.action_mask is None else step.action_mask.copy(),
                    step.memo["log_prob"].copy(),
                    np.zeros(len(step.reward), bool) if step.is_reset is None else step.is_reset.copy(),
                ]
            )
            self.num_steps += step.num_taken
            return self.update() if len(self.rollout) == self.window else {}

        def update(self):
            advantage = np.zeros(len(self.rollout[0][2]))
            losses = []
            for row, action, reward, ended, is_over, following, mask, log_prob, is_reset in self.rollout[
                ::-1
            ]:
                delta = (
                    reward
                    + self.config.gamma * ~ended * self.state_values[following]
                    - self.state_values[row]
                )
                advantage = np.where(
                    is_reset, 0.0, delta + self.config.gamma * self.handed_on * ~is_over * advantage
                )
                chances = self.chances(row + self.first_observation, mask)
                for i in np.flatnonzero(~is_reset):
                    ratio = min(1.5, np.log1p(np.exp(np.log(chances[i, action[i]]) - log_prob[i])))
                    slope = -chances[i]
                    slope[action[i]] += 1
                    self.values[row[i]] += 0.5 * ratio * advantage[i] * slope
                    self.state_values[row[i]] += 0.2 * advantage[i]
                    losses.append(abs(float(advantage[i])))
            self.rollout = []
            return {"advantage": float(np.mean(losses))} if losses else {}

        def num_unlearned(self):
            return sum(int((~row[-1]).sum()) for row in self.rollout)

        def cut_episodes(self):
            for row in self.rollout[-1:]:
                row[4] = np.ones_like(row[4])

        def state_dict(self):
            rows = [list(row) for row in self.rollout]
            return {**super().state_dict(), "state_values": self.state_values.copy(), "rollout": rows}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.state_values = np.array(state["state_values"])
            self.rollout = [list(row) for row in state["rollout"]]


@sound
class LetsGoOfItsRollout(OnPolicyWithAMemo):
    """The same with a long rollout, all of which is let go of at a cut, and a preference from the start."""

    class Learner(OnPolicyWithAMemo.Learner):
        window = 32

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.values[:, 1] = 0.01

        def cut_episodes(self):
            self.rollout = []


@sound
class Evolution(TableSuite):
    """Keeps a table of preferences if ten whole episodes with it, slightly changed, bring more."""

    config_type = PlainConfig
    learning_steps = 4_000
    max_steps = 1_000

    class Learner(Table):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.best, self.tried = -np.inf, self.values.copy()
            self.sums, self.returns = np.zeros(self.config.num_envs), []
            self.renew()

        def renew(self):
            self.tried = self.values + self.random.normal(size=self.values.shape)

        def act(self, observation, *, explore, action_mask=None):
            kept = self.values
            self.values = self.tried if explore else kept
            scores = self.scores(observation, action_mask)
            self.values = kept
            return Decision(scores.argmax(axis=1) + self.first_action)

        def learn(self, step):
            rows = self.taken(step)
            self.num_steps += len(rows)
            self.sums[rows] += step.reward[rows]
            for i in rows:
                if step.terminated[i] or step.truncated[i]:
                    self.returns.append(float(self.sums[i]))
                    self.sums[i] = 0.0
            if len(self.returns) < 10:
                return {}
            mean, self.returns = float(np.mean(self.returns)), []
            if mean >= self.best:
                self.best, self.values = mean, self.tried
            self.best -= 0.01
            self.renew()
            return {"mean_return": mean, "best": self.best}

        def cut_episodes(self):
            self.sums[:] = 0.0

        def state_dict(self):
            of_it = {"tried": self.tried.copy(), "sums": self.sums.copy(), "returns": list(self.returns)}
            return {**super().state_dict(), **of_it, "best": self.best}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.best, self.returns = state["best"], list(state["returns"])
            self.tried, self.sums = np.array(state["tried"]), np.array(state["sums"])


@sound
class Planner(TableSuite):
    """Plans with rules that it knows, whatever happens: it learns nothing, and its state is empty."""

    config_type = PlainConfig
    learning_steps = 0

    class Learner(Algorithm):
        def __init__(self, observation_space, action_space, config, *, total_steps, seed):
            if not isinstance(action_space, spaces.Discrete):
                raise ConfigError("It plans with Discrete actions.")
            self.space, self.config = action_space, config

        def act(self, observation, *, explore, action_mask=None):
            count = trees.length(observation)
            allowed = np.ones((count, int(self.space.n))) if action_mask is None else action_mask
            return Decision(allowed.argmax(axis=1) + int(self.space.start))

        def learn(self, step):
            return {}

        def state_dict(self):
            return {}

        def load_state_dict(self, state):
            pass


@sound
class SwitchesOnly(TableSuite):
    """A chance for each switch of a MultiBinary, in each observation of a Discrete; nothing else is taken."""

    config_type = PlainConfig
    learning_steps = 2_000

    class Learner(Table):
        def __init__(self, observation_space, action_space, config, *, total_steps, seed):
            if not isinstance(action_space, spaces.MultiBinary):
                raise ConfigError("It takes MultiBinary actions.")
            if not isinstance(observation_space, spaces.Discrete):
                raise ConfigError("It takes Discrete observations.")
            self.config, self.space, self.num_steps = config, action_space, 0
            self.first_observation = int(observation_space.start)
            self.values = np.zeros((int(observation_space.n), *action_space.shape))
            self.paid = np.zeros(int(observation_space.n))
            self.random = np.random.default_rng(seed)

        def chances(self, observation, action_mask):
            chances = 1 / (1 + np.exp(-self.values[self.rows(observation)]))
            return chances if action_mask is None else chances * action_mask.reshape(chances.shape)

        def act(self, observation, *, explore, action_mask=None):
            chances = self.chances(observation, action_mask)
            wanted = self.random.random(chances.shape) if explore else 0.5
            return Decision((chances > wanted).astype(np.int8))

        def sample(self, observation, random, action_mask=None):
            chances = self.chances(observation, action_mask)
            return Decision((chances > random.random(chances.shape)).astype(np.int8))

        def learn(self, step):
            for i in self.taken(step):
                row = self.rows(step.observation)[i]
                advantage = step.reward[i] - self.paid[row]
                self.paid[row] += 0.1 * advantage
                chances = 1 / (1 + np.exp(-self.values[row]))
                self.values[row] += advantage * (step.action[i] - chances)
            self.num_steps += step.num_taken
            return {"paid": float(self.paid.mean())}

        def state_dict(self):
            return {**super().state_dict(), "paid": self.paid.copy()}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.paid = np.array(state["paid"])


@sound
class Bandit(TableSuite):
    """Takes what has paid most on average in this observation, and what was tried least first: no chance."""

    config_type = PlainConfig

    class Learner(Table):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.counts = np.zeros(self.values.shape, int)

        def act(self, observation, *, explore, action_mask=None):
            scores = self.scores(observation, action_mask)
            if explore:
                counts = self.counts[self.rows(observation)]
                scores = scores + np.sqrt(2 * np.log(1 + counts.sum(axis=1, keepdims=True)) / (1e-3 + counts))
            return Decision(scores.argmax(axis=1) + self.first_action)

        def learn(self, step):
            for i in self.taken(step):
                entry = self.rows(step.observation)[i], int(step.action[i]) - self.first_action
                self.counts[entry] += 1
                self.values[entry] += (step.reward[i] - self.values[entry]) / self.counts[entry]
            self.num_steps += step.num_taken
            return {"mean_reward": float(step.reward.mean())}

        def state_dict(self):
            return {"values": self.values.copy(), "counts": self.counts.copy(), "num_steps": self.num_steps}

        def load_state_dict(self, state):
            self.values, self.counts = np.array(state["values"]), np.array(state["counts"])
            self.num_steps = state["num_steps"]


@sound
class WaitsForTheNextAction(TableSuite):
    """SARSA: a step is learned from when the next action is known."""

    class Learner(Table):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.waiting = [None] * self.config.num_envs

        def learn(self, step):
            errors = []
            for i in self.taken(step):
                now = self.rows(step.observation)[i], int(step.action[i]) - self.first_action
                if self.waiting[i] is not None:
                    errors.append(self.update(*self.waiting[i], self.values[now]))
                self.waiting[i] = [*now, float(step.reward[i])]
                if step.terminated[i]:
                    errors.append(self.update(*self.waiting[i], 0.0))
                    self.waiting[i] = None
                elif step.truncated[i]:
                    mask = None if step.next_action_mask is None else step.next_action_mask[i : i + 1]
                    expected = self.scores(np.asarray(step.next_observation)[i : i + 1], mask).max()
                    errors.append(self.update(*self.waiting[i], expected))
                    self.waiting[i] = None
            self.num_steps += step.num_taken
            return {"td_error": float(np.mean(errors))} if errors else {}

        def update(self, row, action, reward, expected):
            error = float(reward + self.config.gamma * expected - self.values[row, action])
            self.values[row, action] += self.config.learning_rate * error
            return error

        def num_unlearned(self):
            return sum(each is not None for each in self.waiting)

        def cut_episodes(self):
            self.waiting = [None] * len(self.waiting)

        def state_dict(self):
            waiting = [None if each is None else list(map(float, each)) for each in self.waiting]
            return {**super().state_dict(), "waiting": waiting}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.waiting = [
                None if each is None else [int(each[0]), int(each[1]), each[2]] for each in state["waiting"]
            ]


@sound
class HandsOnWhatItLearned(TableSuite):
    """A table that another training can start from, kept by the bytes of what is observed."""

    class Learner(Table):
        learns = "a table of action values by bytes"

        def require(self, observation_space, action_space):
            if not isinstance(action_space, spaces.Discrete):
                raise ConfigError("It takes Discrete actions.")
            if isinstance(observation_space, (spaces.Dict, spaces.Tuple)):
                raise ConfigError("It takes observations in one array.")

        def __init__(self, observation_space, action_space, config, *, total_steps, seed):
            self.require(observation_space, action_space)
            self.num_actions, self.first_action = int(action_space.n), int(action_space.start)
            self.config, self.total_steps, self.num_steps = config, total_steps, 0
            self.table = {}
            self.random = self.make_random(seed)

        def scores(self, observation, action_mask):
            nothing = np.zeros(self.num_actions)
            scores = np.array([self.table.get(each.tobytes(), nothing) for each in np.asarray(observation)])
            if action_mask is not None:
                scores[action_mask == 0] = -np.inf
            return scores

        def learn(self, step):
            target = step.reward + self.config.gamma * self.future(step)
            errors = []
            for i in self.taken(step):
                key = np.asarray(step.observation)[i].tobytes()
                values = self.table.setdefault(key, np.zeros(self.num_actions))
                action = int(step.action[i]) - self.first_action
                errors.append(float(target[i] - values[action]))
                values[action] += self.config.learning_rate * errors[-1]
            self.num_steps += len(errors)
            return {"td_error": float(np.mean(errors)), "states": len(self.table)} if errors else {}

        def copied(self, table):
            return {key: np.array(values) for key, values in table.items()}

        def learned(self):
            return Learned(state={"table": self.copied(self.table)})

        def start_from(self, state):
            self.table = self.copied(state["table"])

        def state_dict(self):
            random = self.random.bit_generator.state
            return {"table": self.copied(self.table), "random": random, "num_steps": self.num_steps}

        def load_state_dict(self, state):
            self.table = self.copied(state["table"])
            self.num_steps = state["num_steps"]
            self.random.bit_generator.state = state["random"]


@sound
class PullsEachArmInTurn(TableSuite):
    """Tries the actions one after the other, row by row, without any chance."""

    class Learner(Table):
        turn = 0

        def epsilon(self):
            return 0.5

        def explored(self, scores):
            order = (
                np.arange(self.num_actions) + self.turn + np.arange(len(scores))[:, None]
            ) % self.num_actions
            self.turn = (self.turn + 1) % self.num_actions
            return np.where(np.isinf(scores), -1, order).argmax(axis=1)

        def act(self, observation, *, explore, action_mask=None):
            scores = self.scores(observation, action_mask)
            actions = self.explored(scores) if explore and self.num_steps % 3 else scores.argmax(axis=1)
            return Decision(actions + self.first_action)

        def state_dict(self):
            return {**super().state_dict(), "turn": self.turn}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.turn = state["turn"]


@sound
class GenerationsOfNoise(TableSuite):
    """Noise that goes on from step to step, of its own for each environment, for actions in a Box."""

    config_type = PlainConfig
    learning_steps = 0

    class Learner(Linear):
        def __init__(self, observation_space, action_space, config, *, total_steps, seed):
            super().__init__(observation_space, action_space, config, total_steps=total_steps, seed=seed)
            self.noise = np.zeros((config.num_envs, *action_space.shape))
            self.recent = deque(maxlen=3)

        def act(self, observation, *, explore, action_mask=None):
            mean = self.values[self.rows(observation)]
            if not explore:
                return Decision(self.to_space(mean))
            self.noise = 0.8 * self.noise + 0.3 * self.random.normal(size=self.noise.shape)
            drawn = mean + self.noise
            return Decision(self.to_space(drawn), memo=(drawn,))

        def learn(self, step):
            if step.memo is None:
                raise ConfigError("It learns from what it decided itself.")
            measured = super().learn(step._replace(memo=step.memo[0]))
            self.recent.append(measured["paid"])
            return measured

        def state_dict(self):
            return {
                **super().state_dict(),
                "noise": self.noise.copy(),
                "recent": deque(self.recent, maxlen=3),
            }

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.noise, self.recent = np.array(state["noise"]), deque(state["recent"], maxlen=3)
