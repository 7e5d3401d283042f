"""A league: many agents of one game, each judged by the same games, and ranked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from csai_core import RandomAgent, storage
from csai_core.arguments import check_int, drawn_seed
from csai_core.errors import CsaiError
from csai_train.comparison.statistics import Floats
from csai_train.errors import RunError
from csai_train.evaluation.evaluate import evaluate
from csai_train.events import Evaluation, interval_of_mean
from csai_train.runs.figures import COLORS, FAINT, INK, SLATE, new_figure
from csai_train.runs.run import Run

RANDOM = "random actions"
_VIEW = "attributes"
"""The one option in which the environments of a league may differ: what an agent sees of the same game."""


@dataclass(frozen=True)
class Player:
    """An agent in a league, and how it has played."""

    name: str
    """Of its run, or `RANDOM`."""
    algorithm: str
    """Empty for random actions."""
    values: Floats
    """(episodes,), the same games for all."""

    @property
    def mean(self) -> float:
        """Over its games."""
        return float(self.values.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% confidence interval of the mean; both ends are NaN for one game."""
        return interval_of_mean(self.mean, float(self.values.std()), len(self.values))


@dataclass(frozen=True)
class League:
    """Agents by what they have reached, the best first."""

    environment: str
    """The id of the environment."""
    measure: str
    """What is compared: "score" where the game keeps one, or "return"."""
    players: Sequence[Player]
    passed_over: Sequence[str]
    """What could not be played, with the reason."""


def play_league(
    runs: Sequence[Run],
    *,
    episodes: int = 100,
    seed: int | None = None,
    watch: Callable[[str], None] | None = None,
) -> League:
    """Have the agents of some runs, and random actions, play the same games.

    Each plays in the environment of its own run, so that one may see the game otherwise than another. A run
    whose agent cannot play is passed over.

    Args:
        runs: of one game.
        episodes: how many games each plays.
        seed: game i starts from seed + i; None draws one.
        watch: told whose turn it is.

    Raises:
        ConfigError: if an argument cannot work.
        RunError: if there is no run, the games differ, or no agent can play.
    """
    episodes = check_int("play_league", "episodes", episodes, least=1)
    seed = drawn_seed("play_league", seed)
    if not runs:
        raise RunError("There are no runs for a league.")
    for run in runs[1:]:
        if _game_of(run) != _game_of(runs[0]):
            raise RunError(
                f"{run.path} was trained in {run.environment_id}, which is not the game of {runs[0].path}: "
                f"{_differing(_game_of(run), _game_of(runs[0]))}. A league is played in one game."
            )
    played: list[tuple[str, str, Evaluation]] = []
    passed_over = []
    for run in runs:
        if watch is not None:
            watch(run.path.name)
        try:
            found = evaluate(run, None, episodes, seed)
        except CsaiError as error:
            passed_over.append(f"{run.path}: {error}")
        else:
            if not played:
                agent = RandomAgent(run.spaces[1], seed=seed)
                played.append((RANDOM, "", evaluate(agent, run.environment, episodes, seed)))
            played.append((run.path.name, run.algorithm_name, found))
    if not played:
        raise RunError("No agent of these runs can play. " + " ".join(passed_over))
    has_scores = all(found.scores is not None for _, _, found in played)
    _require_same_rewards(runs, has_scores=has_scores)
    players = [
        Player(name, algorithm, np.asarray(found.scores if has_scores else found.returns, np.float64))
        for name, algorithm, found in played
    ]
    players.sort(key=lambda player: -player.mean)
    return League(runs[0].environment_id, "score" if has_scores else "return", players, passed_over)


def draw_league(league: League, path: Path) -> Path:
    """Draw a bar for each agent, the best above, with the interval of its mean."""
    players = [*reversed(league.players)]
    figure = new_figure(8, 0.4 * len(players) + 1.2)
    axis = figure.subplots()
    means = [player.mean for player in players]
    reach = np.array([np.abs(np.array(player.interval) - player.mean) for player in players]).T
    colors = [SLATE if player.name == RANDOM else COLORS[0] for player in players]
    axis.barh([player.name for player in players], means, color=colors, height=0.6)
    axis.errorbar(means, range(len(players)), xerr=np.nan_to_num(reach), fmt="none", ecolor=INK, capsize=3)
    axis.set_title(f"{league.environment}, {league.measure}", color=INK, loc="left", fontweight="bold")
    axis.grid(axis="x", color=FAINT, alpha=0.4)
    axis.set_axisbelow(True)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(color=FAINT, labelcolor=INK)
    with storage.replacement(path) as unfinished:
        figure.savefig(unfinished)
    return path


def _game_of(run: Run) -> dict[str, Any]:
    """What must be the same for all in a league."""
    environment = run.config["environment"]
    options = {name: value for name, value in environment["kwargs"].items() if name != _VIEW}
    return {"id": environment["id"], **options}


def _differing(one: dict[str, Any], other: dict[str, Any]) -> str:
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    return ", ".join(f"{name} {one.get(name)!r} and {other.get(name)!r}" for name in names)


def _require_same_rewards(runs: Sequence[Run], *, has_scores: bool) -> None:
    """Refuse to rank by returns that wrappers may have changed."""
    wrapped = {repr(run.config["environment"]["wrappers"]) for run in runs}
    if not has_scores and len(wrapped) > 1:
        raise RunError(
            "These runs have different wrappers (csai show RUN tells which), and the game keeps no score of "
            "its own: what they return cannot be compared. Train with the same --wrap."
        )
