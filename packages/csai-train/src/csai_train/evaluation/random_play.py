"""What random actions bring in an environment: what every learning curve is to be compared with."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import numpy as np
from gymnasium.envs.registration import EnvSpec

from csai_core import RandomAgent
from csai_core.play import Game, longest_episode
from csai_core.shared_generators import generators_put_back
from csai_train.environments.make import close, make_single
from csai_train.events import Evaluation

SEED = 1_000_000
"""Of the first game that is judged by; no training uses such seeds by accident."""
MOST_GAMES = 100
_SECONDS, _MOST_SECONDS = 0.5, 2.0
"""After how long no new game is begun, and after how long one is given up that does not end."""


def play_at_random(
    spec: EnvSpec, *, seed: int, most_steps: int, clock: Callable[[], float] = time.monotonic
) -> Evaluation | None:
    """Let random actions play as many games as there is time for: half a second, and two at most.

    What all code of a process shares, Python's, numpy's and torch's generators, is left as it was, so that a
    training that begins afterwards is the same with and without.

    Args:
        spec: where to play; an environment of its own is made and closed.
        seed: of the actions; game i starts from the seed `SEED` + i.
        most_steps: after how many no new game is begun.
        clock: tells the time in seconds.

    Returns:
        What came of the games that ended, 100 at most; None where none did.

    Raises:
        CsaiError: if the environment cannot be made, or fails.
    """
    started_at = clock()
    games: list[Game] = []
    with generators_put_back(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the training will say it
        env = make_single(spec)
        try:
            agent = RandomAgent(env.action_space, seed=seed)
            while len(games) < MOST_GAMES and clock() < started_at + _SECONDS:
                game = Game(env, SEED + len(games), longest_episode(env))
                while not game.is_over and clock() < started_at + _MOST_SECONDS:
                    game.step(game.choose(agent))
                if not game.is_over:
                    break
                games.append(game)
                if sum(each.num_steps for each in games) >= most_steps:
                    break
        finally:
            close(env)
    return _evaluation(games) if games else None


def _evaluation(games: list[Game]) -> Evaluation:
    scores = [game.score for game in games if game.score is not None]
    return Evaluation(
        np.array([game.total_reward for game in games], np.float64),
        np.array([game.num_steps for game in games], np.int64),
        np.array(scores, np.float64) if len(scores) == len(games) else None,
        sum(game.is_cut for game in games),
    )
