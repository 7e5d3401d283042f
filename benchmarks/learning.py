"""How well the presets learn: every one of them over five seeds, as a table and as curves.

    python benchmarks/learning.py                       # everything that is still missing
    python benchmarks/learning.py CartPole-v1           # the rows of one environment
    python benchmarks/learning.py CartPole-v1:ppo       # one row
    python benchmarks/learning.py --no-training --document docs/learning.md

Trains what `csai train ID --seed N` trains, for N from 0 to 4, one process and one thread, then lets each
agent play 100 games without exploring, from other seeds. Runs are kept below `--runs`, so that a
benchmark that was stopped goes on where it was. Prints the table: the mean over the seeds, the lowest and the
highest of them, and the CPU-seconds of a training. Where Gymnasium tells the rules of a game
(`env.unwrapped.P`), the policy is also judged exactly, beside the one that value iteration finds.
`--document` writes tables and pictures into a page; where rows are named, only their lines.
"""

from __future__ import annotations

import argparse
import functools
import json
import re
import shutil
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from csai_core import presets
from csai_core.environments import register_envs
from csai_core.errors import UnknownNameError
from csai_train.algorithms.registry import configure
from csai_train.environments.make import make_single, specify
from csai_train.errors import RunError
from csai_train.evaluation.evaluate import evaluate
from csai_train.runs.figures import COLORS, FAINT, INK, short
from csai_train.runs.run import Run
from csai_train.runs.running_means import episodes_of
from csai_train.training.train import resume, train

SEEDS = range(5)
GAMES = 100
LONGEST = 4_000_000
"""Steps of a training that is made although its row is not named."""
SMALLEST_EPISODE = 20
"""How long an episode of a smallest training is at most, so that each environment has two."""
FIRST_GAME = 1_000_000
"""Seed of the first game that an agent is judged by, far from those it was trained in."""
GOALS = {
    "CartPole-v1": 475,
    "CSAI/CartPole-v0": 475,
    "Acrobot-v1": -90,
    "MountainCar-v0": -110,
    "MountainCarContinuous-v0": 90,
    "Pendulum-v1": -200,
    "InvertedPendulum-v5": 950,
    "LunarLander-v3": 200,
    "CliffWalking-v1": -13,
    "CSAI/Catch-v0": 1,
    "CSAI/FrozenLake-v0": 1,
    "CSAI/Maze-v0": 0.91,
    "CSAI/Snake-v0": 30,
}
"""What counts as learned: Gymnasium's own threshold, the published score, or the best there is."""
BY_SCORE = {"CSAI/Snake-v0": "apples", "CSAI/Flappy-v0": "pipes"}
"""Games whose own score says more than the sum of the rewards."""


@dataclass(frozen=True)
class Row:
    """One preset, and where its runs are."""

    environment: str
    preset: presets.Preset
    runs: Path

    @property
    def name(self) -> str:
        """As it is asked for on the command line."""
        return f"{self.environment}:{self.preset.name}"

    def run_dir(self, seed: int) -> Path:
        """Where the run of a seed is kept."""
        return self.runs / f"{re.sub(r'[^A-Za-z0-9]+', '-', self.name)}-{seed}"

    def results(self) -> list[dict[str, Any]]:
        """What the finished runs of the seeds brought."""
        files = [self.run_dir(seed) / "learning.json" for seed in SEEDS]
        return [json.loads(file.read_text()) for file in files if file.exists()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ID[:PRESET]")
    parser.add_argument("--runs", type=Path, default=Path("runs/learning"), metavar="FOLDER")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), metavar="N", help="train only the first N")
    parser.add_argument("--no-training", action="store_true", help="only show what there is")
    parser.add_argument("--document", type=Path, metavar="FILE", help="the page to write the tables into")
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    options = parser.parse_args()
    register_envs()
    every = [
        Row(environment, preset, options.runs) for environment, preset in presets.all_presets("csai_train")
    ]
    if unknown := {*options.rows} - {name for row in every for name in (row.environment, row.name)}:
        parser.error(f"there is no {', '.join(unknown)}; there is {', '.join(row.name for row in every)}")
    rows = [row for row in every if not options.rows or {row.environment, row.name} & set(options.rows)]
    wanted = [row for row in rows if options.rows or row.preset.total_steps <= LONGEST]
    for row in [] if options.no_training else filter(is_installed, wanted):
        for seed in range(1 if options.smallest else options.seeds):
            learn(row, seed, is_smallest=options.smallest)
    tables = [learning_table(rows), exact_table(rows)]
    print("\n\n".join(tables))
    if options.document:
        write_tables(options.document, tables, every)
        if not options.rows:
            draw_pictures(options.document.parent / "images", rows)


# --- training


def is_installed(row: Row) -> bool:
    """Whether there is all that an environment needs, such as LunarLander's Box2D; says what is missing."""
    try:
        specify(row.environment, row.preset.environment, row.preset.wrappers)
    except UnknownNameError as error:
        print(f"{row.name} is left out. {error}")
        return False
    except RunError as error:
        if not isinstance(error.__cause__, gymnasium.error.DependencyNotInstalled):
            raise
        print(f"{row.name} is left out. {error}")
        return False
    return True


def learn(row: Row, seed: int, *, is_smallest: bool) -> None:
    """Train one seed and judge what came of it, unless that is done."""
    run_dir = row.run_dir(seed)
    result_file = run_dir / "learning.json"
    if result_file.exists():
        return
    started, is_new = time.process_time(), not (run_dir / "config.json").exists()
    if is_new:
        shutil.rmtree(run_dir, ignore_errors=True)
        environment, total_steps = shortened(row) if is_smallest else (row.environment, None)
        training = train(
            row.preset.algorithm,
            environment,
            total_steps=total_steps,
            preset=row.preset.name,
            seed=seed,
            run_dir=run_dir,
        )
    elif Run.open(run_dir).steps_taken() < row.preset.total_steps:
        training = resume(run_dir)
    else:
        training = None
    if training is not None and not training.is_complete:
        raise SystemExit(f"{run_dir} was stopped; the same command goes on with it.")
    seconds = time.process_time() - started
    result = evaluate(run_dir, episodes=1 if is_smallest else GAMES, seed=FIRST_GAME)
    score = result.mean_score if row.environment in BY_SCORE else None
    judged = {
        "mean": result.mean_return if score is None else score,
        "exact": exact_return(row, Run.open(run_dir)),
        # Of a training that was continued, only the last part would have been counted.
        "cpu_seconds": seconds if is_new else None,
    }
    result_file.write_text(json.dumps(judged))
    print(f"{row.name} seed {seed}: {judged['mean']:.2f}, {seconds:.0f} CPU-seconds", flush=True)


def shortened(row: Row) -> tuple[EnvSpec, int]:
    """The environment with short episodes, and how many steps bring two of them in each, and an update."""
    options = {**row.preset.environment, "max_episode_steps": SMALLEST_EPISODE}
    spec = specify(row.environment, options, row.preset.wrappers)
    config = configure(row.preset.algorithm, row.preset.config)
    waiting = getattr(config, "learning_starts", 0) + getattr(config, "train_every", 1)
    rounds = max(2 * SMALLEST_EPISODE, getattr(config, "num_steps", 1), -(-waiting // config.num_envs))
    return spec, rounds * config.num_envs


# --- exact answers, where the rules are known


@functools.cache
def rules(environment: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None:
    """Transition probabilities (state, action, next state), mean rewards, and where episodes start.

    A step that ends the game leads nowhere. None where an environment does not tell.
    """
    env = make_single(specify(environment))
    table = getattr(env.unwrapped, "P", None)
    if table is None or not hasattr(env.unwrapped, "initial_state_distrib"):
        return None
    shape = len(table), int(env.action_space.n)  # type: ignore[attr-defined]
    chances, rewards = np.zeros((*shape, shape[0])), np.zeros(shape)
    for state, actions in table.items():
        for action, outcomes in actions.items():
            for chance, next_state, reward, is_over in outcomes:
                rewards[state, action] += chance * reward
                chances[state, action, next_state] += chance * (not is_over)
    return chances, rewards, np.array(env.unwrapped.initial_state_distrib)  # type: ignore[attr-defined]


def value_iteration(environment: str, gamma: float) -> NDArray[np.int64]:
    """The best action in each state (Sutton and Barto 2018, section 4.4)."""
    known = rules(environment)
    if known is None:
        raise SystemExit(f"{environment} does not tell its rules.")
    chances, rewards, _ = known
    values = np.zeros(len(rewards))
    while True:
        action_values = rewards + gamma * chances @ values
        change = np.abs(action_values.max(axis=1) - values).max()
        values = action_values.max(axis=1)
        if change < 1e-10:
            best: NDArray[np.int64] = action_values.argmax(axis=1)
            return best


def return_of(environment: str, actions: NDArray[np.int64]) -> float:
    """The return to expect of an episode, undiscounted, when acting so until the time limit."""
    known = rules(environment)
    limit = gymnasium.spec(environment).max_episode_steps or 1_000
    if known is None:
        raise SystemExit(f"{environment} does not tell its rules.")
    chances, rewards, start = known
    states = np.arange(len(rewards))
    values = np.zeros(len(rewards))
    for _ in range(limit):
        values = rewards[states, actions] + chances[states, actions] @ values
    return float(start @ values)


def exact_return(row: Row, run: Run) -> float | None:
    """The return to expect of a run's agent; None where the rules are not known."""
    known = rules(row.environment)
    if known is None:
        return None
    agent, count = run.agent(), len(known[1])
    mask_of = getattr(make_single(run.environment).unwrapped, "action_mask", None)
    masks = [None if mask_of is None else mask_of(state) for state in range(count)]
    actions = [agent.get_allowed_action(state, mask) for state, mask in enumerate(masks)]
    return return_of(row.environment, np.array(actions))


# --- showing


def learning_table(rows: Sequence[Row]) -> str:
    """What every row reached, as a Markdown table."""
    lines = [
        "| environment | algorithm | steps | goal | mean | lowest | highest | CPU-seconds |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        results = row.results()
        if not results:
            if row.preset.result:
                lines.append(_told_by_preset(row))
            continue
        means = [result["mean"] for result in results]
        seconds = [each for result in results if (each := result["cpu_seconds"]) is not None]
        cells = [
            row.environment,
            shown(row.preset),
            f"{row.preset.total_steps:,}",
            f"{goal:,}" if (goal := GOALS.get(row.environment)) is not None else "",
            *(f"{value:,.2f}" for value in (statistics.mean(means), min(means), max(means))),
            f"{statistics.mean(seconds):.0f}" if seconds else "",
        ]
        unit = BY_SCORE.get(row.environment)
        cells[4] += f" {unit}" if unit else ""
        if len(means) < len(SEEDS):
            cells[4] += f" ({len(means)} seed{'s' * (len(means) > 1)})"
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def shown(preset: presets.Preset) -> str:
    """A preset's algorithm, and its own name where it has one."""
    return preset.name if preset.name == preset.algorithm else f"{preset.algorithm}, {preset.name}"


def _told_by_preset(row: Row) -> str:
    """The line of a preset that was not trained here: what it says of itself."""
    steps = f"{row.preset.total_steps:,}"
    goal = f"{GOALS[row.environment]:,}" if row.environment in GOALS else ""
    return f"| {row.environment} | {shown(row.preset)} | {steps} | {goal} | {row.preset.result} | | | |"


def exact_table(rows: Sequence[Row]) -> str:
    """The exact return of learned policies beside that of value iteration, as a Markdown table."""
    lines = [
        "| environment | value iteration | mean | lowest | highest |",
        "|---|--:|--:|--:|--:|",
    ]
    for row in rows:
        found = [result["exact"] for result in row.results() if result["exact"] is not None]
        if found:
            best = value_iteration(row.environment, row.preset.config["gamma"])
            values = return_of(row.environment, best), statistics.mean(found), min(found), max(found)
            lines.append(f"| {row.environment} | {' | '.join(f'{value:.3f}' for value in values)} |")
    return "\n".join(lines)


def write_tables(page: Path, tables: Sequence[str], every: Sequence[Row]) -> None:
    """Put what was measured between the page's marks, in the presets' order; other lines there stay."""
    text = page.read_text()
    orders = (
        [(row.environment, shown(row.preset)) for row in every],
        [(row.environment,) for row in every],
    )
    for name, table, order in zip(("learning", "exact"), tables, orders, strict=True):
        before, start, rest = text.partition(f"<!-- {name} -->\n")
        there, end, after = rest.partition(f"<!-- end of {name} -->")
        old, new = (
            {_cells(line)[: len(order[0])]: line for line in each.splitlines()} for each in (there, table)
        )
        measured = {key: line for key, line in new.items() if _cells(line)[-2]}
        lines = {**new, **old, **measured}
        chosen = [lines[key] for key in dict.fromkeys(order) if key in lines]
        shown_lines = "\n".join((*table.splitlines()[:2], *chosen))
        text = f"{before}{start}{shown_lines}\n{end}{after}"
    page.write_text(text)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|").split("|"))


def draw_pictures(folder: Path, rows: Sequence[Row]) -> None:
    """Draw the curves of csai's own games, and those of the others."""
    learned = [row for row in rows if row.results()]
    ours = [row for row in learned if row.environment.startswith("CSAI/")]
    draw([row for row in learned if row not in ours], folder / "learning-gymnasium.png")
    draw(ours, folder / "learning-csai.png")


_ALGORITHMS = ("ppo", "deep_q_learning", "q_learning", "a2c", "reinforce")
_COLUMNS, _POINTS = 3, 300


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw a panel for each environment: the mean of the seeds in a band from the lowest to the highest."""
    environments = list(dict.fromkeys(row.environment for row in rows))
    if not environments:
        return
    height = -(-len(environments) // _COLUMNS)
    figure = Figure(figsize=(4 * _COLUMNS, 2.7 * height), dpi=110, layout="constrained")
    panels = figure.subplots(height, _COLUMNS, squeeze=False).ravel()
    for panel in panels[len(environments) :]:
        panel.set_axis_off()
    for panel, environment in zip(panels, environments, strict=False):
        _prepare(panel, environment)
        for row in rows:
            if row.environment == environment:
                _draw_row(panel, row)
        panel.set_xlim(left=0)
        panel.legend(frameon=False, fontsize=8, loc="lower right", labelcolor=INK)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path)


def _prepare(panel: Axes, environment: str) -> None:
    panel.set_title(environment, loc="left", color=INK, fontsize=10, fontweight="bold")
    panel.set_xlabel("steps", color=INK, fontsize=8)
    panel.set_ylabel(BY_SCORE.get(environment, "return"), color=INK, fontsize=8)
    panel.grid(axis="y", color=FAINT, alpha=0.4)
    panel.spines[["top", "right"]].set_visible(False)
    panel.spines[["left", "bottom"]].set_color(FAINT)
    panel.tick_params(color=FAINT, labelcolor=INK, labelsize=8)
    panel.xaxis.set_major_locator(MaxNLocator(nbins=5))
    panel.xaxis.set_major_formatter(lambda value, _: short(value))
    panel.margins(x=0.01)
    if environment in GOALS:
        panel.axhline(GOALS[environment], color=INK, linewidth=0.8, linestyle=(0, (4, 4)), alpha=0.6)


def _draw_row(panel: Axes, row: Row) -> None:
    curves = [_curve(row, seed) for seed in SEEDS if (row.run_dir(seed) / "learning.json").exists()]
    first = max(steps[0] for steps, _ in curves)
    grid = np.linspace(first, min(steps[-1] for steps, _ in curves), _POINTS)
    values = np.array([np.interp(grid, steps, means) for steps, means in curves])
    color = dict(zip(_ALGORITHMS, COLORS, strict=False)).get(row.preset.name, INK)
    panel.fill_between(grid, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2, linewidth=0)
    panel.plot(grid, values.mean(axis=0), color=color, linewidth=1.8, label=shown(row.preset))


def _curve(row: Row, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The steps at which episodes of the training ended, and the mean of the last 100."""
    name = "score" if row.environment in BY_SCORE else "return"
    episodes = episodes_of(Run.open(row.run_dir(seed)), name)
    if episodes is None:
        raise RunError(f"{row.run_dir(seed)} has no {name} of every episode.")
    return episodes.mean()


if __name__ == "__main__":
    main()
