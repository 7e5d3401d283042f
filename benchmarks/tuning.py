"""How far `csai tune` gets from bad settings: beside the preset's score, within 30 trials.

    python benchmarks/tuning.py                            # all three environments
    python benchmarks/tuning.py FrozenLake-v1              # one of them
    python benchmarks/tuning.py --no-search --document docs/tuning.md

The search begins with settings that hardly learn, and knows nothing of the preset. All train equally long.
What it has found is then trained with other seeds than those it was chosen by, and so is the preset; both
play the same games. Searches and runs are kept below `--runs`, so that a benchmark that was stopped, or
killed, goes on where it was. Prints a table; `--document` writes it into a page.
"""

from __future__ import annotations

import argparse
import re
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csai_core import presets
from csai_core.environments import register_envs
from csai_core.errors import MissingExtraError
from csai_core.options import describe
from csai_core.plugins import installed
from csai_train import Run, train_seeds, tune
from csai_train.runs.evaluation_file import read_evaluation
from csai_train.tuning.result import Tuning

TRIALS, SEEDS, FRESH_SEEDS = 30, range(3), range(100, 105)
GAMES, SMALLEST_STEPS = 100, 1_200


@dataclass(frozen=True)
class Case:
    """An environment, an algorithm, and settings that hardly learn there."""

    environment: str
    algorithm: str
    steps: int
    """How long everything is trained, which may be less than the preset says."""
    bad: Mapping[str, Any]


CASES = [
    Case(
        "FrozenLake-v1",
        "q_learning",
        20_000,
        {"learning_rate": 0.01, "gamma": 0.9, "epsilon_end": 0.0, "exploration_fraction": 0.05},
    ),
    Case(
        "CSAI/SimpleGrid-v0",
        "deep_q_learning",
        20_000,
        {"learning_rate": 1e-5, "target_every": 10_000, "exploration_fraction": 0.9, "train_every": 16},
    ),
    Case(
        "CartPole-v1",
        "ppo",
        40_000,
        {"learning_rate": 1e-5, "num_epochs": 1, "gamma": 0.9, "num_steps": 2048},
    ),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("environments", nargs="*", metavar="ID")
    parser.add_argument("--runs", type=Path, default=Path("runs/tuning"), metavar="FOLDER")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="how many are trained at a time")
    parser.add_argument("--no-search", action="store_true", help="only show what there is")
    parser.add_argument("--document", type=Path, metavar="FILE", help="the page to write the table into")
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    options = parser.parse_args()
    known = [case.environment for case in CASES]
    if unknown := {*options.environments} - {*known}:
        parser.error(f"there is no {', '.join(unknown)}; there is {', '.join(known)}")
    register_envs()
    chosen = [each for each in CASES if not options.environments or each.environment in options.environments]
    rows = []
    for case in chosen[:1] if options.smallest else chosen:
        folder = options.runs / re.sub(r"[^A-Za-z0-9]+", "-", case.environment)
        if options.no_search and not (folder / "preset" / "seed-104").exists():
            continue
        try:
            rows.append(row_of(case, folder, options.jobs, is_smallest=options.smallest))
        except MissingExtraError as error:
            print(f"{case.environment} is left out. {error}")
            continue
        print(rows[-1], flush=True)
    table = "\n".join([*HEADING, *rows])
    print(f"\n{table}")
    if options.document:
        write_document(options.document, table)


HEADING = (
    "| environment | algorithm | bad | best trial | found, other seeds | preset, other seeds | share |",
    "|---|---|---|---|---|---|---|",
)


def row_of(case: Case, folder: Path, jobs: int, *, is_smallest: bool) -> str:
    """Search, train what was found and the preset with other seeds, and put them side by side."""
    preset = presets.choose(case.environment, algorithm=case.algorithm)
    if preset is None:
        raise SystemExit(f"{case.environment} has no preset for {case.algorithm}.")
    steps = SMALLEST_STEPS if is_smallest else case.steps
    found = search(case, folder / "search", steps, jobs, is_smallest=is_smallest)
    best, first = found.best, found.trials[0]
    if best is None or found.preset is None:
        raise SystemExit(f"No trial of {case.environment} is complete.")
    mine, theirs = (
        score(case, folder / name, wanted, steps, jobs, is_smallest=is_smallest)
        for name, wanted in (("found", str(found.preset)), ("preset", preset.name))
    )
    bad = f"{first.value:.2f}" if first.value is not None else "ended early"
    share = f"{mine / theirs:.0%}" if theirs > 0 else ""
    pruned = sum(each.state == "pruned" for each in found.trials)
    reached = f"{best.value:.2f} (trial {best.number} of {len(found.trials)}, {pruned} ended early)"
    cells = (case.environment, case.algorithm, bad, reached, f"{mine:.2f}", f"{theirs:.2f}", share)
    return f"| {' | '.join(cells)} |"


def search(case: Case, folder: Path, steps: int, jobs: int, *, is_smallest: bool) -> Tuning:
    """The search from bad settings; what is searched is what the algorithm says itself."""
    config_class = installed().find("algorithms", case.algorithm).load_config()
    if config_class is None:
        raise SystemExit(f"{case.algorithm} has no settings.")
    return tune(
        case.algorithm,
        case.environment,
        run_dir=folder,
        trials=2 if is_smallest else TRIALS,
        seeds=range(1) if is_smallest else SEEDS,
        jobs=jobs,
        search=[option.name for option in describe(config_class) if option.range is not None],
        episodes=1 if is_smallest else 30,
        total_steps=steps,
        config=dict(case.bad),
        preset=None,
        watch=lambda each: print(
            case.environment, each.number, each.state, each.value, each.reason, flush=True
        ),
    )


def score(case: Case, folder: Path, preset: str, steps: int, jobs: int, *, is_smallest: bool) -> float:
    """The mean over other seeds of what a preset reaches."""
    runs = train_seeds(
        case.algorithm,
        case.environment,
        run_dir=folder,
        seeds=FRESH_SEEDS[:1] if is_smallest else FRESH_SEEDS,
        jobs=jobs,
        episodes=1 if is_smallest else GAMES,
        preset=preset,
        total_steps=steps,
    )
    return statistics.fmean(value(run) for run in runs)


def value(run: Run) -> float:
    """What the agent of a run was judged by."""
    found = read_evaluation(run)
    if found is None:
        raise SystemExit(f"{run.path} was not judged.")
    return found.value


def write_document(path: Path, table: str) -> None:
    """Put the table in the place of the one that is there."""
    text = path.read_text(encoding="utf-8")
    found = re.sub(rf"^{re.escape(HEADING[0])}\n(\|.*\n)*", lambda _: f"{table}\n", text, flags=re.MULTILINE)
    path.write_text(found, encoding="utf-8")


if __name__ == "__main__":
    main()
