"""Train every algorithm well and badly, and keep its curves: python docs/make_curves.py.

Each is trained in a small game with the game's preset, three times where that is cheap, and once with a
setting that makes it ill. What was measured goes into docs/website/curves, from which the algorithm's page
draws it, in the colors of the page. All of them take a quarter of an hour on one core; those that are named,
less.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from csai_train import Run, train
from csai_train.runs.running_means import episodes_of

FOLDER = Path(__file__).parent / "website" / "curves"
POINTS = 50
"""Of a curve; of measurements, each is the mean of those since the one before."""
WINDOW = 20
"""Over how many episodes a return is the mean of, at most."""


class Trial(NamedTuple):
    """What is trained."""

    environment: str
    total_steps: int
    seeds: int
    """How many trainings with the preset."""
    illness: dict[str, Any]
    """What is set otherwise in the training that goes wrong, which has seed 0."""
    measure: str
    """What is shown beside the return."""


TRIALS = {
    "q_learning": Trial("Taxi-v4", 40_000, 3, {"epsilon_start": 1.0, "epsilon_end": 0.9}, "td_error"),
    "deep_q_learning": Trial("CSAI/Catch-v0", 10_000, 3, {"learning_rate": 0.1}, "value"),
    "reinforce": Trial("CartPole-v1", 60_000, 3, {"learning_rate": 0.1}, "entropy"),
    "a2c": Trial("CartPole-v1", 100_000, 3, {"learning_rate": 0.03}, "entropy"),
    "ppo": Trial("CartPole-v1", 60_000, 3, {"learning_rate": 0.25}, "kl"),
    "sac": Trial("Pendulum-v1", 8_000, 1, {"learning_rate": 0.1}, "value"),
    "td3": Trial("Pendulum-v1", 8_000, 1, {"learning_rate": 0.1}, "value"),
}


def curves(name: str, trial: Trial) -> dict[str, Any]:
    """Train, and give what the page draws: a series for each seed and one of the illness, in each panel."""
    healthy = [measured(name, trial, seed, {}) for seed in range(trial.seeds)]
    ill = measured(name, trial, 0, trial.illness)
    return {
        "environment": trial.environment,
        "steps": trial.total_steps,
        "illness": trial.illness,
        "rules": ill["rules"],
        "panels": {
            panel: {"healthy": [each[panel] for each in healthy], "ill": ill[panel]}
            for panel in ("mean_return", trial.measure)
        },
    }


def measured(name: str, trial: Trial, seed: int, config: dict[str, Any]) -> dict[str, Any]:
    """What a training's episodes brought and its updates measured, and which rules of health have spoken."""
    with tempfile.TemporaryDirectory() as folder:
        training = train(
            name,
            trial.environment,
            total_steps=trial.total_steps,
            seed=seed,
            config=config,
            run_dir=f"{folder}/run",
        )
        with open(f"{folder}/run/metrics.csv", encoding="utf-8", newline="") as file:
            column = [row[trial.measure] for row in csv.DictReader(file)]
        returns = returns_of(Run.open(f"{folder}/run"), trial.total_steps)
    rules = [finding.rule for finding in training.findings]
    return {"mean_return": returns, trial.measure: thinned(column), "rules": rules}


def returns_of(run: Run, total_steps: int) -> list[float | None]:
    """The running mean of a run's returns at evenly spaced steps; None before enough episodes had ended."""
    episodes = episodes_of(run, "return")
    if episodes is None:
        return []
    steps, means = episodes.mean(min(WINDOW, episodes.window))
    places = np.linspace(total_steps / POINTS, total_steps, POINTS)
    values = np.interp(places, steps, means)
    return [
        float(f"{value:.4g}") if at >= steps[0] else None for at, value in zip(places, values, strict=True)
    ]


def thinned(column: Sequence[str]) -> list[float | None]:
    """A column as a few means, to four digits; None where nothing was measured."""
    numbers = np.array([float(cell) if cell else np.nan for cell in column])
    parts = np.array_split(numbers, min(POINTS, len(numbers)))
    return [float(f"{np.nanmean(part):.4g}") if np.isfinite(part).any() else None for part in parts]


def main() -> None:
    """Train the algorithms that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("algorithms", nargs="*", metavar="NAME", help=", ".join(TRIALS))
    parser.add_argument(
        "--smallest", action="store_true", help="one algorithm, hardly trained; nothing is kept"
    )
    options = parser.parse_args()
    for name in options.algorithms or (["q_learning"] if options.smallest else TRIALS):
        trial = TRIALS[name]._replace(**({"total_steps": 500, "seeds": 1} if options.smallest else {}))
        text = json.dumps(curves(name, trial), separators=(",", ":"))
        if not options.smallest:
            FOLDER.mkdir(exist_ok=True)
            (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
        print(f"{name}: {len(text):,} bytes")


if __name__ == "__main__":
    main()
