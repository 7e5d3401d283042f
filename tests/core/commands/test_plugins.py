"""`csai plugins`."""

from __future__ import annotations

import json


def test_the_table_shows_health_and_offers(site, csai):
    site.install_block("alpha", "first", version="1.2")
    site.install("broken", "raise RuntimeError('[bold]no[/bold]')", version="0.3")
    output = csai("plugins").output
    assert any(line.split()[:5] == ["alpha", "csai-alpha", "1.2", "ok", "1"] for line in output.splitlines())
    assert "broken: load: RuntimeError: [bold]no[/bold]" in output
    assert "csai plugins --why NAME" in output


def test_a_hook_that_raises_shows_before_anything_else_asked_for_it(site, csai):
    source = "from csai_core import hookimpl\n@hookimpl\ndef csai_datasets(): return 1 / 0\n"
    site.install("late", source)
    assert "csai_datasets: ZeroDivisionError" in csai("plugins").stdout


def test_json_holds_every_record(site, csai):
    site.install("broken", "import no_such_module_anywhere", version="0.3")
    records = {record["name"]: record for record in json.loads(csai("plugins", "--json").stdout)}
    assert records["csai_core"]["status"] == "ok"
    assert "list" in records["csai_core"]["offers"]["commands"]
    assert records["broken"]["version"] == "0.3"
    assert "Traceback" in records["broken"]["details"]


def test_why_prints_the_traceback(site, csai):
    site.install("broken", "import no_such_module_anywhere")
    output = csai("plugins", "--why", "broken").stdout
    assert output.startswith("broken (csai-broken 1.0): load: ModuleNotFoundError")
    assert "Traceback" in output


def test_why_of_a_healthy_plugin(csai):
    assert "no problem" in csai("plugins", "--why", "csai_core").output


def test_why_of_an_unknown_plugin_gives_the_nearest(csai):
    result = csai("plugins", "--why", "csai_cor")
    assert result.exit_code == 1
    assert "Did you mean 'csai_core'?" in result.output
