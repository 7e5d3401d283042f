"""Every old name is there, and is what the new name is, or that in the classic loop."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import CoderSchoolAI
from CoderSchoolAI.Environments.Shell import Shell
from CoderSchoolAI.names import NAMES


def find(path):
    module, name = path.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.old)
def test_an_old_name_is_the_new_one(name):
    old, new = find(f"CoderSchoolAI.{name.old}"), find(name.new)
    if isinstance(old, type) and issubclass(old, Shell):
        assert issubclass(old, new)
    else:
        assert old is new


def test_all_that_modules_offer_is_known_or_newer_than_the_original():
    known = {each.old.rsplit(".", 1)[1] for each in NAMES} | {"SnakeAgent", "Action", "sample_distribution"}
    modules = [each.name for each in pkgutil.walk_packages(CoderSchoolAI.__path__, "CoderSchoolAI.")]
    offered = {name for each in modules for name in getattr(importlib.import_module(each), "__all__", ())}
    assert offered == known - {"register_function"}
    assert "CoderSchoolAI.Environment.CoderSchoolEnvironments.SnakeEnvironment" in modules
