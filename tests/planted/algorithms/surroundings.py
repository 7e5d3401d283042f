"""Faults in what an algorithm does to everything around it, and draws from it."""

from __future__ import annotations

import logging
import os
import random
import sys
import threading
import warnings
from pathlib import Path

import numpy as np

from planted.algorithms.table import Table, TableSuite
from planted.specimens import planted


@planted("global.*numpy|numpy.*global|np.random")
class GlobalDice(TableSuite):
    """Random actions come from numpy's global generator."""

    class Learner(Table):
        def explored(self, scores):
            return np.where(np.isinf(scores), -1.0, np.random.random(scores.shape)).argmax(axis=1)  # noqa: NPY002


@planted("global|module random|python's random")
class PythonsDice(TableSuite):
    """Random actions come from Python's global generator."""

    class Learner(Table):
        def explored(self, scores):
            noise = np.array([[random.random() for _ in row] for row in scores])
            return np.where(np.isinf(scores), -1.0, noise).argmax(axis=1)


@planted("action masks.*global generator of numpy")
class GlobalDiceAmongSome(TableSuite):
    """Where some choices are forbidden, and several are left, one is picked by numpy's global generator."""

    class Learner(Table):
        def explored(self, scores):
            tried = super().explored(scores)
            for i, row in enumerate(scores):
                allowed = np.flatnonzero(np.isfinite(row))
                if 1 < len(allowed) < len(row):
                    tried[i] = np.random.permutation(allowed)[0]  # noqa: NPY002
            return tried


@planted("global")
class SeedsEverybody(TableSuite):
    """It seeds the global generators."""

    class Learner(Table):
        def make_random(self, seed):
            np.random.seed(seed)  # noqa: NPY002
            return super().make_random(seed)


@planted("same seed|with seed 3")
class NoSeed(TableSuite):
    """Its generator has no seed."""

    class Learner(Table):
        def make_random(self, seed):
            return np.random.default_rng()


@planted("seeds?.*(same|differ|alike|ignor)")
class OneSeedForAll(TableSuite):
    """Whatever the seed, it explores the same way."""

    class Learner(Table):
        def make_random(self, seed):
            return np.random.default_rng(42)


@planted("PYTHONHASHSEED|another process|hash")
class HashesDecide(TableSuite):
    """Python's hashes of texts, which differ from process to process, decide what is tried."""

    class Learner(Table):
        def explored(self, scores):
            lucky = np.array([hash(f"action {i} of {self.num_steps}") % 97 for i in range(self.num_actions)])
            return np.where(np.isinf(scores), -1.0, lucky + self.random.random(scores.shape)).argmax(axis=1)


@planted("print")
class Talks(TableSuite):
    """It prints what it measures."""

    class Learner(Table):
        def learn(self, step):
            measured = super().learn(step)
            print("td error", measured)
            return measured


@planted("print|stderr|wrote")
class Complains(TableSuite):
    """It writes to the standard error."""

    class Learner(Table):
        def make_random(self, seed):
            sys.stderr.write("making a generator\n")
            return super().make_random(seed)


@planted("seterr|floating|np.errstate")
class SilencesNumpy(TableSuite):
    """It silences numpy's warnings for everybody."""

    class Learner(Table):
        def make_random(self, seed):
            np.seterr(all="ignore", over="raise")
            return super().make_random(seed)


@planted("logging")
class SetsUpLogging(TableSuite):
    """It sets up logging for everybody."""

    class Learner(Table):
        def make_random(self, seed):
            logging.getLogger().setLevel(logging.DEBUG)
            return super().make_random(seed)


@planted("environ|OMP_NUM_THREADS")
class SetsVariables(TableSuite):
    """It sets environment variables."""

    class Learner(Table):
        def make_random(self, seed):
            os.environ["OMP_NUM_THREADS"] = str(seed + 3)
            return super().make_random(seed)


@planted("warnings")
class SilencesWarnings(TableSuite):
    """It silences warnings for everybody."""

    class Learner(Table):
        def make_random(self, seed):
            warnings.filterwarnings("ignore", message=f"seed {seed}")
            return super().make_random(seed)


@planted("memory|leak|grow")
class KeepsEveryStep(TableSuite):
    """All steps are kept for ever."""

    class Learner(Table):
        def learn(self, step):
            vars(self).setdefault("history", []).append(step)
            return super().learn(step)


@planted("memory|leak|grow")
class KeepsEveryError(TableSuite):
    """All measurements are kept for ever."""

    class Learner(Table):
        def learn(self, step):
            measured = super().learn(step)
            vars(self).setdefault("errors", []).append(dict(measured))
            return measured


@planted("config.*(chang|0\\.9)")
class ChangesItsConfig(TableSuite):
    """What belongs to the one who made it, the config, is changed."""

    class Learner(Table):
        def __init__(self, observation_space, action_space, config, *, total_steps, seed):
            object.__setattr__(config, "gamma", 0.5)
            super().__init__(observation_space, action_space, config, total_steps=total_steps, seed=seed)


@planted("config.*chang")
class DecaysItsConfig(TableSuite):
    """The learning rate of the config falls as it learns."""

    class Learner(Table):
        def learn(self, step):
            object.__setattr__(self.config, "learning_rate", self.config.learning_rate * 0.999)
            return super().learn(step)


@planted("leaves a thread")
class WorksInTheBackground(TableSuite):
    """It starts a thread that nobody ends."""

    class Learner(Table):
        def make_random(self, seed):
            threading.Thread(target=threading.Event().wait, args=(2.0,), daemon=True).start()
            return super().make_random(seed)


@planted("writes the file")
class WritesAFile(TableSuite):
    """It writes a file, unasked."""

    class Learner(Table):
        def make_random(self, seed):
            file = Path("table-of-values.log")
            file.write_text(str(seed))
            file.unlink()
            return super().make_random(seed)
