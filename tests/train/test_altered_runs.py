"""Runs in which one value was replaced, checksums and all: they work, or one error says what is wrong."""

from __future__ import annotations

import json
import math
import random
import shutil
import types
import warnings
from collections import deque
from contextlib import suppress

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.errors import CsaiError
from csai_train import Run, resume, train
from csai_train.algorithms.q_table import read_table, write_table
from csai_train.datasets import DatasetRun, resume_on_dataset, train_on_dataset
from csai_train.errors import CheckpointError, TrainingWarning
from csai_train.evaluation.evaluate import evaluate
from csai_train.runs import checkpoint

NONSENSE = [
    None,
    True,
    -1,
    0,
    2**63,
    10**400,
    1.5,
    math.nan,
    math.inf,
    "x",
    "\x1b[31m",
    [],
    {},
    [1, 2],
    {"a": 1},
    (1,),
    deque([1], maxlen=2),
    np.zeros(0),
    np.zeros((2, 3), np.int8),
    np.full(1, math.nan),
]
PLAIN = [each for each in NONSENSE if each is None or isinstance(each, (bool, int, float, str, list, dict))]
SMALL = {"num_envs": 2, "hidden_sizes": [4]}
TRAININGS = {
    "q_learning": ("FrozenLake-v1", {}),
    "reinforce": ("CartPole-v1", SMALL),
    "a2c": ("CartPole-v1", {**SMALL, "num_steps": 8}),
    "ppo": ("CartPole-v1", {**SMALL, "num_steps": 8, "num_minibatches": 2, "normalize_reward": True}),
    "deep_q_learning": ("CartPole-v1", {"hidden_sizes": [4], "batch_size": 4, "learning_starts": 8}),
}
STEPS = 40
SAMPLES = 15
"""Of each algorithm's checkpoint; `-m learning` tries all."""


def places(tree, path=()):
    """The paths to everything in a tree; of rows, the first three."""
    if path:
        yield path
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from places(value, (*path, key))
    elif isinstance(tree, (list, tuple, deque)):
        for key, value in list(enumerate(tree))[:3]:
            yield from places(value, (*path, key))


def replaced(tree, path, value):
    """The tree with another value at a path."""
    if not path:
        return value
    key, *rest = path
    if isinstance(tree, dict):
        return {**tree, key: replaced(tree[key], rest, value)}
    items = list(tree)
    items[key] = replaced(items[key], rest, value)
    return deque(items, tree.maxlen) if isinstance(tree, deque) else type(tree)(items)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A short run of each algorithm, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("made")

    def make(algorithm):
        if not (folder / algorithm).exists():
            environment, config = TRAININGS[algorithm]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", TrainingWarning)  # it is too short for some to learn
                train(
                    algorithm,
                    environment,
                    total_steps=STEPS,
                    seed=1,
                    config=config,
                    preset=None,
                    run_dir=folder / algorithm,
                    checkpoint_every=STEPS,
                )
        return folder / algorithm

    return make


def try_everything(run_path):
    """Evaluate a run and go on with it; csai's own errors are answers, others are not."""
    for use in (
        lambda: evaluate(Run.open(run_path).agent(), Run.open(run_path).environment, 1, 0),
        lambda: resume(run_path, total_steps=2 * STEPS),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with suppress(CsaiError):
                use()


def try_checkpoint(made, path, algorithm, place, value):
    shutil.copytree(made(algorithm), path)
    (saved,) = Run.open(path).checkpoints.saved()
    about = {n: v for n, v in checkpoint.read_manifest(saved).items() if n not in ("format", "files")}
    checkpoint.save(saved, replaced(checkpoint.load(saved), place, value), about)
    try_everything(path)


def cases(made, algorithm):
    (saved,) = Run.open(made(algorithm)).checkpoints.saved()
    return [(place, value) for place in places(checkpoint.load(saved)) for value in NONSENSE]


@pytest.mark.parametrize("algorithm", TRAININGS)
def test_a_checkpoint_with_one_value_replaced_works_or_is_refused(made, tmp_path, algorithm):
    chosen = random.Random(algorithm).sample(cases(made, algorithm), SAMPLES)
    for number, (place, value) in enumerate(chosen):
        try_checkpoint(made, tmp_path / str(number), algorithm, place, value)


@pytest.mark.learning
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("algorithm", TRAININGS)
def test_every_checkpoint_with_one_value_replaced_works_or_is_refused(made, tmp_path, algorithm):
    for place, value in cases(made, algorithm):
        try_checkpoint(made, tmp_path / "run", algorithm, place, value)
        shutil.rmtree(tmp_path / "run")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("num_episodes",), "x"),
        (("recent",), [(1,)]),
        (("observation",), [1, 2]),
        (("action_mask",), [1, 2]),
        (("returns",), {}),
        (("steps",), np.zeros((2, 3))),
        (("environments", 0, "wrappers", 0, "remembered", "_elapsed_steps"), "x"),
    ],
)
def test_what_a_training_kept_otherwise_is_refused(made, tmp_path, place, value):
    shutil.copytree(made("q_learning"), tmp_path / "run")
    (saved,) = Run.open(tmp_path / "run").checkpoints.saved()
    about = {n: v for n, v in checkpoint.read_manifest(saved).items() if n not in ("format", "files")}
    checkpoint.save(saved, replaced(checkpoint.load(saved), place, value), about)
    with pytest.raises(CheckpointError):
        resume(tmp_path / "run", total_steps=2 * STEPS)


def configs(made):
    config = json.loads((made("q_learning") / "config.json").read_text())
    return [replaced(config, place, value) for place in places(config) for value in PLAIN]


def try_config(made, path, config):
    shutil.copytree(made("q_learning"), path)
    (path / "config.json").write_text(json.dumps(config))
    try_everything(path)
    for command in (["runs", str(path.parent)], ["show-run", str(path)]):
        result = CliRunner().invoke(main, command)
        assert "csai itself is at fault" not in result.output
        assert "\x1b" not in result.output


def test_a_config_with_one_value_replaced_works_or_is_refused(made, tmp_path):
    for number, config in enumerate(random.Random(0).sample(configs(made), 3 * SAMPLES)):
        try_config(made, tmp_path / str(number) / "run", config)


@pytest.mark.learning
@pytest.mark.timeout(3600)
def test_every_config_with_one_value_replaced_works_or_is_refused(made, tmp_path):
    for config in configs(made):
        try_config(made, tmp_path / "runs" / "run", config)
        shutil.rmtree(tmp_path / "runs")


def test_a_table_with_one_value_replaced_works_or_is_refused(tmp_path):
    write_table(tmp_path / "table.json", [0, 1], {(0, 1): {0: 0.5, 1: 1.0}, (1, 1): {0: 0.0, 1: 2.0}})
    document = json.loads((tmp_path / "table.json").read_text())
    for place in places(document):
        for value in PLAIN:
            (tmp_path / "table.json").write_text(json.dumps(replaced(document, place, value)))
            with suppress(CsaiError):
                read_table(tmp_path / "table.json", [0, 1])


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A short run on a dataset, and what makes its network and its dataset again."""
    folder = tmp_path_factory.mktemp("learned")
    random_numbers = np.random.default_rng(0)
    inputs = random_numbers.normal(size=(20, 3)).astype(np.float32)
    labels = random_numbers.integers(0, 2, 20)

    def parts():
        dataset = types.SimpleNamespace(trainset=(inputs, labels), testset=(inputs, labels), num_classes=2)
        return {"net": torch.nn.Linear(3, 2), "dataset": dataset}

    train_on_dataset(**parts(), epochs=2, seed=1, run_dir=folder / "run", config={"batch_size": 5})
    return folder / "run", parts


def test_a_checkpoint_on_a_dataset_with_one_value_replaced_works_or_is_refused(learned, tmp_path):
    run, parts = learned
    newest = DatasetRun.open(run).checkpoints.saved()[0]
    state, manifest = checkpoint.load(newest), checkpoint.read_manifest(newest)
    about = {n: v for n, v in manifest.items() if n not in ("format", "files")}
    every = [(place, value) for place in places(state) for value in NONSENSE]
    for number, (place, value) in enumerate(random.Random(0).sample(every, 2 * SAMPLES)):
        path = tmp_path / str(number)
        shutil.copytree(run, path)
        checkpoint.save(path / "checkpoints" / newest.name, replaced(state, place, value), about)
        with warnings.catch_warnings(), suppress(CsaiError):
            warnings.simplefilter("ignore")
            resume_on_dataset(path, epochs=3, **parts())


def test_a_config_on_a_dataset_with_one_value_replaced_works_or_is_refused(learned, tmp_path):
    run, parts = learned
    config = json.loads((run / "config.json").read_text())
    every = [replaced(config, place, value) for place in places(config) for value in PLAIN]
    for number, each in enumerate(random.Random(0).sample(every, 2 * SAMPLES)):
        path = tmp_path / str(number)
        shutil.copytree(run, path)
        (path / "config.json").write_text(json.dumps(each))
        result = CliRunner().invoke(main, ["show-run", str(path)])
        assert "csai itself is at fault" not in result.output
        with warnings.catch_warnings(), suppress(CsaiError):
            warnings.simplefilter("ignore")
            resume_on_dataset(path, epochs=3, **parts())
