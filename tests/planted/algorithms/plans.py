"""Faults in what is planned by total_steps, and in rows that meet each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from gymnasium import spaces
from torch import nn

from csai_core.algorithm import Decision
from csai_core.errors import ConfigError
from csai_core.schedules import ScheduledConfig, changing
from planted.algorithms.sound import SwitchesOnly
from planted.algorithms.table import Remembering, Table, TableConfig, TableSuite
from planted.algorithms.torch_networks import DQN, TorchSuite
from planted.specimens import planted, sound


class Decaying(Table):
    """Its steps become shorter, to none at the end of the training."""

    def learn(self, step):
        rate = self.config.learning_rate * self.left()
        target = step.reward + self.config.gamma * self.future(step)
        errors = []
        for i in self.taken(step):
            entry = self.rows(step.observation)[i], int(step.action[i]) - self.first_action
            errors.append(float(target[i] - self.values[entry]))
            self.values[entry] += rate * errors[-1]
        self.num_steps += len(errors)
        return {"td_error": float(np.abs(errors).mean())} if errors else {}

    def left(self):
        """Which share of the training is to come."""
        return max(0.0, 1 - self.num_steps / self.total_steps)


@dataclass(frozen=True, kw_only=True)
class ChangingConfig(TableConfig):
    """Settings of a table whose steps may change."""

    learning_rate: float = changing(0.2)
    """How far each step moves an entry. Smaller is steadier; usual 0.05 to 0.5."""


class Scheduled(Decaying):
    """Its steps follow a schedule."""

    def __init__(self, observation_space, action_space, config, **how):
        super().__init__(observation_space, action_space, config, **how)
        self.settings = ScheduledConfig(config, self.total_steps)

    def left(self):
        return self.settings.at(self.num_steps).learning_rate / self.config.learning_rate

    def epsilon(self):
        return 0.3


@sound
class FollowsASchedule(TableSuite):
    """Its steps follow a schedule."""

    config_type = ChangingConfig
    Learner = Scheduled


@planted("declares learning_rate as changing.*learns as with the number")
class FollowsNoSchedule(TableSuite):
    """It says that its learning rate may change, and takes what it starts with."""

    config_type = ChangingConfig

    class Learner(Scheduled):
        def left(self):
            return 1.0


@dataclass(frozen=True, kw_only=True)
class ExploringConfig(ChangingConfig):
    """Settings of a table that explores as it is told."""

    exploration: float = changing(0.4)
    """Share of random actions. Larger tries more; usual 0.05 to 0.3."""


class Exploring(Scheduled):
    """Its steps and its exploration follow schedules."""

    def epsilon(self):
        return self.settings.at(self.num_steps).exploration


@sound
class FollowsBothSchedules(TableSuite):
    """Its steps and its exploration follow schedules."""

    config_type = ExploringConfig
    Learner = Exploring


@planted("declares exploration as changing.*learns as with the number")
class FollowsOneOfItsSchedules(TableSuite):
    """Its steps follow a schedule, and its exploration stays at what it starts with."""

    config_type = ExploringConfig

    class Learner(Exploring):
        def epsilon(self):
            return self.settings.at(0).exploration


@planted("went on differently")
class ForgetsWhereItsScheduleStands(TableSuite):
    """Its state does not say how many steps were taken, by which its learning rate goes."""

    config_type = ChangingConfig

    class Learner(Scheduled):
        def state_dict(self):
            return {name: value for name, value in super().state_dict().items() if name != "num_steps"}

        def load_state_dict(self, state):
            super().load_state_dict({**state, "num_steps": 0})


class OfTheMoment(Table):
    """It keeps the settings as they hold at the moment, and no config besides."""

    def __init__(self, observation_space, action_space, config, **how):
        super().__init__(observation_space, action_space, config, **how)
        del self.config
        self.schedules = ScheduledConfig(config, self.total_steps)
        self.look_up()

    def look_up(self):
        self.moment = self.schedules.at(self.num_steps)

    def learn(self, step):
        target = step.reward + self.moment.gamma * self.future(step)
        errors = []
        for i in self.taken(step):
            entry = self.rows(step.observation)[i], int(step.action[i]) - self.first_action
            errors.append(float(target[i] - self.values[entry]))
            self.values[entry] += self.moment.learning_rate * errors[-1]
        self.num_steps += len(errors)
        self.look_up()
        return {"td_error": float(np.abs(errors).mean())} if errors else {}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.look_up()


@sound
class LooksUpItsSettings(TableSuite):
    """After each step, and each time that it is loaded, it looks up what holds now."""

    config_type = ChangingConfig
    Learner = OfTheMoment


@planted("went on differently.*schedules")
class LooksUpItsSettingsTooLate(TableSuite):
    """The first step after it was loaded is one by the settings of the start."""

    config_type = ChangingConfig

    class Learner(OfTheMoment):
        def load_state_dict(self, state):
            Table.load_state_dict(self, state)


@planted("total_steps.*learning rate")
class LearnsBackwards(TableSuite):
    """Beyond the end, its learning rate is below 0."""

    class Learner(Decaying):
        def left(self):
            return 1 - self.num_steps / self.total_steps


class DecayingDQN(DQN):
    """The optimizer's learning rate decays to 0."""

    def update(self):
        for group in self.optimizer.param_groups:
            group["lr"] = 1e-2 * self.left()
        return super().update()

    def left(self):
        return max(0.0, 1 - self.num_steps / self.total_steps)


@planted("lr is -.*below 0")
class OptimizerGoesBackwards(TorchSuite):
    """Beyond the end, its optimizer's learning rate is below 0."""

    class Learner(DecayingDQN):
        def left(self):
            return 1 - self.num_steps / self.total_steps


@planted("exploration_rate is -.*below 0")
class ExploresLessThanNever(TableSuite):
    """Beyond the end, it explores with a chance below 0, which it keeps."""

    class Learner(Table):
        exploration = 1.0

        def epsilon(self):
            return self.exploration_rate

        def __init__(self, *args, **how):
            super().__init__(*args, **how)
            self.exploration_rate = 1.0

        def learn(self, step):
            measured = super().learn(step)
            self.exploration_rate = 1.0 - 0.9 * self.num_steps / self.total_steps
            return measured

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.exploration_rate = 1.0 - 0.9 * self.num_steps / self.total_steps


@sound
class DecaysToNothing(TableSuite):
    """Its learning rate is 0 from the end on."""

    Learner = Decaying


@sound
class OptimizerDecaysToNothing(TorchSuite):
    """Its optimizer's learning rate is 0 from the end on."""

    Learner = DecayingDQN
    learning_steps = 1_500


# --- rows that meet every other


class Columns(DQN):
    """A DQN whose update is written with columns, as gather gives them."""

    def update(self):
        chosen = [self.memory[i] for i in self.random.integers(len(self.memory), size=16)]
        observation, action, reward, ended, following, mask = zip(*chosen, strict=True)
        with torch.no_grad():
            expected = self.expected(torch.stack(following), mask)
            goal = self.goal(torch.tensor(reward), expected, torch.tensor(ended).float())
        index = torch.tensor(action).unsqueeze(1)
        predicted = self.net(torch.stack(observation)).gather(1, index)
        loss = self.loss(predicted, goal)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.num_updates += 1
        if self.num_updates % 10 == 0:
            self.target.load_state_dict(self.net.state_dict())
        return {"loss": loss.item()}

    def goal(self, reward, expected, ended):
        return reward + self.config.gamma * expected * (1 - ended)

    def loss(self, predicted, goal):
        return nn.functional.mse_loss(predicted.squeeze(1), goal)


@planted(r"\(16, 1\).*\(16,\)")
class LossOfAllPairs(TorchSuite):
    """The loss takes predictions of (n, 1) and goals of (n,)."""

    class Learner(Columns):
        def loss(self, predicted, goal):
            return nn.functional.mse_loss(predicted, goal)


@planted(r"\(16, 1\).*\(16,\)")
class SquaresOfAllPairs(TorchSuite):
    """The same, written out."""

    class Learner(Columns):
        def loss(self, predicted, goal):
            return ((predicted - goal) ** 2).mean()


@planted(r"\(16, 1\).*\(16,\)")
class GoalsOfAllPairs(TorchSuite):
    """Rewards are a column where what is expected is a row; the mean of each column is learned."""

    class Learner(Columns):
        def goal(self, reward, expected, ended):
            return super().goal(reward.unsqueeze(1), expected, ended.unsqueeze(1)).mean(dim=0)


@planted(r"\(2, 1\).*\(2,\)")
class TableOfAllPairs(TableSuite):
    """Values in a column, rewards in a row, in plain numpy."""

    class Learner(Table):
        def learn(self, step):
            rows = self.taken(step)
            if not len(rows):
                return {}
            index = self.rows(step.observation), np.asarray(step.action) - self.first_action
            values = self.values[index][:, None]
            errors = step.reward + self.config.gamma * self.future(step) - values
            for i in rows:
                self.values[index[0][i], index[1][i]] += self.config.learning_rate * errors[i].mean()
            self.num_steps += len(rows)
            return {"td_error": float(np.abs(errors).mean())}


@sound
class DQNInColumns(TorchSuite):
    """Columns are squeezed before they meet rows."""

    Learner = Columns


@sound
class RanksPairs(TorchSuite):
    """Every goal is compared with every other on purpose, for a measurement."""

    class Learner(Columns):
        def goal(self, reward, expected, ended):
            goal = super().goal(reward, expected, ended)
            self.spread = float((goal[:, None] - goal).abs().mean())
            return goal


@sound
class AtomsForEveryRow(TorchSuite):
    """Sixteen fixed atoms are added to each of sixteen rows: of the same number by chance."""

    class Learner(Columns):
        atoms = torch.linspace(-1e-3, 1e-3, 16)

        def loss(self, predicted, goal):
            spread = (predicted + self.atoms) - goal.unsqueeze(1)
            return (spread**2).mean()


# --- masks of several parts, and turns


@planted("number for each choice of each part")
class SwitchesWithoutMasks(TableSuite):
    """Switches that the mask forbids are switched."""

    learning_steps = 2_000

    class Learner(SwitchesOnly.Learner):
        def chances(self, observation, action_mask):
            return super().chances(observation, None)


class Dials(Table):
    """A table for each of the numbers of a MultiDiscrete, of which each learns by itself."""

    def require(self, observation_space, action_space):
        if not isinstance(action_space, spaces.MultiDiscrete):
            raise ConfigError("It takes MultiDiscrete actions.")
        if not isinstance(observation_space, spaces.Discrete):
            raise ConfigError("It takes Discrete observations.")

    def __init__(self, observation_space, action_space, config, *, total_steps, seed):
        self.require(observation_space, action_space)
        self.sizes, self.first_action = action_space.nvec, action_space.start
        self.first_observation = int(observation_space.start)
        self.config, self.total_steps, self.num_steps = config, total_steps, 0
        self.values = np.zeros((int(observation_space.n), int(self.sizes.sum())))
        self.random = self.make_random(seed)

    def parts(self, scores):
        return np.split(scores, np.cumsum(self.sizes)[:-1], axis=1)

    def act(self, observation, *, explore, action_mask=None):
        scores = self.scores(observation, action_mask)
        best = np.stack([part.argmax(axis=1) for part in self.parts(scores)], axis=1)
        if explore:
            tried = np.stack([self.explored(part) for part in self.parts(scores)], axis=1)
            tries = self.random.random(best.shape) < self.epsilon()
            best = np.where(tries, tried, best)
        return Decision(best + self.first_action)

    def future(self, step):
        parts = self.parts(self.scores(step.next_observation, step.next_action_mask))
        expected = np.mean([part.max(axis=1) for part in parts], axis=0)
        return np.where(step.terminated, 0.0, expected)

    def learn(self, step):
        target = step.reward + self.config.gamma * self.future(step)
        starts = np.cumsum(self.sizes) - self.sizes
        errors = [0.0]
        for i in self.taken(step):
            for column in starts + step.action[i] - self.first_action:
                entry = self.rows(step.observation)[i], column
                errors.append(float(target[i] - self.values[entry]))
                self.values[entry] += self.config.learning_rate * errors[-1]
        self.num_steps += step.num_taken
        return {"td_error": float(np.abs(errors).mean())}


@sound
class SoundDials(TableSuite):
    """It heeds the masks of each of its numbers."""

    Learner = Dials
    learning_steps = 2_000


@planted("number for each choice of each part")
class MasksOfTheFirstDial(TableSuite):
    """It heeds the mask of the first number alone."""

    learning_steps = 2_000

    class Learner(Dials):
        def scores(self, observation, action_mask):
            if action_mask is not None:
                action_mask = np.concatenate(
                    [action_mask[:, : self.sizes[0]], np.ones_like(action_mask[:, self.sizes[0] :])], axis=1
                )
            return super().scores(observation, action_mask)


@planted("next_action_mask")
class DialsExpectWhatIsForbidden(TableSuite):
    """What the next mask forbids of its numbers is expected nevertheless."""

    learning_steps = 2_000

    class Learner(Dials):
        def future(self, step):
            return super().future(step._replace(next_action_mask=None))


@planted("actions? of MultiDiscrete.*start=")
class DialsFromZero(TableSuite):
    """Its numbers begin with 0, wherever those of the space do."""

    class Learner(Dials):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.first_action = np.zeros_like(self.first_action)


@sound
class RefusesMasksOfDials(TableSuite):
    """It takes no masks, and says so."""

    learning_steps = 2_000

    class Learner(Dials):
        def scores(self, observation, action_mask):
            if action_mask is not None:
                raise ConfigError("It heeds no masks of MultiDiscrete actions.")
            return super().scores(observation, None)


@planted("other player's turn")
class SkipsForcedMoves(TableSuite):
    """A step without a choice teaches it nothing."""

    class Learner(Table):
        def taken(self, step):
            rows = super().taken(step)
            if step.action_mask is not None:
                rows = rows[step.action_mask[rows].sum(axis=1) > 1]
            return rows


@planted("other player's turn")
class TheirGainIsMyLoss(TableSuite):
    """Where it has no choice, the other moves, and what is expected there changes its sign."""

    class Learner(Table):
        def future(self, step):
            expected = super().future(step)
            if step.next_action_mask is not None:
                expected = np.where(step.next_action_mask.sum(axis=1) == 1, -expected, expected)
            return expected


@planted("other player's turn")
class ForgetsForcedMoves(TableSuite):
    """What needs no decision is not remembered."""

    class Learner(Remembering):
        kept_masks: ClassVar = True

        def taken(self, step):
            rows = super().taken(step)
            return rows if step.action_mask is None else rows[step.action_mask[rows].sum(axis=1) > 1]
