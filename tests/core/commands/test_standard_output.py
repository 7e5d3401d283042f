"""Whatever plugins print, natively too, a program that reads the answer of `--json` gets nothing else."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from csai_core.commands.output import json_option, print_json
from csai_core.commands.standard_output import diverted

NOISY = """
import ctypes, os, subprocess, sys
from csai_core import Entry, hookimpl

def shout(when):
    print("printed", when)
    sys.__stdout__.write(f"written {when}\\n")
    os.write(1, f"native {when}\\n".encode())
    subprocess.run(["echo", "echoed", when])
    ctypes.CDLL(None).printf(b"buffered\\n")

shout("at import")

@hookimpl
def csai_blocks():
    shout("from a hook")
    return [Entry(name="noise", target="csai_noisy_hooks:shout")]

@hookimpl
def csai_agents():
    shout("from another hook")
    return []
"""
NOISES = ("printed", "written", "native", "echoed", "buffered")


def program(site, *arguments):
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(site.folder), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-c", "from csai_core.commands import main; main()", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", [["plugins"], ["list"], ["list", "agents"], ["show", "noise"], ["doctor"]])
def test_json_is_all_that_comes_out(site, words):
    site.install("noisy", NOISY)
    done = program(site, *words, "--json")
    json.loads(done.stdout)
    for noise in NOISES:
        assert noise in done.stderr


def test_what_is_no_json_is_spoiled_by_no_import_either(site):
    site.install("noisy", NOISY)
    assert program(site, "--version").stdout.startswith("csai, version")
    for words in (["--help"], [], ["new-plugin", "--help"]):
        assert not set(program(site, *words).stdout.split()) & {*NOISES}


def test_every_command_that_prints_json_does_so_by_the_one_way():
    written = [
        path.name
        for path in Path(__file__).parents[3].glob("packages/*/src/*/commands/*.py")
        if 'click.option("--json"' in path.read_text()
    ]
    assert written == ["output.py"]


def test_in_a_test_and_a_notebook_the_streams_of_python_are_exchanged(monkeypatch):
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with diverted() as before:
        print("noise")
        before.write("answer")
    print(" after")
    assert (out.getvalue(), err.getvalue()) == ("answer after\n", "noise\n")


def test_one_command_may_call_another(capsys):
    @click.command()
    @json_option
    def inner(as_json):
        print("noise")
        print_json({"inner": as_json})

    @click.command()
    @json_option
    def outer(as_json):
        inner.main(["--json"], standalone_mode=False)

    outer.main(["--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out) == {"inner": True}
    outer.main([], standalone_mode=False)
    inner.main([], standalone_mode=False)
    assert "noise\n" in capsys.readouterr().out
