"""Environments of others: which of them train, are continued, verified and watched, each in a line.

    python benchmarks/wild.py

It tries the packages that are installed, or those that are named; `nox -s wild` installs all of them first.
Each command is a process of its own, and nothing is typed twice: what csai must import it remembers itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

NOT_TRIED = "-"


class Case(NamedTuple):
    """One environment."""

    distribution: str
    arguments: str
    """What is typed after `csai train`; of EnvPool, the environment's id."""


CASES = (
    Case("minigrid", "minigrid:MiniGrid-Empty-8x8-v0 --wrap ImgObsWrapper"),
    Case("minigrid", "minigrid:BabyAI-GoToObj-v0"),
    Case(
        "ale-py",
        "ale_py:ALE/Pong-v5 --env frameskip=1 --wrap AtariPreprocessing "
        "--wrap FrameStackObservation:stack_size=4",
    ),
    Case("mujoco", "HalfCheetah-v5"),
    Case("highway-env", "highway_env:highway-fast-v0"),
    Case("flappy-bird-gymnasium", "flappy_bird_gymnasium:FlappyBird-v0 --env use_lidar=False"),
    Case("pettingzoo", "csai_core.pettingzoo:tictactoe-v3"),
    Case("pettingzoo", "csai_core.pettingzoo:connect_four-v3"),
    Case("envpool", "Pong-v5"),
)
ENVPOOL = """
import sys, envpool
from csai_train import evaluate, train
envs = envpool.make(sys.argv[1], env_type="gymnasium", num_envs=8)
training = train("ppo", envs, total_steps=int(sys.argv[2]), config={"num_steps": 16}, seed=1)
assert training.is_complete
"""


def main() -> None:
    """Try each and print a table; the exit status is 1 where something that is installed fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--smallest", action="store_true", help="the fewest steps, to see that it runs")
    parser.add_argument("packages", nargs="*", help="which to try; all, if none is named")
    given = parser.parse_args()
    packages = dict.fromkeys(case.distribution for case in CASES)
    if unknown := {*given.packages} - {*packages}:
        parser.error(f"there is no {', '.join(unknown)}; there is {', '.join(packages)}")
    steps = 128 if given.smallest else 512
    print(
        "| package | `csai train …` | trains | resumes | verifies | is watched |\n|---|---|---|---|---|---|"
    )
    problems: list[str] = []
    for case in (each for each in CASES if each.distribution in (given.packages or [each.distribution])):
        answers = " | ".join(tried(case, steps, problems))
        print(f"| {case.distribution} {found(case)} | `{case.arguments}` | {answers} |", flush=True)
    print("".join(f"\n{problem}" for problem in problems))
    sys.exit(bool(problems))


def found(case: Case) -> str:
    """The version that is installed; a dash if none is."""
    try:
        return version(case.distribution)
    except PackageNotFoundError:
        return NOT_TRIED


def tried(case: Case, steps: int, problems: list[str]) -> list[str]:
    """For training, resuming, verifying and watching: yes, no, or a dash where it was not tried."""
    if found(case) == NOT_TRIED:
        return ["not installed", NOT_TRIED, NOT_TRIED, NOT_TRIED]
    with tempfile.TemporaryDirectory() as folder:
        if case.distribution == "envpool":
            command = [sys.executable, "-c", ENVPOOL, case.arguments, str(steps)]
            return [ran(command, folder, problems), NOT_TRIED, NOT_TRIED, NOT_TRIED]
        short = ["--algorithm", "ppo", "--num-envs", "2", "--num-steps", "32", "--episodes", "1"]
        short += ["--wrap", "TimeLimit:max_episode_steps=50"]
        end = ["--episodes", "1", "--total-steps", str(steps + 64)]
        commands = [
            ["train", *case.arguments.split(), *short, "--total-steps", str(steps), "--run-dir", "run"],
            ["train", "--resume", "run", *end],
            ["verify", "run"],
            ["watch", "run", "--gif", "game.gif"],
        ]
        verified = Path(folder) / "verified"  # a run that was made longer is another than it began as
        answers = []
        for command in commands:
            place = verified if command[0] == "verify" else Path(folder) / "run"
            words = [str(place) if word == "run" else word for word in command]
            answers.append(ran([sys.executable, "-m", "csai_core", *words], folder, problems))
            if len(answers) == 1 and answers[0] == "yes":
                shutil.copytree(place, verified)
        return answers


def ran(command: list[str], folder: str, problems: list[str]) -> str:
    """Whether a command ends well; if not, its last words are a problem."""
    environ = {**os.environ, "XDG_CONFIG_HOME": str(Path(folder) / "settings")}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        problems.append(f"{' '.join(command[2:])}: {(done.stdout + done.stderr).strip()[-400:]}")
    return "no" if done.returncode else "yes"


if __name__ == "__main__":
    main()
