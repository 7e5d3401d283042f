"""Errors by name, and what is said of each."""

from __future__ import annotations

from csai_core.error_index import explained, known_errors
from csai_core.errors import EnvironmentFailedError, EpisodeOverError
from csai_core.plugins import installed


def test_an_error_is_explained_without_what_it_takes():
    meaning, causes, helps = explained(EnvironmentFailedError)
    assert meaning.startswith("Raised when an environment raised")
    assert causes.startswith("Usual causes: ")
    assert helps.startswith("What helps: ")
    assert "Args" not in helps


def test_the_errors_of_a_plugin_are_known_too(site):
    package = site.folder / "moon_errors_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "hooks.py").write_text("")
    (package / "errors.py").write_text(
        "from csai_core.errors import CsaiError\n\nclass CraterError(CsaiError):\n    '''Too deep.'''\n"
    )
    info = site.install("moon", "")
    (info / "entry_points.txt").write_text("[csai]\nmoon = moon_errors_test.hooks\n")
    site.modules += [f"moon_errors_test{inner}" for inner in ("", ".hooks", ".errors")]
    installed.cache_clear()
    known = known_errors()
    assert explained(known["CraterError"]) == ["Too deep."]
    assert known["CsaiError"].__module__ == "csai_core.errors"  # where it is defined, not where it is used
    assert known["EpisodeOverError"] is EpisodeOverError
    installed.cache_clear()
