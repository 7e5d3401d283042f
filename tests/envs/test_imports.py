"""The games use nothing of csai-core that strangers cannot: names of public faces, and nothing else."""

import ast
import importlib
from pathlib import Path

import pytest
from gymnasium.spaces import Discrete

import csai_envs
from csai_core.games import BatchedEnv, KeyedShell

FACES = {
    "csai_core",
    "csai_core.arguments",
    "csai_core.data",
    "csai_core.errors",
    "csai_core.games",
    "csai_core.lazy",
    "csai_core.plugins",
    "csai_core.search",
    "csai_core.testing",
}
SOURCES = sorted(Path(csai_envs.__file__).parent.rglob("*.py"))


def imported_from_core(source):
    """Each (module, name) of csai-core that a source imports; the name is None for a whole module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "csai_core":
            yield from ((node.module, each.name) for each in node.names)
        elif isinstance(node, ast.Import):
            yield from ((each.name, None) for each in node.names if each.name.split(".")[0] == "csai_core")


def private_imports(source):
    """What a source imports of csai-core that no public face offers."""
    for module, name in imported_from_core(source):
        face = importlib.import_module(module) if module in FACES else None
        public = getattr(face, "__all__", None) or [each for each in dir(face) if each[0] != "_"]
        if face is None or name not in public:
            yield f"{module}: {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_games_import_only_what_is_public(path):
    assert list(private_imports(path.read_text(encoding="utf-8"))) == []


def test_the_check_finds_what_is_private():
    source = "from csai_core.shell.contract import check_reward\nfrom csai_core.games import FEW, _x\n"
    assert list(private_imports(source)) == ["csai_core.shell.contract: check_reward", "csai_core.games: _x"]


def private_names(thing):
    """What an object of csai-core keeps to itself."""
    return {name for name in dir(thing) if name[0] == "_" and not name.startswith("__")}


def test_no_game_uses_a_private_part_of_its_base_class():
    private = private_names(KeyedShell()) | private_names(BatchedEnv(1, Discrete(2), Discrete(2)))
    assert {"_attributes", "_is_over"} <= private
    for path in (each for each in SOURCES if each.stem in ("env", "fast_env", "batch", "gridworld")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not used & private, path
