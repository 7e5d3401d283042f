"""Whether there is a display, and that SDL is told when there is none."""

import os
import subprocess
import sys

import pytest

from csai_core.display import draw_without_display, has_display


@pytest.fixture(autouse=True)
def linux_without_display(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "MUJOCO_GL"):
        # Set and taken away again, so that whatever the test leaves is undone.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_linux_without_display():
    assert not has_display()
    draw_without_display()
    assert os.environ["SDL_VIDEODRIVER"] == "dummy"
    assert os.environ["MUJOCO_GL"] == "egl"


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_linux_with_display(monkeypatch, name):
    monkeypatch.setenv(name, ":0")
    assert has_display()
    draw_without_display()
    assert not {"SDL_VIDEODRIVER", "MUJOCO_GL"} & {*os.environ}


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_elsewhere_there_is_always_one(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    assert has_display()


def test_a_driver_chosen_already_is_kept(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    draw_without_display()
    assert os.environ["SDL_VIDEODRIVER"] == "x11"


@pytest.mark.parametrize(("given", "kept"), [("nonsense", None), ("svg", "svg")])
def test_matplotlib_draws_whatever_its_backend_is_said_to_be(given, kept):
    pytest.importorskip("matplotlib")
    program = (
        "import os; from csai_core.display import import_matplotlib; matplotlib = import_matplotlib();"
        "from matplotlib.figure import Figure; import io; Figure().savefig(io.BytesIO(), format='png');"
        "print(os.environ['MPLBACKEND'], dict.__getitem__(matplotlib.rcParams, 'backend'))"
    )
    environ = {**os.environ, "MPLBACKEND": given}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=False
    )
    name, backend = ran.stdout.strip().split(maxsplit=1)
    assert name == given, ran.stderr
    assert kept is None or backend == kept
