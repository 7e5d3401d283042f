"""A sound DQN, written in torch as one naturally would, and faults that only such algorithms have."""

from __future__ import annotations

from collections import deque

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from torch import nn

from csai_core.algorithm import Algorithm, Decision
from csai_core.errors import ConfigError
from planted.algorithms.table import AheadConfig, TableSuite
from planted.specimens import planted, sound


class DQN(Algorithm):
    """Deep Q-learning for any observations that can be flattened, and Discrete actions."""

    def __init__(self, observation_space, action_space, config, *, total_steps, seed):
        if not isinstance(action_space, spaces.Discrete):
            raise ConfigError(f"DQN takes Discrete actions, and not {action_space}.")
        self.observation_space, self.action_space = observation_space, action_space
        self.config, self.total_steps, self.num_steps, self.num_updates = config, total_steps, 0, 0
        self.generator = self.make_generator(seed)
        self.random = np.random.default_rng(seed)
        self.net, self.target = self.make_net(seed), self.make_net(seed)
        self.target.load_state_dict(self.net.state_dict())
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-2)
        self.memory = deque(maxlen=500)

    def make_generator(self, seed):
        return torch.Generator().manual_seed(seed)

    def make_net(self, seed):
        size = gymnasium.spaces.flatdim(self.observation_space)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return nn.Sequential(nn.Linear(size, 32), nn.Tanh(), nn.Linear(32, int(self.action_space.n)))

    def tensor(self, observation):
        space = self.observation_space
        rows = [gymnasium.spaces.flatten(space, each) for each in _unstacked(space, observation)]
        return torch.as_tensor(np.array(rows), dtype=torch.float32)

    def act(self, observation, *, explore, action_mask=None):
        with torch.no_grad():
            values = self.net(self.tensor(observation))
            if action_mask is not None:
                values[torch.as_tensor(action_mask) == 0] = -torch.inf
            actions = values.argmax(dim=1)
            if explore:
                epsilon = max(0.1, 1 - 2 * self.num_steps / self.total_steps)
                noise = torch.rand(values.shape, generator=self.generator)
                noise[values.isinf()] = -1
                tries = torch.rand(len(values), generator=self.generator) < epsilon
                actions = torch.where(tries, noise.argmax(dim=1), actions)
        return Decision(actions.numpy() + int(self.action_space.start))

    def learn(self, step):
        observation, following = self.tensor(step.observation), self.tensor(step.next_observation)
        for i in range(len(step.reward)):
            if step.is_reset is None or not step.is_reset[i]:
                mask = None if step.next_action_mask is None else torch.tensor(step.next_action_mask[i])
                action = int(step.action[i]) - int(self.action_space.start)
                reward, ended = float(step.reward[i]), bool(step.terminated[i])
                self.memory.append(
                    (observation[i].clone(), action, reward, ended, following[i].clone(), mask)
                )
        self.num_steps += step.num_taken
        return self.update() if len(self.memory) >= 16 else {}

    def update(self):
        chosen = [self.memory[i] for i in self.random.integers(len(self.memory), size=16)]
        observation, action, reward, ended, following, mask = zip(*chosen, strict=True)
        with torch.no_grad():
            expected = self.expected(torch.stack(following), mask)
            goal = torch.tensor(reward) + self.config.gamma * expected * (1 - torch.tensor(ended).float())
        predicted = self.net(torch.stack(observation))[range(16), list(action)]
        loss = nn.functional.mse_loss(predicted, goal)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.num_updates += 1
        if self.num_updates % 10 == 0:
            self.target.load_state_dict(self.net.state_dict())
        return {"loss": loss.item()}

    def expected(self, following, mask):
        values = self.target(following)
        for i, allowed in enumerate(mask):
            if allowed is not None:
                values[i, allowed == 0] = -torch.inf
        return values.max(dim=1).values

    def state_dict(self):
        return {
            "net": self.net.state_dict(),
            "target": self.target.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "memory": deque(self.memory, maxlen=500),
            "counts": (self.num_steps, self.num_updates),
            "generators": {"torch": self.generator.get_state(), "numpy": self.random.bit_generator.state},
        }

    def load_state_dict(self, state):
        self.net.load_state_dict(state["net"])
        self.target.load_state_dict(state["target"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.memory = deque(state["memory"], maxlen=500)
        self.num_steps, self.num_updates = state["counts"]
        self.generator.set_state(state["generators"]["torch"])
        self.random.bit_generator.state = state["generators"]["numpy"]


def _unstacked(space, batch):
    if isinstance(space, spaces.Dict):
        parts = {name: _unstacked(each, batch[name]) for name, each in space.spaces.items()}
        return [dict(zip(parts, row, strict=True)) for row in zip(*parts.values(), strict=True)]
    if isinstance(space, spaces.Tuple):
        parts = [_unstacked(each, part) for each, part in zip(space.spaces, batch, strict=True)]
        return list(zip(*parts, strict=True))
    return list(batch)


class TorchSuite(TableSuite):
    """Checks a DQN."""

    config_type = AheadConfig
    Learner = DQN
    learning_steps = 1_000


@sound
class NaturalDQN(TorchSuite):
    """DQN with the states of network, optimizer, generators and memory as torch gives them."""


@planted("global|torch")
class SeedsTorch(TorchSuite):
    """It seeds torch for everybody."""

    class Learner(DQN):
        def make_net(self, seed):
            torch.manual_seed(seed)
            size = gymnasium.spaces.flatdim(self.observation_space)
            return nn.Linear(size, int(self.action_space.n))


@planted("global|torch")
class WeightsByChance(TorchSuite):
    """First weights come from torch's global generator."""

    class Learner(DQN):
        def make_net(self, seed):
            size = gymnasium.spaces.flatdim(self.observation_space)
            return nn.Linear(size, int(self.action_space.n))


@planted("threads")
class SetsThreads(TorchSuite):
    """It sets with how many threads torch computes, for everybody."""

    class Learner(DQN):
        def make_generator(self, seed):
            torch.set_num_threads(torch.get_num_threads() + 1)
            return super().make_generator(seed)


@planted("grad")
class SwitchesGradientsOff(TorchSuite):
    """It switches gradients off for everybody, to act, and on again to learn."""

    class Learner(DQN):
        def act(self, observation, *, explore, action_mask=None):
            torch.set_grad_enabled(False)
            return super().act(observation, explore=explore, action_mask=action_mask)

        def update(self):
            torch.set_grad_enabled(True)
            measured = super().update()
            torch.set_grad_enabled(False)
            return measured


@planted("dtype|float64")
class SetsDefaultType(TorchSuite):
    """It sets torch's default type of numbers for everybody."""

    class Learner(DQN):
        def make_generator(self, seed):
            torch.set_default_dtype(torch.float64)
            return super().make_generator(seed)

        def tensor(self, observation):
            return super().tensor(observation).double()


@planted("Sequential|of the type|state_dict")
class WholeNetwork(TorchSuite):
    """The state holds the network itself."""

    class Learner(DQN):
        def state_dict(self):
            return {**super().state_dict(), "net": self.net}


@planted("load_state_dict|went on|restored")
class TargetLost(TorchSuite):
    """The target network is not saved."""

    class Learner(DQN):
        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.target.load_state_dict(state["net"])


@planted("load_state_dict|went on|restored")
class OptimizerLost(TorchSuite):
    """The optimizer is not saved."""

    class Learner(DQN):
        def load_state_dict(self, state):
            fresh = torch.optim.Adam(self.net.parameters(), lr=1e-2).state_dict()
            super().load_state_dict({**state, "optimizer": fresh})


@planted("loss.*(tensor|number|float)|measure")
class MeasuresTensors(TorchSuite):
    """What it measures are tensors."""

    class Learner(DQN):
        def update(self):
            return {name: torch.tensor(value) for name, value in super().update().items()}


@planted("memory|leak|grow")
class KeepsGraphs(TorchSuite):
    """The losses of all updates are kept, with all that they were computed from."""

    class Learner(DQN):
        def update(self):
            observation = torch.stack([row[0] for row in [*self.memory][:4]])
            vars(self).setdefault("losses", []).append(self.net(observation).mean())
            return super().update()


@planted("explore=False|global generator of torch")
class DropsWhileActing(TorchSuite):
    """Dropout goes on while it acts as is best."""

    class Learner(DQN):
        def make_net(self, seed):
            net = super().make_net(seed)
            net.insert(2, nn.Dropout(0.5))
            return net


@planted("1 observation|one observation|batch of one|single|row|batch")
class NormalizesBatches(TorchSuite):
    """Batch norm in training mode looks at the others of the batch while it acts."""

    class Learner(DQN):
        def make_net(self, seed):
            net = super().make_net(seed)
            net.insert(1, nn.BatchNorm1d(32))
            return net


@planted("tensor|numpy|space|actions? of")
class ActsInTensors(TorchSuite):
    """Actions are tensors."""

    class Learner(DQN):
        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            return Decision(torch.as_tensor(decision.action))


class Aiming(Algorithm):
    """An actor and a critic for actions in a Box (DDPG, with the actor's noise), in torch."""

    def __init__(self, observation_space, action_space, config, *, total_steps, seed):
        if (
            not isinstance(action_space, spaces.Box)
            or not np.isfinite([action_space.low, action_space.high]).all()
        ):
            raise ConfigError(f"It takes actions in a bounded Box, and not {action_space}.")
        if not isinstance(observation_space, spaces.Box):
            raise ConfigError(f"It takes observations in a Box, and not {observation_space}.")
        self.config, self.space, self.num_steps, self.calls = config, action_space, 0, 0
        self.random = np.random.default_rng(seed)
        shape = int(np.prod(observation_space.shape)), int(np.prod(action_space.shape))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.actor = nn.Sequential(nn.Linear(shape[0], 16), nn.ReLU(), nn.Linear(16, shape[1]), nn.Tanh())
            self.critic = nn.Sequential(nn.Linear(sum(shape), 16), nn.ReLU(), nn.Linear(16, 1))
            self.target = nn.Sequential(nn.Linear(sum(shape), 16), nn.ReLU(), nn.Linear(16, 1))
        self.target.load_state_dict(self.critic.state_dict())
        self.optimizers = [torch.optim.Adam(net.parameters(), lr=1e-2) for net in (self.actor, self.critic)]
        self.memory = []

    def act(self, observation, *, explore, action_mask=None):
        with torch.no_grad():
            action = self.actor(self.flat(observation)).numpy()
        if explore:
            action = np.clip(action + 0.5 * self.random.normal(size=action.shape), -1, 1)
        low, high = self.space.low, self.space.high
        scaled = low + (action.reshape(-1, *low.shape) + 1) / 2 * (high - low)
        return Decision(np.clip(scaled, low, high).astype(self.space.dtype))

    def flat(self, observation):
        return torch.tensor(np.asarray(observation, np.float32).reshape(len(observation), -1))

    def learn(self, step):
        taken = np.ones(len(step.reward), bool) if step.is_reset is None else ~step.is_reset
        low, high = self.space.low, self.space.high
        action = (np.asarray(step.action) - low) / (high - low) * 2 - 1
        columns = (
            self.flat(step.observation),
            self.flat(action),
            torch.tensor(step.reward, dtype=torch.float32),
            torch.tensor(step.terminated, dtype=torch.float32),
            self.flat(step.next_observation),
        )
        self.memory += [
            row for row, is_step in zip(zip(*columns, strict=True), taken, strict=True) if is_step
        ]
        del self.memory[:-1_000]
        self.num_steps += step.num_taken
        self.calls += 1
        return self.update() if len(self.memory) >= 32 and self.calls % 2 == 0 else {}

    def update(self):
        chosen = [self.memory[i] for i in self.random.integers(len(self.memory), size=32)]
        observation, action, reward, ended, following = map(torch.stack, zip(*chosen, strict=True))
        with torch.no_grad():
            expected = self.target(torch.cat([following, self.actor(following)], 1))[:, 0]
            goal = reward + self.config.gamma * (1 - ended) * expected
        loss = nn.functional.mse_loss(self.critic(torch.cat([observation, action], 1))[:, 0], goal)
        value = -self.critic(torch.cat([observation, self.actor(observation)], 1)).mean()
        for optimizer, each in zip(self.optimizers, (value, loss), strict=True):
            optimizer.zero_grad()
            each.backward(retain_graph=each is value)
            if each is value:
                for parameter in self.critic.parameters():
                    parameter.grad = None
        for optimizer in self.optimizers:
            optimizer.step()
        with torch.no_grad():
            for old, new in zip(self.target.parameters(), self.critic.parameters(), strict=True):
                old.lerp_(new, 0.05)
        return {"loss": loss.item(), "value": -value.item()}

    def state_dict(self):
        nets = {"actor": self.actor, "critic": self.critic, "target": self.target}
        return {
            **{name: net.state_dict() for name, net in nets.items()},
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "memory": list(self.memory),
            "counts": (self.num_steps, self.calls),
            "random": self.random.bit_generator.state,
        }

    def load_state_dict(self, state):
        for name in ("actor", "critic", "target"):
            getattr(self, name).load_state_dict(state[name])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.memory = [tuple(row) for row in state["memory"]]
        self.num_steps, self.calls = state["counts"]
        self.random.bit_generator.state = state["random"]


@sound
class AimingInABox(TableSuite):
    """An actor and a critic for Boxes alone, from a memory, with their targets and optimizers."""

    config_type = AheadConfig
    Learner = Aiming
    learning_steps = 1_000


@planted("truncated|cut short")
class AimsShort(AimingInABox):
    """The same, with nothing expected after an episode that was only cut short."""

    class Learner(Aiming):
        def learn(self, step):
            return super().learn(step._replace(terminated=step.terminated | step.truncated))
