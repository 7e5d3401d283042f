"""The plugin as csai finds it: installed, and through its entry point alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from csai_core.plugins import installed

import csai_trackers

TRACKERS = ("weights_and_biases", "mlflow", "trackio")


def test_it_is_healthy():
    manager = installed()
    manager.call_all()
    (record,) = [record for record in manager.records if record.name == "csai_trackers"]
    assert (record.status, record.distribution) == ("ok", "csai-trackers"), record.problem
    offers = {kind: sorted(names) for kind, names in record.offers.items() if names}
    assert offers == {"callbacks": ["mlflow", "trackio", "wandb"]}


def test_looking_around_imports_no_torch_and_no_tracker():
    look = "from csai_core.plugins import installed; installed().call_all()"
    code = f"import sys; {look}; print({{'torch', 'wandb', 'mlflow', 'trackio'}} & {{*sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


@pytest.mark.parametrize("name", TRACKERS)
def test_each_tracker_has_at_most_sixty_lines(name):
    path = Path(csai_trackers.__file__).with_name(f"{name}.py")
    assert len(path.read_text().splitlines()) <= 60
