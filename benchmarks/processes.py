"""Trainings of several processes: what they gain on this machine, and whether they survive being killed.

    python benchmarks/processes.py efficiency
    python benchmarks/processes.py kills --kills 10

`efficiency` trains the same in one process with one thread, in one with two, and in two with one each; it
prints steps a second of wall clock, and what two processes gain beside one with two threads. `kills` kills
either process of a training of two, at its start, in an update and in a save, and says what became of the
training; the last time it but stops the process, as a machine that hangs does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from csai_train.group.joining import TIMEOUT

MOMENTS = ("start", "update", "save")
_ALGORITHM = ["--algorithm", "ppo", "--seed", "1", "--episodes", "1"]
SETTINGS = {
    "8 games, 128 steps": ["CartPole-v1", "--num-envs", "8", "--num-steps", "128"],
    "1024 games, 32 steps": ["CSAI/Snake-v0", "--num-envs", "1024", "--num-steps", "32"],
    "the same, wide layers": [
        *("CSAI/Snake-v0", "--num-envs", "1024", "--num-steps", "32"),
        *("--hidden-sizes", "512,512"),
    ],
}
WAYS = {
    "1 process, 1 thread": ["--threads", "1"],
    "1 process, 2 threads": ["--threads", "2"],
    "2 processes, 1 thread each": ["--processes", "2", "--threads", "1"],
}


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("efficiency", "kills"), nargs="?", default="efficiency")
    parser.add_argument("--kills", type=int, default=10, help="how often a process is killed")
    parser.add_argument("--smallest", action="store_true", help="as little as shows that it works")
    given = parser.parse_args()
    if given.what == "kills":
        sys.exit(_kill(1 if given.smallest else given.kills))
    _compare(smallest=given.smallest)


# --- what is gained


def _compare(*, smallest: bool) -> None:
    settings = dict([*SETTINGS.items()][:1]) if smallest else SETTINGS
    print(f"{'steps a second':<24}{''.join(f'{way:>28}' for way in WAYS)}{'gain':>8}")
    for name, words in settings.items():
        steps = 4_096 if smallest else (60_000 if "8 games" in name else 400_000)
        rates = [_rate([*words, *way], steps) for way in WAYS.values()]
        gain = rates[2] / rates[1]
        print(f"{name:<24}{''.join(f'{rate:>28,.0f}' for rate in rates)}{gain:>8.2f}", flush=True)


def _rate(words: list[str], steps: int) -> float:
    """Steps a second, between the first and the last mark of a training."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder, "run")
        command = ["train", *words, *_ALGORITHM, "--total-steps", str(steps), "--run-dir", str(run)]
        done = subprocess.run(_csai(*command), capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"csai {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        marks = [event for event in _events(run) if event["event"] == "episodes"]
        return (marks[-1]["steps"] - marks[0]["steps"]) / (marks[-1]["time"] - marks[0]["time"])


# --- whether it survives


def _kill(kills: int) -> int:
    """Kill so often; 0 where every training came to its end."""
    draw, bad = random.Random(0), 0
    for i in range(kills):
        moment, rank = MOMENTS[i % len(MOMENTS)], i // len(MOMENTS) % 2
        number = signal.SIGSTOP if i == kills - 1 and kills > 1 else signal.SIGKILL
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            outcome = _kill_once(Path(folder, "run"), moment, rank, number, draw)
        bad += not outcome.startswith("complete")
        what = f"{number.name} of process {rank} at {moment}"
        print(f"{i + 1:>3}  {what:<36}{time.monotonic() - began:>6.1f} s  {outcome}", flush=True)
    print(f"{kills - bad} of {kills} trainings came to their end.")
    return min(bad, 1)


def _kill_once(run: Path, moment: str, rank: int, number: signal.Signals, draw: random.Random) -> str:
    """What became of a training, one process of which was sent a signal."""
    command = ["train", *SETTINGS["8 games, 128 steps"], *_ALGORITHM, "--total-steps", "6000"]
    command += ["--checkpoint-every", "500", "--processes", "2", "--run-dir", str(run)]
    log = run.with_name("log")
    with log.open("w") as output:
        launcher = subprocess.Popen(
            _csai(*command), stdout=output, stderr=output, env={**os.environ, TIMEOUT: "10"}
        )
        victim = _wait_for(moment, run, launcher, rank, draw)
        if victim is None:
            launcher.kill()
            return f"not hit: it was over before\n{log.read_text()}"
        os.kill(victim, number)
        try:
            status = launcher.wait(180)
        except subprocess.TimeoutExpired:
            launcher.terminate()
            return "HANGS"
    restarts = log.read_text().count("All start again")
    left = [each for each in _processes(launcher.pid)]
    state = f"{restarts} restart{'s' if restarts != 1 else ''}, status {status}"
    if left:
        return f"LEFT PROCESSES BEHIND, {state}"
    if status:
        return f"ended, {state}\n{log.read_text()}"
    newest = max((run / "checkpoints").glob("step-*"))
    return f"complete, {state}, {newest.name}"


def _wait_for(
    moment: str, run: Path, launcher: subprocess.Popen[bytes], rank: int, draw: random.Random
) -> int | None:
    """The process of a rank, once it is at a moment; None where the training is over before."""
    while launcher.poll() is None:
        ranks = {int(_environment(pid)["RANK"]): pid for pid in _processes(launcher.pid)}
        if rank in ranks and moment == "start":
            time.sleep(draw.uniform(0, 2.5))
            return ranks[rank]
        if rank in ranks and moment == "update" and (run / "checkpoints").is_dir():
            time.sleep(draw.uniform(0, 2.0))
            return ranks[rank]
        if rank in ranks and moment == "save" and _is_saving(run):
            return ranks[rank]
        time.sleep(0 if moment == "save" else 0.01)
    return None


def _is_saving(run: Path) -> bool:
    """Whether a checkpoint is being written, and one is there already."""
    try:
        names = os.listdir(run / "checkpoints")
    except FileNotFoundError:
        return False
    return any(name.startswith("step-") for name in names) and any(name.startswith(".") for name in names)


def _processes(launcher: int) -> Iterator[int]:
    """The processes that a launcher has launched."""
    for path in Path("/proc").iterdir():
        found = _environment(int(path.name)) if path.name.isdecimal() else {}
        if "RANK" in found and found.get("TORCHELASTIC_RUN_ID", "").startswith(f"csai-{launcher}-"):
            yield int(path.name)


def _environment(pid: int) -> dict[str, str]:
    try:
        text = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)


def _csai(*words: str) -> list[str]:
    return [sys.executable, "-m", "csai_core", *words]


def _events(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]


if __name__ == "__main__":
    main()
