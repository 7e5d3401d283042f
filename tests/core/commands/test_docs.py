"""`csai docs`."""

from __future__ import annotations

import pytest

from csai_core.commands import docs


@pytest.fixture
def opened(monkeypatch, tmp_path):
    found = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", lambda address: found.append(address) or True)
    monkeypatch.setattr(docs, "__file__", str(tmp_path / "a" / "b" / "c" / "d" / "e" / "docs.py"))
    return found


@pytest.fixture(params=["csai-docs", "build/site/html"])
def built(request, tmp_path, opened):
    folder = tmp_path / request.param
    for name in (
        *("index.html", "glossary.html", "reference/games/snake.html", "reference/games/index.html"),
        *("reference/hooks/csai_blocks.html", "reference/algorithms/ppo.html", "which-algorithm.html"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("<html></html>")
    return folder


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ([], "index.html"),
        (["glossary"], "glossary.html"),
        (["PPO"], "reference/algorithms/ppo.html"),
        (["CSAI/Snake-v0"], "reference/games/snake.html"),
        (["csai-blocks"], "reference/hooks/csai_blocks.html"),
        (["which_algorithm"], "which-algorithm.html"),
        (["games"], "reference/games/index.html"),
    ],
)
def test_a_page_is_opened(built, opened, csai, words, page):
    csai("docs", *words)
    assert opened == [(built / page).resolve().as_uri()]


def test_a_page_that_is_not_there_names_the_nearest(built, csai):
    assert "Did you mean 'glossary'?" in csai("docs", "glosary").output


def test_it_is_found_in_the_checkout_too(tmp_path, opened, csai, monkeypatch):
    monkeypatch.setattr(docs, "__file__", str(tmp_path / "x" / "1" / "2" / "3" / "4" / "5" / "docs.py"))
    folder = tmp_path / "x" / "build" / "site" / "html"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("")
    csai("docs")
    assert opened == [(folder / "index.html").as_uri()]


def test_without_a_site_it_says_how_to_get_one(opened, csai):
    output = csai("docs").output
    assert "nox -s docs" in output
    assert "csai-docs.zip" in output
    assert not opened


def test_it_lies_where_one_says(tmp_path, opened, csai):
    (tmp_path / "index.html").write_text("")
    csai("docs", "--site", str(tmp_path))
    assert opened == [(tmp_path / "index.html").as_uri()]


def test_without_a_browser_it_says_which_file(built, csai, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    assert "open that file" in csai("docs").output


def test_an_error_is_explained_where_there_is_no_site(opened, csai):
    result = csai("docs", "spaceerror")
    assert result.exit_code == 0
    assert result.stdout.startswith("SpaceError\n\nRaised when a value lies outside the space")
    assert "Usual causes: " in result.output
    assert "What helps: " in result.output
    assert not opened


def test_an_error_is_opened_at_its_entry(built, opened, csai):
    page = built / "reference" / "errors.html"
    page.write_text("<html></html>")
    assert "Usual causes: " in csai("docs", "SpaceError").output
    assert opened == [f"{page.resolve().as_uri()}#spaceerror"]


def test_an_error_that_is_none_names_the_nearest(opened, csai):
    result = csai("docs", "SpacesError")
    assert result.exit_code == 1
    assert "UnknownNameError: No error named 'SpacesError'. Did you mean 'SpaceError'?" in result.output
