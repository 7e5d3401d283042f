"""Tests lie where their sources lie: tests/train/runs/test_lock.py tests csai_train/runs/lock.py.

A file of tests is named after a module or a folder of its package, or after a page of docs/ that it runs.
What cuts across modules is listed here, with what it holds together.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CUT_ACROSS = {
    "classic/test_dataset_examples.py": "examples of the original's documentation",
    "classic/test_declarations.py": "declarations of the original's documentation",
    "classic/test_environment_example.py": "an example of the original's documentation",
    "classic/test_imports.py": "what importing CoderSchoolAI costs and brings",
    "classic/test_network_example.py": "an example of the original's documentation",
    "classic/test_readme.py": "the page of names",
    "classic/test_shells.py": "the classic loop of every environment",
    "classic/test_training_example.py": "an example of the original's documentation",
    "core/plugins/test_hostile_plugins.py": "every command, where a plugin is hostile",
    "core/test_imports.py": "what importing csai_core costs and brings",
    "envs/test_batches.py": "every batched game equals its single one",
    "envs/test_colors.py": "every picture, as color-blind viewers see it",
    "envs/test_conformance.py": "every environment passes the suite",
    "envs/test_documents.py": "the READMEs of all games",
    "envs/test_endings.py": "how every game shows that it was won or lost",
    "envs/test_imports.py": "what importing csai_envs costs and brings",
    "envs/test_pixels.py": "every game, observed by its picture",
    "envs/test_random_games.py": "every game, whatever is done in it",
    "envs/test_settings.py": "settings of every game that make no game",
    "envs/test_stable_baselines3.py": "our games in another library's hands",
    "neural/test_imports.py": "what importing csai_neural costs and brings",
    "neural/test_random_networks.py": "random chains of all blocks",
    "neural/test_seed_examples.py": "the seed's own examples",
    "neural/test_seeing.py": "trace, summary and diagram of one network",
    "neural/test_torch_tools.py": "what torch offers for any module",
    "train/algorithms/test_autoreset.py": "every algorithm, however environments reset",
    "train/algorithms/test_beside_stable_baselines3.py": "updates beside those of another library",
    "train/algorithms/test_box_actions.py": "actions in Boxes of any size, of every policy gradient",
    "train/algorithms/test_cut_episodes.py": "every algorithm, when a resume has cut its episodes",
    "train/algorithms/test_masks.py": "every algorithm, where not every action is allowed",
    "train/algorithms/test_normalized_observations.py": "every algorithm that scales observations",
    "train/algorithms/test_onnx.py": "every algorithm with a network, as ONNX",
    "train/algorithms/test_policy_gradients.py": "REINFORCE and A2C in the same worlds",
    "train/algorithms/test_resuming.py": "every algorithm, stopped and continued",
    "train/algorithms/test_spaces.py": "every algorithm with every space of observations",
    "train/algorithms/test_steps_of_others.py": "every algorithm, shown what others decided",
    "train/datasets/test_conformance.py": "every dataset passes its suite",
    "train/datasets/test_commands.py": "the commands that work on datasets",
    "train/functions/test_parameters.py": "every parameter of both of the seed's functions",
    "train/test_altered_runs.py": "runs with one value replaced, and everything that reads them",
    "train/test_broken_environments.py": "every algorithm, and play, where an environment is broken",
    "train/test_conformance.py": "every algorithm and buffer passes its suite",
    "train/test_public_arguments.py": "every argument of everything public",
    "train/test_killing.py": "a training killed at any moment",
    "train/test_trainings_in_threads.py": "every algorithm and dataset, in threads and one by one",
    "train/training/test_train_presets.py": "train, with the presets and as the command takes them",
}
IMPORTED = {
    "core": "csai_core",
    "envs": "csai_envs",
    "neural": "csai_neural",
    "train": "csai_train",
    "classic": "CoderSchoolAI",
}
"""The packages by their folders of tests."""
TESTS = sorted(path for package in IMPORTED for path in (ROOT / "tests" / package).rglob("test_*.py"))


def mirrored(path):
    """What a file of tests is named after, if it is there: a module, a folder, or a page."""
    package, *folders = path.relative_to(ROOT / "tests").parts[:-1]
    name = path.stem.removeprefix("test_")
    source = ROOT.joinpath("packages", f"csai-{package}", "src", IMPORTED[package], *folders, name)
    page = ROOT / "docs" / f"{name.removesuffix('_page')}.md"
    return source.with_suffix(".py").exists() or source.is_dir() or (name.endswith("_page") and page.exists())


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT / "tests")))
def test_a_file_of_tests_mirrors_its_source_or_says_what_it_cuts_across(path):
    assert mirrored(path) != (str(path.relative_to(ROOT / "tests")) in CUT_ACROSS)


def test_nothing_is_listed_that_is_not_there():
    assert CUT_ACROSS.keys() <= {str(path.relative_to(ROOT / "tests")) for path in TESTS}
