"""The plugin as csai finds it: installed, and through its entry point alone."""

import subprocess
import sys

from click.testing import CliRunner
from csai_core.commands import main
from csai_core.plugins import installed


def test_it_is_healthy():
    manager = installed()
    manager.call_all()
    (record,) = [record for record in manager.records if record.name == "csai_lights_out"]
    assert (record.status, record.distribution) == ("ok", "csai-lights-out"), record.problem
    assert record.offers["environments"] == ("LightsOut/Small-v0", "LightsOut/Large-v0")
    assert record.offers["agents"] == ("lights_out_solver",)
    assert record.offers["commands"] == ("lights_out",)


def test_csai_lists_and_explains_it():
    assert "LightsOut/Small-v0" in CliRunner().invoke(main, ["list", "environments"]).output
    assert "Press lamps until all are dark" in CliRunner().invoke(main, ["show", "LightsOut/Large-v0"]).output


def test_nobody_needs_to_import_it_first():
    code = "import csai_core; print(csai_core.make('LightsOut/Small-v0').unwrapped.size)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "3\n"


def test_looking_around_does_not_import_the_game():
    code = "import csai_core, sys; csai_core.register_envs(); print('csai_lights_out.env' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
