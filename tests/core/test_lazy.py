"""Packages whose names are imported when first used show the same ones to people and to type checkers."""

from __future__ import annotations

import ast
import sys
from importlib.util import resolve_name
from pathlib import Path

import pytest

PACKAGES = Path(__file__).parents[2] / "packages"
FACES = [path for path in sorted(PACKAGES.glob("*/src/**/__init__.py")) if "lazy_names" in path.read_text()]


def homes_of(tree):
    """The mapping that is given to `lazy_names`."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    (call,) = (each for each in calls if isinstance(each.func, ast.Name) and each.func.id == "lazy_names")
    return ast.literal_eval(call.args[1])


def imports_for_type_checkers(tree):
    """Each name that is imported under `if TYPE_CHECKING:`, and from where."""
    (block,) = (
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {
        name.name: each.module
        for each in block.body
        if isinstance(each, ast.ImportFrom)
        for name in each.names
    }


def all_of(tree):
    (value,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    return ast.literal_eval(value)


def names_in(module):
    """What a module binds at its top level."""
    body = ast.parse(module.read_text()).body
    defined = {getattr(node, "name", None) for node in body}
    assignments = [node for node in body if isinstance(node, ast.Assign)]
    return defined | {ast.unparse(target) for node in assignments for target in node.targets}


def test_there_are_such_packages():
    assert {"csai_envs", "csai_neural", "csai_train", "datasets"} <= {path.parent.name for path in FACES}


@pytest.mark.parametrize("face", FACES, ids=lambda path: path.parent.name)
def test_homes_exports_and_imports_for_type_checkers_agree(face):
    tree = ast.parse(face.read_text())
    source = next(parent for parent in face.parents if parent.name == "src")
    package = ".".join(face.parent.relative_to(source).parts)
    homes = {name: resolve_name(f".{home}", package) for name, home in homes_of(tree).items()}
    assert homes == imports_for_type_checkers(tree)
    assert sorted(homes) == sorted(all_of(tree))
    for name, home in homes.items():
        module = source.joinpath(*home.split(".")).with_suffix(".py")
        assert name in names_in(module), f"{module} does not hold {name}"


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "lazy_town"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from csai_core.lazy import lazy_names\n"
        "__getattr__, __dir__ = lazy_names(__name__, {'House': 'streets.main'})\n"
    )
    (folder / "market").mkdir()
    (folder / "market" / "__init__.py").write_text(
        "from csai_core.lazy import lazy_names\n"
        "__getattr__, __dir__ = lazy_names(__name__, {'House': '.streets.main'})\n"
    )
    (folder / "streets").mkdir()
    (folder / "streets" / "main.py").write_text("class House: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    import lazy_town

    yield lazy_town
    for name in [name for name in sys.modules if name.partition(".")[0] == "lazy_town"]:
        del sys.modules[name]


def test_a_name_is_imported_when_it_is_first_used_and_then_kept(package):
    assert "lazy_town.streets.main" not in sys.modules
    house = package.House
    assert sys.modules["lazy_town.streets.main"].House is house
    assert vars(package)["House"] is house


def test_a_name_may_come_from_beside_the_package(package):
    import lazy_town.market

    assert lazy_town.market.House is package.House


def test_names_are_listed_before_they_are_imported(package):
    assert {"House", "__name__"} <= set(dir(package))
    assert "lazy_town.streets.main" not in sys.modules


def test_other_names_are_missing_as_from_any_module(package):
    assert not hasattr(package, "Castle")
    with pytest.raises(AttributeError, match="module 'lazy_town' has no attribute 'Castle'"):
        _ = package.Castle
    with pytest.raises(ImportError, match="Castle"):
        from lazy_town import Castle  # noqa: F401
