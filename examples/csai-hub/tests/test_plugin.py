"""The plugin as csai finds it: installed, and through its entry point alone."""

import subprocess
import sys

from csai_core.plugins import installed


def test_it_is_healthy():
    manager = installed()
    manager.call_all()
    (record,) = [record for record in manager.records if record.name == "csai_hub"]
    assert (record.status, record.distribution) == ("ok", "csai-hub"), record.problem
    offers = {kind: sorted(names) for kind, names in record.offers.items() if names}
    assert offers == {"commands": ["pull", "push"]}


def test_looking_around_imports_no_torch_and_no_client():
    look = "from csai_core.plugins import installed; installed().call_all()"
    code = f"import sys; {look}; print({{'torch', 'huggingface_hub'}} & {{*sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
