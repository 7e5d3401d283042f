"""Callbacks."""

from __future__ import annotations

import logging
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

from csai_core.errors import ConfigError
from csai_train import Callback
from csai_train.testing import CallbackSuite
from planted.specimens import planted, sound


class _InRun(Callback):
    """Keeps where its run is."""

    def __init__(self, run):
        self.run = run
        self.path = run.path / "mine.txt"


def _suite(callback):
    """The method `make` of a suite that makes such a callback."""
    return lambda self, run: callback(run)


class _Misspelled(_InRun):
    def on_episode(self, training, episode):
        self.path.write_text(str(episode.total_reward))


@planted("on_episode|listens to nothing")
class Misspelled(CallbackSuite):
    """Its method has the name that another library gives it, and is never called."""

    make = _suite(_Misspelled)


class _PartlyMisspelled(_InRun):
    def start(self, training):
        self.best = float("-inf")

    def epsiode(self, training, episode):
        self.best = max(self.best, episode.total_reward)


@planted("epsiode")
class PartlyMisspelled(CallbackSuite):
    """One of its methods is mistyped."""

    make = _suite(_PartlyMisspelled)


class _LacksArgument(_InRun):
    def episode(self, episode):
        self.path.write_text(str(episode.total_reward))


@planted("episode.*(argument|takes|training)")
class LacksArgument(CallbackSuite):
    """Its method lacks an argument."""

    make = _suite(_LacksArgument)


class _LacksEvaluation(_InRun):
    def evaluation(self, training):
        self.path.write_text(str(training.steps))


@planted("evaluation")
class LacksEvaluation(CallbackSuite):
    """A method that is seldom called lacks an argument."""

    make = _suite(_LacksEvaluation)


class _LearnsFaster(_InRun):
    def mark(self, training):
        with torch.no_grad():
            for parameter in getattr(training, "algorithm", training).net.parameters():
                parameter.mul_(1.01)


@planted("chang|differ|weights")
class ScalesWeights(CallbackSuite):
    """It scales the weights."""

    make = _suite(_LearnsFaster)


class _Evaluates(_InRun):
    def mark(self, training):
        training.envs.reset(seed=1)


@planted("chang|differ|environment")
class ResetsTheEnvironments(CallbackSuite):
    """It plays in the environments that are trained in."""

    make = _suite(_Evaluates)


class _SeedsTorch(_InRun):
    def step(self, training):
        torch.manual_seed(training.steps)


@planted("generator")
class SeedsTorch(CallbackSuite):
    """It seeds torch's generator."""

    make = _suite(_SeedsTorch)


class _Draws(_InRun):
    def episode(self, training, episode):
        if random.random() < 0.5:
            self.path.write_text(str(episode.length))


@planted("generator")
class DrawsFromPython(CallbackSuite):
    """Python's generator decides which episodes it keeps."""

    make = _suite(_Draws)


class _DrawsNumpy(_InRun):
    def start(self, training):
        np.random.seed(0)  # noqa: NPY002


@planted("generator")
class SeedsNumpy(CallbackSuite):
    """It seeds numpy's generator."""

    make = _suite(_DrawsNumpy)


class _LeavesOpen(_InRun):
    def start(self, training):
        self.file = self.path.open("a")

    def episode(self, training, episode):
        self.file.write(f"{episode.total_reward}\n")


@planted("open|close")
class LeavesItsFileOpen(CallbackSuite):
    """It never closes its file."""

    make = _suite(_LeavesOpen)


class _Truncates(_InRun):
    def start(self, training):
        self.file = self.path.open("w")

    def episode(self, training, episode):
        self.file.write(f"{training.steps} {episode.total_reward}\n")

    def stop(self, training):
        self.file.close()


@planted("resum|stopped")
class BeginsItsFileAgain(CallbackSuite):
    """When the run is resumed, it writes over what it had written."""

    make = _suite(_Truncates)


class _CountsAgain(_InRun):
    def __init__(self, run):
        super().__init__(run)
        self.count = 0

    def episode(self, training, episode):
        self.count += 1

    def stop(self, training):
        self.path.write_text(f"{self.count} episodes\n")


@planted("resum|stopped")
class CountsFromZeroAgain(CallbackSuite):
    """When the run is resumed, it counts from 0."""

    make = _suite(_CountsAgain)


class _Prints(_InRun):
    def episode(self, training, episode):
        print("return", episode.total_reward)


@planted("print")
class Prints(CallbackSuite):
    """It prints every return."""

    make = _suite(_Prints)


class _MeanOfNothing(_InRun):
    def __init__(self, run):
        super().__init__(run)
        self.returns = []

    def episode(self, training, episode):
        self.returns.append(episode.total_reward)

    def stop(self, training):
        self.path.write_text(f"{sum(self.returns) / len(self.returns)}\n")


@planted("ZeroDivisionError")
class MeanOfNothing(CallbackSuite):
    """Where no episode has ended, it divides by 0."""

    make = _suite(_MeanOfNothing)


class _WritesElsewhere(_InRun):
    def stop(self, training):
        Path("training.log").write_text("done\n")


@planted("training.log|run.path|folder")
class WritesElsewhere(CallbackSuite):
    """It writes where the program happens to be."""

    make = _suite(_WritesElsewhere)


class _NeedsAgent(_InRun):
    def start(self, training):
        self.scale = training.envs.num_envs


@planted("dataset")
class NeedsAnAgent(CallbackSuite):
    """In a training on a dataset it fails, without a word of why."""

    make = _suite(_NeedsAgent)


@planted("run")
class TakesNothing(CallbackSuite):
    """It takes no run."""

    def make(self, run):
        class Mine(Callback):
            def __init__(self):
                pass

            def step(self, training):
                pass

        return Mine(run)


@planted("Callback")
class NoCallback(CallbackSuite):
    """It has the methods, and is no Callback."""

    def make(self, run):
        class Mine:
            def step(self, training):
                pass

        return Mine()


class _SetsMetrics(_InRun):
    def update(self, training, metrics):
        metrics.clear()


@planted("metrics|measure")
class ClearsMetrics(CallbackSuite):
    """It clears the measurements that others are told of too."""

    make = _suite(_SetsMetrics)


class _Swallows(_InRun):
    def start(self, training):
        training.callbacks.remove(self)


@planted("callbacks|list")
class RemovesItself(CallbackSuite):
    """It takes itself out of the training's list of callbacks."""

    make = _suite(_Swallows)


class _LeavesTraining(_InRun):
    def mark(self, training):
        training.algorithm.net.train()


@planted("mode")
class LeavesTrainingMode(CallbackSuite):
    """It puts the network into training mode, and leaves it there."""

    make = _suite(_LeavesTraining)


class _Log(_InRun):
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


@sound
class Logs(CallbackSuite):
    """Writes a log, and in it when the training was started and stopped."""

    make = _suite(_Log)


class _Best(_InRun):
    def __init__(self, run):
        super().__init__(run)
        self.best = float(self.path.read_text()) if self.path.exists() else float("-inf")

    def episode(self, training, episode):
        self.best = max(self.best, episode.total_reward)

    def stop(self, training):
        self.path.write_text(str(self.best))


@sound
class RemembersTheBest(CallbackSuite):
    """Reads from its file what it knew, and writes it again."""

    make = _suite(_Best)


class _StopsEarly(_InRun):
    def step(self, training):
        if training.steps >= 150:
            training.stop_requested = True


@sound
class StopsEarly(CallbackSuite):
    """Asks the training to stop, which callbacks may."""

    make = _suite(_StopsEarly)


class _OfAgents(_InRun):
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


@sound
class AsksTheAgent(CallbackSuite):
    """Asks the agent what it would do, and refuses where there is none."""

    make = _suite(_OfAgents)


class _Warns(_InRun):
    def episode(self, training, episode):
        if training.steps > 100 and not self.path.exists():
            self.path.write_text("warned\n")
            training.warn("This takes long.")


@sound
class WarnsOfSomething(CallbackSuite):
    """Warns through the training."""

    make = _suite(_Warns)


class _TakesCtrlC(_InRun):
    def start(self, training):
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@planted("Ctrl-C|signal")
class TakesCtrlC(CallbackSuite):
    """It has Ctrl-C do nothing."""

    make = _suite(_TakesCtrlC)


class _ChangesFolder(_InRun):
    def start(self, training):
        os.chdir(self.run.path)


@planted("folder|chdir|directory")
class ChangesTheFolder(CallbackSuite):
    """It goes into the run's folder, and stays there."""

    make = _suite(_ChangesFolder)


class _SetsUpLogging(_InRun):
    def start(self, training):
        logging.getLogger().addHandler(logging.NullHandler())


@planted("logging")
class SetsUpLogging(CallbackSuite):
    """It adds a handler to everybody's logger."""

    make = _suite(_SetsUpLogging)


class _NeedsLoss(_InRun):
    def mark(self, training):
        with self.path.open("a") as file:
            file.write(f"{training.metrics['policy_loss']}\n")


@planted("KeyError")
class NeedsAnUpdate(CallbackSuite):
    """It asks for a measurement before there is any."""

    make = _suite(_NeedsLoss)


class _StopsAtOnce(_InRun):
    def __init__(self, run):
        super().__init__(run)
        self.path.write_text("begun\n")
        self.count = len(self.path.read_text().splitlines())

    def episode(self, training, episode):
        with self.path.open("a") as file:
            file.write(f"{training.steps}\n")


@planted("resum|stopped")
class WritesOverWhenMade(CallbackSuite):
    """It begins its file again whenever it is made."""

    make = _suite(_StopsAtOnce)


# --- as strangers write them


class _SharedList(_InRun):
    rewards: ClassVar = []

    def episode(self, training, episode):
        self.rewards.append(episode.total_reward)

    def stop(self, training):
        self.path.write_text("\n".join(map(str, self.rewards)))


@planted("class|share")
class OneListForAll(CallbackSuite):
    """What it collects stands in its class, so that runs are mixed."""

    make = _suite(_SharedList)


class _Watcher(_InRun):
    def start(self, training):
        self.thread = threading.Thread(target=threading.Event().wait, args=(60,), daemon=True)
        self.thread.start()


@planted("thread")
class ThreadStays(CallbackSuite):
    """A thread that watches is never ended."""

    make = _suite(_Watcher)


class _Shortens(_InRun):
    def episode(self, training, episode):
        training.total_steps = 200


@planted("total_steps|changed the training|ends otherwise")
class EndsTheTraining(CallbackSuite):
    """It sets how long the training takes."""

    make = _suite(_Shortens)


class _Naps(_InRun):
    def step(self, training):
        time.sleep(0.002)


@planted("sleep")
class Naps(CallbackSuite):
    """It sleeps in every step, to be gentle."""

    make = _suite(_Naps)


class _LeavesEvaluating(_InRun):
    def epoch(self, training, epoch):
        training.net.eval()


@planted("left training.net in another mode")
class LeavesANetworkEvaluating(CallbackSuite):
    """In trainings on datasets it looks at the network in eval mode after each epoch, and leaves it so."""

    make = _suite(_LeavesEvaluating)


class _PutsBack(_InRun):
    def epoch(self, training, epoch):
        was_training = training.net.training
        training.net.eval()
        training.net.train(was_training)


@sound
class PutsTheModeBack(CallbackSuite):
    """It looks at the network in eval mode after each epoch, and puts the mode back."""

    make = _suite(_PutsBack)
