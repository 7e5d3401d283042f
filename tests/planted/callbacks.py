"""Callbacks."""

from __future__ import annotations

import logging
import os
import random
import shutil
import signal
import threading
import time
from collections import deque
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

from csai_core.errors import ConfigError
from csai_train import Callback
from csai_train.testing import CallbackSuite
from planted.specimens import planted, sound


def fault(reason):
    """Plant a callback's class, whose docstring says what is wrong with it."""
    return lambda callback: _with_suite(callback, planted(reason))


def right(callback):
    """Count a callback's class as sound."""
    return _with_suite(callback, sound)


def _with_suite(callback, count):
    content = {"__doc__": callback.__doc__, "__module__": __name__, "make": lambda self, run: callback(run)}
    count(type(callback.__name__, (CallbackSuite,), content))
    return callback


class InRun(Callback):
    """Keeps where its run is."""

    def __init__(self, run):
        self.run = run
        self.path = run.path / "mine.txt"


@fault("on_episode|listens to nothing")
class Misspelled(InRun):
    """Its method has the name that another library gives it, and is never called."""

    def on_episode(self, training, episode):
        self.path.write_text(str(episode.total_reward))


@fault("epsiode")
class PartlyMisspelled(InRun):
    """One of its methods is mistyped."""

    def start(self, training):
        self.best = float("-inf")

    def epsiode(self, training, episode):
        self.best = max(self.best, episode.total_reward)


@fault("episode.*(argument|takes|training)")
class LacksArgument(InRun):
    """Its method lacks an argument."""

    def episode(self, episode):
        self.path.write_text(str(episode.total_reward))


@fault("evaluation")
class LacksEvaluation(InRun):
    """A method that is seldom called lacks an argument."""

    def evaluation(self, training):
        self.path.write_text(str(training.steps))


@fault("chang|differ|weights")
class ScalesWeights(InRun):
    """It scales the weights."""

    def mark(self, training):
        with torch.no_grad():
            for parameter in getattr(training, "algorithm", training).net.parameters():
                parameter.mul_(1.01)


@fault("chang|differ|environment")
class ResetsTheEnvironments(InRun):
    """It plays in the environments that are trained in."""

    def mark(self, training):
        training.envs.reset(seed=1)


@fault("generator")
class SeedsTorch(InRun):
    """It seeds torch's generator."""

    def step(self, training):
        torch.manual_seed(training.steps)


@fault("generator")
class DrawsFromPython(InRun):
    """Python's generator decides which episodes it keeps."""

    def episode(self, training, episode):
        if random.random() < 0.5:
            self.path.write_text(str(episode.length))


@fault("generator")
class SeedsNumpy(InRun):
    """It seeds numpy's generator."""

    def start(self, training):
        np.random.seed(0)  # noqa: NPY002


@fault("open|close")
class LeavesItsFileOpen(InRun):
    """It never closes its file."""

    def start(self, training):
        self.file = self.path.open("a")

    def episode(self, training, episode):
        self.file.write(f"{episode.total_reward}\n")


@fault("resum|stopped")
class BeginsItsFileAgain(InRun):
    """When the run is resumed, it writes over what it had written."""

    def start(self, training):
        self.file = self.path.open("w")

    def episode(self, training, episode):
        self.file.write(f"{training.steps} {episode.total_reward}\n")

    def stop(self, training):
        self.file.close()


class TellsInATable(InRun):
    """Writes a table of returns, whose first line names its columns."""

    def start(self, training):
        path = self.path.with_suffix(".csv")
        is_new = self.is_new(path)
        self.file = path.open("a")
        if is_new:
            self.file.write("steps,return\n")

    def is_new(self, path):
        return not path.exists()

    def episode(self, training, episode):
        self.file.write(f"{training.steps},{episode.total_reward}\n")

    def stop(self, training):
        self.file.close()


@right
class NamesItsColumnsOnce(TellsInATable):
    """The first line of its table is written where there is none yet."""


@fault("has its first line again among the others")
class NamesItsColumnsAgain(TellsInATable):
    """When the run is resumed, it writes the first line of its table again."""

    def is_new(self, path):
        return True


@fault("resum|stopped")
class CountsFromZeroAgain(InRun):
    """When the run is resumed, it counts from 0."""

    def __init__(self, run):
        super().__init__(run)
        self.count = 0

    def episode(self, training, episode):
        self.count += 1

    def stop(self, training):
        self.path.write_text(f"{self.count} episodes\n")


@fault("print")
class Prints(InRun):
    """It prints every return."""

    def episode(self, training, episode):
        print("return", episode.total_reward)


@fault("ZeroDivisionError")
class MeanOfNothing(InRun):
    """Where no episode has ended, it divides by 0."""

    def __init__(self, run):
        super().__init__(run)
        self.returns = []

    def episode(self, training, episode):
        self.returns.append(episode.total_reward)

    def stop(self, training):
        self.path.write_text(f"{sum(self.returns) / len(self.returns)}\n")


@fault("training.log|run.path|folder")
class WritesElsewhere(InRun):
    """It writes where the program happens to be."""

    def stop(self, training):
        Path("training.log").write_text("done\n")


@fault("dataset")
class NeedsAnAgent(InRun):
    """In a training on a dataset it fails, without a word of why."""

    def start(self, training):
        self.scale = training.envs.num_envs


@fault("let its __init__ take the run alone")
class TakesNothing(Callback):
    """It takes no run."""

    def __init__(self):
        pass

    def step(self, training):
        pass


@fault("derive its class from csai_train.Callback")
class NoCallback:
    """It has the methods, and is no Callback."""

    def __init__(self, run):
        pass

    def step(self, training):
        pass


@fault("metrics|measure")
class ClearsMetrics(InRun):
    """It clears the measurements that others are told of too."""

    def update(self, training, metrics):
        metrics.clear()


@fault("callbacks|list")
class RemovesItself(InRun):
    """It takes itself out of the training's list of callbacks."""

    def start(self, training):
        training.callbacks.remove(self)


@fault("mode")
class LeavesTrainingMode(InRun):
    """It puts the network into training mode, and leaves it there."""

    def mark(self, training):
        training.algorithm.net.train()


@right
class Logs(InRun):
    """Writes a log, and in it when the training was started and stopped."""

    def start(self, training):
        self.file = self.path.open("a")
        self._write(f"start at {training.steps}")

    def episode(self, training, episode):
        self._write(f"{training.steps} {episode.total_reward}")

    def stop(self, training):
        self._write(f"stop at {training.steps}")
        self.file.close()

    def _write(self, line):
        self.file.write(f"{line}\n")


@right
class RemembersTheBest(InRun):
    """Reads from its file what it knew, and writes it again."""

    def __init__(self, run):
        super().__init__(run)
        self.best = float(self.path.read_text()) if self.path.exists() else float("-inf")

    def episode(self, training, episode):
        self.best = max(self.best, episode.total_reward)

    def stop(self, training):
        self.path.write_text(str(self.best))


@right
class StopsEarly(InRun):
    """Asks the training to stop, which callbacks may."""

    def step(self, training):
        if training.steps >= 150:
            training.stop_requested = True


@right
class AsksTheAgent(InRun):
    """Asks the agent what it would do, and refuses where there is none."""

    def __init__(self, run):
        super().__init__(run)
        if run.kind != "agent":
            raise ConfigError("It lets an agent play, and here is none.")
        self.random = np.random.default_rng(run.seed)

    def mark(self, training):
        agent = training.agent()
        observation = self.random.uniform(-0.05, 0.05, 4).astype(np.float32)
        with self.path.open("a") as file:
            file.write(f"{training.steps} {agent.get_next_action(observation) in (0, 1)}\n")


@right
class WarnsOfSomething(InRun):
    """Warns through the training."""

    def episode(self, training, episode):
        if training.steps > 100 and not self.path.exists():
            self.path.write_text("warned\n")
            training.warn("This takes long.")


@fault("Ctrl-C|signal")
class TakesCtrlC(InRun):
    """It has Ctrl-C do nothing."""

    def start(self, training):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@fault("folder|chdir|directory")
class ChangesTheFolder(InRun):
    """It goes into the run's folder, and stays there."""

    def start(self, training):
        os.chdir(self.run.path)


@fault("logging")
class SetsUpLogging(InRun):
    """It adds a handler to everybody's logger."""

    def start(self, training):
        logging.getLogger().addHandler(logging.NullHandler())


@fault("KeyError")
class NeedsAnUpdate(InRun):
    """It asks for a measurement before there is any."""

    def mark(self, training):
        with self.path.open("a") as file:
            file.write(f"{training.metrics['policy_loss']}\n")


@fault("resum|stopped")
class WritesOverWhenMade(InRun):
    """It begins its file again whenever it is made."""

    def __init__(self, run):
        super().__init__(run)
        self.path.write_text("begun\n")
        self.count = len(self.path.read_text().splitlines())

    def episode(self, training, episode):
        with self.path.open("a") as file:
            file.write(f"{training.steps}\n")


# --- as strangers write them


@fault("stands in the class")
class OneListForAll(InRun):
    """What it collects stands in its class, so that runs are mixed."""

    rewards: ClassVar = []

    def episode(self, training, episode):
        self.rewards.append(episode.total_reward)

    def stop(self, training):
        self.path.write_text("\n".join(map(str, self.rewards)))


@fault("thread")
class ThreadStays(InRun):
    """A thread that watches is never ended."""

    def start(self, training):
        self.thread = threading.Thread(target=threading.Event().wait, args=(60,), daemon=True)
        self.thread.start()


@fault("total_steps|changed the training|ends otherwise")
class EndsTheTraining(InRun):
    """It sets how long the training takes."""

    def episode(self, training, episode):
        training.total_steps = 200


@fault("sleep")
class Naps(InRun):
    """It sleeps in every step, to be gentle."""

    def step(self, training):
        time.sleep(0.002)


@fault("left training.net in another mode")
class LeavesANetworkEvaluating(InRun):
    """In trainings on datasets it looks at the network in eval mode after each epoch, and leaves it so."""

    def epoch(self, training, epoch):
        training.net.eval()


@right
class PutsTheModeBack(InRun):
    """It looks at the network in eval mode after each epoch, and puts the mode back."""

    def epoch(self, training, epoch):
        was_training = training.net.training
        training.net.eval()
        training.net.train(was_training)


# --- the files and the wishes of others


class _Total(InRun):
    """Adds up rewards, and goes on where its run does."""

    def __init__(self, run):
        super().__init__(run)
        self.total = float(self.path.read_text()) if self.path.exists() else 0.0

    def episode(self, training, episode):
        self.total += episode.total_reward

    def stop(self, training):
        self.path.write_text(str(self.total))


@fault("config.json, which is the run's own")
class WritesIntoTheConfig(_Total):
    """Writes its notes into config.json."""

    def stop(self, training):
        super().stop(training)
        config = self.run.path / "config.json"
        config.write_text(config.read_text().replace("{", '{"total": 1, ', 1))


@fault("events.jsonl, which is the run's own")
class WritesIntoTheFeed(_Total):
    """Adds a line of its own to events.jsonl."""

    def stop(self, training):
        super().stop(training)
        with open(self.run.path / "events.jsonl", "a") as feed:
            feed.write(f"total {self.total}\n")


@fault("metrics.csv, which is the run's own")
class WritesItsTable(_Total):
    """Writes its table where the run has its own."""

    def stop(self, training):
        super().stop(training)
        (self.run.path / "metrics.csv").write_text("steps,total\n1,2\n")


@fault("checkpoints/.* which is the run's own")
class RemovesCheckpoints(_Total):
    """Removes checkpoints to save space."""

    def stop(self, training):
        super().stop(training)
        for checkpoint in list((self.run.path / "checkpoints").glob("*")):
            shutil.rmtree(checkpoint)


@fault("sets training.stop_requested to False")
class NeverStops(_Total):
    """Takes back that the training was asked to stop."""

    def step(self, training):
        training.stop_requested = False


@fault("has warned 21 times")
class WarnsEachTime(_Total):
    """Warns in every step."""

    def step(self, training):
        training.warn("Another step.")


@fault(r"KeepsADefault.__init__\(history\), which stands in the class")
class KeepsADefault(_Total):
    """Keeps what it hears in the default of an argument."""

    def __init__(self, run, history=[]):  # noqa: B006
        super().__init__(run)
        self.history = history

    def episode(self, training, episode):
        self.history.append(episode.total_reward)


@fault("kept, which stands in the class")
class KeepsTheTraining(_Total):
    """Keeps trainings in a list of the class."""

    kept: ClassVar[list] = []

    def start(self, training):
        self.kept.append(training)


@fault("a run that failed and was resumed lacks")
class ForgetsFailures(_Total):
    """Writes nothing where the training fails."""

    def stop(self, training):
        if training.failure is None:
            super().stop(training)


@fault("count nothing twice")
class CountsTwice(_Total):
    """Adds what its file holds once more."""

    def stop(self, training):
        before = float(self.path.read_text()) if self.path.exists() else 0.0
        self.path.write_text(str(before + self.total))


right(_Total)


# --- what they keep


class _OfAgents(_Total):
    """Is for trainings of agents."""

    def __init__(self, run):
        if run.kind != "agent":
            raise ConfigError("It looks at observations, and here are none.")
        super().__init__(run)


@fault("grows by [0-9]+ bytes with each step")
class KeepsEveryObservation(_OfAgents):
    """Keeps the observations of every step."""

    def start(self, training):
        self.seen = []

    def step(self, training):
        self.seen.append(np.array(training.observation))


@fault("grows by [0-9]+ bytes with each step")
class KeepsEveryStep(_Total):
    """Keeps the number of every step, to draw a curve at the end."""

    def start(self, training):
        self.curve = {}

    def step(self, training):
        self.curve[training.steps] = time.monotonic()


@right
class KeepsTheNewest(_OfAgents):
    """Keeps the observations of the last 200 steps."""

    def start(self, training):
        self.seen = deque(maxlen=200)

    def step(self, training):
        self.seen.append(np.array(training.observation))


@right
class KeepsAnEpisode(_OfAgents):
    """Keeps the observations of an episode until it is over."""

    def start(self, training):
        self.seen = []

    def step(self, training):
        self.seen.append(np.array(training.observation))

    def episode(self, training, episode):
        super().episode(training, episode)
        self.seen = []


# --- how trainings end, and what is played


@fault("After a training that was stopped.*is open still")
class ClosesAtTheEndAlone(InRun):
    """Its file is closed where the training has come to its end, and else left open."""

    def __init__(self, run):
        super().__init__(run)
        self.file = self.path.open("a")

    def mark(self, training):
        self.file.write(f"{training.steps}\n")
        self.file.flush()

    def stop(self, training):
        if training.is_complete:
            self.file.close()


@fault("count nothing twice|failed and was resumed")
class CountsMarksAfresh(InRun):
    """It writes at every twentieth mark, and counts them from 0 where a run goes on."""

    num_marks = 0

    def mark(self, training):
        self.num_marks += 1
        if self.num_marks % 20 == 0:
            with self.path.open("a") as file:
                file.write(f"{training.steps}\n")


@right
class CountsMarksOn(InRun):
    """It writes at every twentieth mark, and reads where it was."""

    def __init__(self, run):
        super().__init__(run)
        self.count = run.path / "marks.txt"
        self.num_marks = int(self.count.read_text()) if self.count.exists() else 0

    def mark(self, training):
        self.num_marks += 1
        if self.num_marks % 20 == 0:
            with self.path.open("a") as file:
                file.write(f"{training.steps}\n")

    def stop(self, training):
        self.count.write_text(str(self.num_marks))


@fault("finding drew from the global generator")
class AdvisesAtRandom(InRun):
    """Where something is found, Python's generator chooses a piece of advice."""

    def finding(self, training, finding):
        with self.path.open("a") as file:
            file.write(random.choice([finding.means, finding.try_first]) + "\n")


@fault("id has a slash in it.*FileNotFoundError")
class NamedByTheGame(InRun):
    """Its file has the environment's id for a name."""

    def mark(self, training):
        name = getattr(self.run, "environment_id", "points")
        (self.run.path / f"{name}.txt").write_text(str(training.steps))


@fault("have a score.*TypeError")
class BestScore(InRun):
    """The first score is compared with none."""

    best = None

    def episode(self, training, episode):
        if episode.score is not None and episode.score > self.best:
            self.best = episode.score
