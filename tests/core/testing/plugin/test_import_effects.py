"""What importing a module does is found out where nobody else is concerned."""

from __future__ import annotations

import pytest

from csai_core.testing import ConformanceError
from csai_core.testing.plugin.import_effects import (
    all_import_effects,
    check_import,
    import_effects,
    refuse_effects,
)


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)

    def write(source, name="imported_once"):
        (tmp_path / f"{name}.py").write_text(source)
        return name

    return write


EFFECTS = (
    ("print('Hello')", "prints 'Hello'"),
    ("import os; os.write(1, b'Hello')", "prints 'Hello'"),
    ("input()", "reads what is typed"),
    ("import sys; sys.exit(3)", "fails in a new process: SystemExit: 3"),
    ("import numpy; numpy.random.seed(1)", "seeds|draws from the global generator of numpy"),
    ("import random; random.random()", "draws from the global generator of Python"),
    ("import os; os.chdir('..')", "changes the folder"),
    ("import logging; logging.basicConfig()", "changes the handlers of logging"),
    ("import logging; logging.getLogger().setLevel(10)", "changes the level of logging"),
    ("import warnings; warnings.simplefilter('ignore')", "changes the filters of warnings"),
    ("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)", "changes what signals do"),
    ("import os; os.environ['X_OF_A_PLUGIN'] = '1'", "changes environment variables"),
    ("import sys; sys.path.insert(0, '.')", "changes sys.path"),
    ("import numpy; numpy.seterr(all='raise')", "changes how numpy treats errors"),
    ("open('mine.txt', 'w').close()", "writes mine.txt where one happens to be"),
    ("import threading, time; threading.Thread(target=time.sleep, args=[9]).start()", "starts a thread"),
    ("import gymnasium; gymnasium.make = print", "replaces gymnasium.make, for every program"),
    ("import builtins; builtins.print = len", "replaces builtins.print"),
    ("import csai_core; csai_core.Shell.reset = None", r"replaces csai_core\.\S*Shell.reset"),
    (
        "import gymnasium; gymnasium.Env.step = lambda *arguments: None",
        r"replaces gymnasium\.\S*Env\.step",
    ),
    (
        "import gymnasium; gymnasium.registry['CartPole-v1'] = None",
        "changes what Gymnasium knew already",
    ),
    ("import os; os._exit(0)", "the process ended before it was done, with status 0"),
    ("import no_such_module_anywhere", "No module named"),
)


@pytest.mark.parametrize(("source", "message"), EFFECTS)
def test_each_effect_is_named(module, source, message):
    with pytest.raises(ConformanceError, match=f"Importing imported_once .*{message}"):
        check_import(module(source))


def test_many_modules_are_imported_as_each_is_alone(module):
    elsewhere = module("print('Hello')\n", "elsewhere")
    names = [module(source, f"module_{i}") for i, (source, _) in enumerate(EFFECTS)]
    sound = module(f"import {elsewhere}\n", "module_sound")
    found = all_import_effects([*names, sound])
    refuse_effects(sound, found[sound], is_light=False)
    for name, (_, message) in zip(names, EFFECTS, strict=True):
        with pytest.raises(ConformanceError, match=f"Importing {name} .*{message}"):
            refuse_effects(name, found[name], is_light=False)


@pytest.mark.parametrize(
    "source",
    [
        "import random\n\ndef draw():\n    return random.random()\n",
        "import gymnasium\nclass Mine(gymnasium.Env): ...\ngymnasium.register('Mine-v0', Mine)\n",
        "import logging\nlogger = logging.getLogger(__name__)\n",
        "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n",
        "import unittest, asyncio, multiprocessing, concurrent.futures, doctest\n",
    ],
)
def test_a_module_that_only_defines_things_has_no_effects(module, source):
    check_import(module(source))


def test_what_is_imported_from_elsewhere_is_not_its_doing(module):
    module("print('Hello')\nimport random; random.seed(1)\n", "elsewhere")
    name = module("import elsewhere\n")
    assert import_effects(name).others == ["elsewhere"]
    check_import(name)
    with pytest.raises(ConformanceError, match="prints 'Hello'"):
        check_import(name, own=["elsewhere"])


def test_what_is_large_may_be_imported_where_it_is_needed(module):
    module("", "pygame")  # so that it can be imported, with or without the real one
    name = module("import pygame\n")
    with pytest.raises(ConformanceError, match="imports pygame, which takes seconds"):
        check_import(name)
    assert check_import(name, is_light=False).seconds > 0
