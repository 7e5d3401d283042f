"""How Python runs is put back where it was made worse, and left where it was not."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import warnings

import numpy as np
import pytest

from csai_core.plugins.interpreter import interpreter_put_back


@pytest.mark.parametrize(
    ("change", "name", "read"),
    [
        (lambda: sys.setrecursionlimit(500), "the limit of recursion", sys.getrecursionlimit),
        (lambda: warnings.simplefilter("error"), "what warnings are errors", lambda: [*warnings.filters]),
        (sys.path.clear, "sys.path", lambda: [*sys.path]),
        (gc.disable, "the garbage collector (gc)", gc.isenabled),
        (
            lambda: logging.disable(logging.ERROR),
            "which logs are written (logging.disable)",
            lambda: logging.root.manager.disable,
        ),
        (
            lambda: np.seterr(over="raise"),
            "what numpy does at floating point errors (numpy.seterr)",
            np.geterr,
        ),
        (
            lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
            "the handler of SIGINT",
            lambda: signal.getsignal(signal.SIGINT),
        ),
        (
            lambda: sys.modules.pop("gymnasium"),
            "the modules in sys.modules",
            lambda: sys.modules.get("gymnasium"),
        ),
        (
            lambda: sys.modules.update({"torch.no_such_module": None}),
            "the modules in sys.modules",
            lambda: "torch.no_such_module" in sys.modules,
        ),
    ],
)
def test_what_is_worse_is_put_back_and_told(change, name, read):
    with warnings.catch_warnings():
        warnings.resetwarnings()
        before, told = read(), []
        with interpreter_put_back(told.append):
            change()
        assert told == [name]
        assert read() == before


def test_what_is_only_more_is_left(monkeypatch):
    told, module = [], object()
    monkeypatch.setitem(sys.modules, "torch.made_up", module)
    del sys.modules["torch.made_up"]
    with warnings.catch_warnings(), interpreter_put_back(told.append):
        warnings.simplefilter("ignore", category=ImportWarning)
        sys.setrecursionlimit(sys.getrecursionlimit() + 1)
        sys.path.append("/nowhere")
        sys.modules["torch.made_up"] = module
    assert sys.modules["torch.made_up"] is module
    sys.path.remove("/nowhere")
    sys.setrecursionlimit(sys.getrecursionlimit() - 1)
    assert told == []
