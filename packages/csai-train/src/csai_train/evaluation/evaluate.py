"""Evaluation: how well an agent plays, over many episodes."""

from __future__ import annotations

import os
import warnings
from typing import Any, Protocol

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec

from csai_core import Agent, as_gymnasium, trees
from csai_core.arguments import check_bool, check_int, check_type, drawn_seed
from csai_core.episode_memory import EpisodeMemory
from csai_core.errors import ConfigError
from csai_core.play import Game, longest_episode
from csai_train.agent import TrainedAgent
from csai_train.environments.make import close, make_single, specify
from csai_train.errors import RunError, TrainingWarning
from csai_train.events import Evaluation
from csai_train.runs.run import Run
from csai_train.threads import limited_threads

_SIDE_BY_SIDE = 16
"""How many episodes a trained agent plays at a time, so that the network answers in batches."""

_PLACES = (str, EnvSpec, gymnasium.Env)


class Trained(Protocol):
    """What an agent is trained in, such as a `Run` or a `Training`."""

    @property
    def environment(self) -> EnvSpec | None:
        """Where the agent was trained, if that can be made again."""

    def agent(self) -> TrainedAgent:
        """The agent as it has learned so far."""


def evaluate(
    run_or_agent: str | os.PathLike[str] | Trained | Agent,
    environment: str | EnvSpec | gymnasium.Env[Any, Any] | None = None,
    episodes: int = 100,
    seed: int | None = None,
    *,
    sample: bool = False,
    max_episode_steps: int | None = None,
) -> Evaluation:
    """Let an agent play whole episodes, doing what it thinks best.

    Args:
        run_or_agent: a run or its directory, a training, or any agent.
        environment: where to play, also one that is written for the classic loop; None takes the one that the
            run was trained in.
        episodes: how many.
        seed: episode i starts from seed + i; None draws one, so that each evaluation differs.
        sample: whether a trained agent draws its actions from the policy it has learned, by the seed too.
        max_episode_steps: after how many steps an episode that has not ended is cut short, which a
            TrainingWarning says; None is 100,000, or the environment's own limit where that is later.

    Raises:
        RunError: if no environment is given and none is known.
        ConfigError: if `sample` is asked of an agent that knows no chances, but which action is best.
        SpaceError: if the environment shows something of another form than the agent was trained to observe.
    """
    episodes = check_int("evaluate", "episodes", episodes, 1)
    seed = drawn_seed("evaluate", seed)
    if max_episode_steps is not None:
        max_episode_steps = check_int("evaluate", "max_episode_steps", max_episode_steps, 1)
    environment = as_gymnasium(environment)
    check_type(
        "evaluate",
        "environment",
        environment,
        _PLACES,
        "an id, a specification or a Gymnasium environment",
        none=True,
    )
    check_bool("evaluate", "sample", sample)
    agent, known_environment = _player(run_or_agent)
    environment = known_environment if environment is None else environment
    if environment is None:
        raise RunError("evaluate needs an environment: evaluate(agent, 'CSAI/Snake-v0').")
    if sample:
        agent = _sampling(agent, seed)
    if isinstance(environment, gymnasium.Env):
        return _play_all(agent, [environment], episodes, seed, max_episode_steps)
    spec = specify(environment) if isinstance(environment, str) else environment
    count = min(episodes, _SIDE_BY_SIDE) if isinstance(agent, TrainedAgent) else 1
    envs = [make_single(spec) for _ in range(count)]
    try:
        return _play_all(agent, envs, episodes, seed, max_episode_steps)
    finally:
        for env in envs:
            close(env)


def _player(
    run_or_agent: str | os.PathLike[str] | Trained | Agent,
) -> tuple[Agent, EnvSpec | None]:
    """The agent to evaluate, and the environment it was trained in if that is known."""
    if isinstance(run_or_agent, Agent):
        return run_or_agent, None
    trained = Run.open(run_or_agent) if isinstance(run_or_agent, (str, os.PathLike)) else run_or_agent
    if not (hasattr(trained, "agent") and hasattr(trained, "environment")):
        raise ConfigError(
            f"evaluate was given {run_or_agent!r}; it must be a run or its folder, a training, or an agent."
        )
    return trained.agent(), trained.environment


def _sampling(agent: Agent, seed: int) -> TrainedAgent:
    if not isinstance(agent, TrainedAgent):
        raise ConfigError(
            f"sample=True was asked of {agent!r}; only agents made from a training have a policy to sample "
            "from. Leave sample out: the agent plays as it chooses itself."
        )
    return agent.sampling(seed)


@limited_threads(1)
def _play_all(
    agent: Agent,
    envs: list[gymnasium.Env[Any, Any]],
    episodes: int,
    seed: int,
    max_episode_steps: int | None,
) -> Evaluation:
    """Play episodes 0 to episodes - 1, each in the next environment that is free."""
    most_steps = longest_episode(envs[0]) if max_episode_steps is None else max_episode_steps
    returns, lengths = np.zeros(episodes), np.zeros(episodes, dtype=np.int64)
    scores = np.full(episodes, np.nan)
    players = _SideBySide(agent, len(envs)) if isinstance(agent, TrainedAgent) else None
    playing: dict[int, Game] = {}
    places: dict[int, int] = {}
    """Of each episode that is being played, in which environment."""
    free, started, num_cut = list(range(len(envs))), 0, 0
    while playing or started < episodes:
        while free and started < episodes:
            places[started] = free.pop()
            playing[started] = Game(envs[places[started]], seed + started, most_steps)
            started += 1
        games = list(playing.values())
        if players is None:
            actions = [game.choose(agent) for game in games]
        else:
            actions = players.choose(games, [places[number] for number in playing])
        for game, action in zip(games, actions, strict=True):
            game.step(action)
        for number in [number for number, game in playing.items() if game.is_over]:
            game, place = playing.pop(number), places.pop(number)
            returns[number], lengths[number] = game.total_reward, game.num_steps
            scores[number] = np.nan if game.score is None else game.score
            num_cut += game.is_cut
            if num_cut == game.is_cut == 1:
                _warn_of_limit(game, most_steps)
            if players is not None:
                players.forget(place)
            free.append(place)
    return Evaluation(returns, lengths, None if np.isnan(scores).any() else scores, num_cut)


def _warn_of_limit(game: Game, most_steps: int) -> None:
    spec = game.env.spec
    name = type(game.env.unwrapped).__name__ if spec is None else spec.id
    warnings.warn(
        f"A game of {name} has lasted {most_steps:,} steps and is cut short there, as others will be: "
        "its return counts as far as it was played. max_episode_steps (--max-episode-steps) sets another "
        "limit.",
        TrainingWarning,
        stacklevel=4,
    )


class _SideBySide:
    """A trained agent that plays several games at once, each with a memory of its own if it remembers.

    Args:
        agent: who plays.
        count: how many games there are at most; each has its place, from 0 on.
    """

    def __init__(self, agent: TrainedAgent, count: int) -> None:
        self._agent = agent
        self._memory = EpisodeMemory(agent.algorithm, count)
        self._count = count

    def choose(self, games: list[Game], places: list[int]) -> list[Any]:
        """An action in each game."""
        batch = self._agent.stack([game.observation for game in games])
        mask = self._agent.masks([game.info.get("action_mask") for game in games])
        rows = np.array(places)
        decision = self._agent.decide(batch, mask, **self._memory.given(rows))
        self._memory.keep(decision, rows)
        return trees.unstack(decision.action, len(games))

    def forget(self, place: int) -> None:
        """The game in a place is over."""
        self._memory.start_again(np.arange(self._count) == place)
