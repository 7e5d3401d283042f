"""What the code of one plugin does is its own failure, and is put back where it concerns others."""

from __future__ import annotations

import signal
import warnings

import gymnasium
import pytest

from csai_core.errors import PluginError
from csai_core.plugins import PluginWarning
from csai_core.plugins.health import Health
from csai_core.plugins.record import PluginRecord


def health(*plugins, **environ):
    """The health of some plugins, of which nothing is known yet."""
    made = Health(environ)
    made.records |= {plugin: PluginRecord(plugin) for plugin in plugins}
    return made


@pytest.mark.parametrize("method", ["run", "attempt"])
@pytest.mark.parametrize("plugin", ["csai_core", "lamps"])
def test_what_works_gives_what_it_gives_and_is_traced(plugin, method, capsys):
    seen = health(plugin, CSAI_TRACE_PLUGINS="1")
    assert seen.running == ""
    assert getattr(seen, method)(plugin, "load", lambda: seen.running) == plugin
    assert seen.running == ""
    assert capsys.readouterr().err == f"csai plugins: {plugin}: load …\n"
    assert seen.records[plugin].status == "ok"


@pytest.mark.parametrize("method", ["run", "attempt"])
@pytest.mark.parametrize("plugin", ["csai_core", "lamps"])
def test_what_fails_is_noted_of_the_plugin(plugin, method):
    seen = health(plugin)
    assert getattr(seen, method)(plugin, "load", lambda: 1 / 0) is None
    assert (seen.records[plugin].status, seen.running) == ("failed", "")
    assert seen.records[plugin].problem == "load: ZeroDivisionError: division by zero"


def test_what_strangers_change_of_others_is_put_back_and_ours_are_trusted(monkeypatch):
    seen, make = health("csai_core", "lamps"), gymnasium.make
    monkeypatch.setattr(gymnasium, "make", make)  # whatever becomes of it here
    seen.run("lamps", "load", lambda: setattr(gymnasium, "make", None))
    assert gymnasium.make is make
    assert seen.records["lamps"].status == "conflict"
    assert seen.records["lamps"].problem == (
        "it replaced or changed gymnasium.make, which all share; that was put back"
    )
    seen.run("csai_core", "load", lambda: setattr(gymnasium, "make", None))
    assert gymnasium.make is None
    assert seen.records["csai_core"].status == "ok"


def test_strictly_what_is_no_exception_is_raised_as_one():
    with pytest.raises(PluginError, match=r"Plugin 'lamps' raised SystemExit\(3\)"):
        health("lamps", CSAI_STRICT_PLUGINS="1").attempt("lamps", "load", lambda: exit(3))


def test_what_a_plugin_prints_is_said_to_be_its_own(capsys):
    health("lamps").run("lamps", "load", lambda: print("on\noff"))
    assert capsys.readouterr().err.startswith(
        "Plugin 'lamps' printed 7 characters while it was loaded: on off"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        (
            "lamps",
            "Stopped in the code of plugin 'lamps' (load). If it never comes back, switch it off: "
            "CSAI_DISABLE_PLUGINS=lamps\n",
        ),
        ("csai_core", ""),
    ],
)
def test_who_is_asked_about_signals_is_asked_once_and_the_plugin_goes_on(number, plugin, said, capsys):
    asked, begun = [], []

    def load():
        begun.append(1)
        if len(begun) == 1:
            signal.raise_signal(number)
        return "loaded"

    former = signal.signal(number, lambda *given: asked.append(given[0]))
    try:
        seen = health(plugin, CSAI_TRACE_PLUGINS="1")
        assert seen.attempt(plugin, "load", load) == "loaded"
    finally:
        signal.signal(number, former)
    assert (asked, len(begun), seen.records[plugin].status) == ([number], 2, "ok")
    begins = f"csai plugins: {plugin}: load …\n"
    assert capsys.readouterr().err == begins + said + begins


@pytest.mark.parametrize(
    ("plugins", "said"),
    [
        (
            ["lamps"],
            "1 csai plugin has a problem (lamps: burnt out). "
            "Everything else works; 'csai plugins' tells more.",
        ),
        (
            ["lamps", "blinds"],
            "2 csai plugins have a problem. Everything else works; 'csai plugins' tells more.\n"
            "  lamps: burnt out\n  blinds: burnt out",
        ),
    ],
)
def test_of_what_is_in_trouble_is_warned_once(plugins, said):
    seen = health("sound", "off", *plugins)
    seen.records["off"].blame("disabled", "switched off")
    for plugin in plugins:
        seen.records[plugin].blame("failed", "burnt out")
    with pytest.warns(PluginWarning) as warned:
        seen.warn_of_trouble()
    assert [str(each.message) for each in warned] == [said]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen.warn_of_trouble()


def test_where_warnings_are_errors_it_is_said_on_stderr(capsys):
    seen = health("lamps")
    seen.records["lamps"].blame("failed", "burnt out")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen.warn_of_trouble()
    said = (
        "1 csai plugin has a problem (lamps: burnt out). Everything else works; 'csai plugins' tells more.\n"
    )
    assert capsys.readouterr().err == said


def test_what_may_provide_what_was_not_found_is_listed():
    seen = health("sound", "lamps", "blinds", "heater", CSAI_PLUGINS="cooler")
    seen.records["lamps"].blame("failed", "burnt out")
    seen.records["blinds"].blame("incompatible", "too old")
    seen.records["heater"].blame("disabled", "switched off")
    assert seen.failure_note() == (
        "Plugins 'lamps', 'blinds' failed to load and may provide it; 'csai plugins' says why. "
        "Plugin 'heater' is switched off and may provide it. "
        "'cooler' is enabled or disabled, but not installed."
    )
