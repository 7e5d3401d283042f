"""The site's pages: what they show is run, what they name is there; building it is a session of its own."""

from __future__ import annotations

import functools
import importlib
import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest

from csai_core.plugins import installed
from csai_core.plugins.discovery import OURS
from csai_core.plugins.entry import as_typed
from csai_train.commands.config_options import options_for

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RUN_HERE = [
    *(DOCS / name for name in ("which-algorithm.md", "why-not-learning.md", "website/pages/start.md")),
    *sorted((DOCS / "coming-from").glob("*.md")),
]
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def website():
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("website")
    sys.path.remove(str(DOCS))


@pytest.fixture
def part(website):
    return lambda name: importlib.import_module(f"website.{name}")


@pytest.mark.parametrize("page", RUN_HERE, ids=lambda path: str(path.relative_to(DOCS)))
def test_the_code_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in PYTHON.findall(page.read_text()):
        exec(compile(block, str(page), "exec"), names)


def test_the_walks_through_the_code_name_what_is_there(part):
    names = re.findall(r"`(csai_\w+\.[\w.]+)`", (DOCS / "architecture.md").read_text())
    assert len(names) > 30
    assert not part("reference").is_there("csai_core.shell.no_such_thing")
    for name in names:
        assert part("reference").is_there(name), name


def test_ten_checks_each_have_a_command():
    parts = re.split(r"^## \d+\. ", (DOCS / "why-not-learning.md").read_text(), flags=re.MULTILINE)[1:]
    assert len(parts) == 10
    assert all("```\ncsai " in part for part in parts)


def test_every_algorithm_and_block_of_ours_has_a_page(part):
    for kind, told in (("algorithms", part("algorithms").TOLD), ("blocks", part("blocks").EXAMPLES)):
        ours = {name for name, entry in installed().entries(kind).items() if entry.plugin in OURS}
        assert ours == set(told)


def test_equations_stand_beside_lines_that_are_there(part):
    algorithms = part("algorithms")
    for told in algorithms.TOLD.values():
        for equation in told["equations"]:
            lines = [*algorithms.code_of(equation["code"])]
            assert any(line.lstrip().startswith("return ") for line in lines)
            assert '"""' not in "\n".join(lines)


def test_every_page_is_made_once_and_with_a_heading(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["make_site.py", str(tmp_path)])
    monkeypatch.syspath_prepend(str(DOCS))
    runpy.run_path(str(DOCS / "make_site.py"), run_name="__main__")
    pages = sorted(tmp_path.rglob("*.md"))
    assert capsys.readouterr().out.startswith(f"{len(pages)} pages")
    assert len(pages) > 100
    for page in pages:
        text = page.read_text()
        assert (
            len(re.findall(r"^# ", re.sub(r"^ *(`{3,}).*?^ *\1", "", text, flags=re.M | re.S), re.M)) == 1
        ), page


def test_links_are_those_of_the_site(part):
    links = part("links")
    text = "[a](commands.md#csai-train) [b](runs.md#callbacks) [c](../CONTRIBUTING.md) ![e](images/x.png)"
    path = DOCS / "questions.md"
    assert links.for_site(text, path, links.places()) == (
        "[a](/reference/commands/train.md) [b](/runs.md#callbacks) [c](/project/contributing.md) "
        "![e](/images/x.png)"
    )
    with pytest.raises(ValueError, match="no page of the site"):
        links.for_site("[a](../noxfile.py)", path, links.places())


def test_docstrings_become_what_sphinx_reads(part):
    text = """\
    Opens `it`, a * b.

        x = 1

    Takes:
    - one;
    - two.

    Args:
        name: what it is called,
            as text.
        **rest: for `others`.

    Returns:
        (batch,): numbers.

    Raises:
        ValueError: if not.
    """
    lines = part("docstrings").as_rest([line.removeprefix("    ") for line in text.splitlines()])
    assert [line for line in lines if line] == [
        "Opens ``it``\\ , a \\* b.",
        "::",
        "    x = 1",
        "Takes:",
        "- one;",
        "- two.",
        ":param name: what it is called,",
        "    as text.",
        ":param \\*\\*rest: for ``others``\\ .",
        ":returns: (batch,): numbers.",
        ":raises ValueError: if not.",
    ]
    assert lines[lines.index("- one;") - 1] == ""  # otherwise it would be no list


def test_the_first_of_each_word_leads_to_the_glossary(part):
    glossary = part("glossary")
    assert set(glossary.LINKED) <= set(glossary.ENTRIES)
    text = (
        "# A policy\n\nA policy, `policy`; two rollouts.\n\n```\nrollout\n```\n| rollout | [seed](a.md) |\n"
    )
    assert glossary.linked(text) == text.replace("A policy,", "A {term}`policy`,").replace(
        "two rollouts", "two {term}`rollouts <rollout>`"
    )
    page = glossary.page()
    assert page.count("\n  ") == len(glossary.ENTRIES)
    assert "{term}`actions <action>`" in page


COMMANDS = [
    (path, command.split("#")[0].strip().rstrip("\\"))
    for path in sorted({*DOCS.rglob("*.md"), *ROOT.glob("packages/*/README.md")})
    for language, fence in re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)
    for command in re.findall(r"^(?:\$ )?(csai [^\n]+)", fence, re.MULTILINE)
    if language in ("", "text", "sh", "bash", "console") and "[OPTIONS]" not in command
]


@pytest.mark.parametrize(
    ("path", "command"), COMMANDS, ids=[f"{path.name}: {each}" for path, each in COMMANDS]
)
def test_what_a_page_types_is_a_command_with_these_options(path, command):
    words = shlex.split(command)[1:]
    if words[0].startswith("-"):
        assert words[0] in ("--help", "--version", "--traceback")
        return
    found = click_commands().get(words[0])
    assert found is not None, words[0]
    known = {flag for param in found.params for flag in (*param.opts, *param.secondary_opts)}
    if words[0] in ("train", "tune"):
        for entry in installed().entries("algorithms").values():
            known |= {
                flag
                for each in options_for(entry.load_config())
                for flag in (*each.opts, *each.secondary_opts)
            }
    typed = {word.partition("=")[0] for word in words if word.startswith("--")}
    assert typed <= known | {"--help", "--lr"}, typed - known


@functools.cache
def click_commands():
    return {as_typed(name): entry.load() for name, entry in installed().entries("commands").items()}


def test_curves_are_drawn_inside_their_panels_and_told_in_words(part):
    curves = part("curves")
    for name in part("algorithms").TOLD:
        page = "\n".join(curves.picture(name))
        assert page.count('role="img" aria-label="return over ') == 1
        assert page.count("<svg") == 2
        assert 'class="healthy"' in page
        for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)(?= L|\")", page):
            assert curves.LEFT <= float(x) <= curves.WIDTH
            assert curves.TOP <= float(y) <= curves.HEIGHT - curves.BOTTOM


def test_every_error_is_explained(part):
    page = "\n".join(part("errors").page())
    sources = "".join(path.read_text() for path in ROOT.glob("packages/*/src/**/*.py"))
    classes = re.findall(r"^class (\w+Error)\(", sources, re.M)
    assert sorted(re.findall(r"^## (\w+)$", page, re.M)) == sorted(classes)
    assert len(classes) > 30
    for entry in page.split("\n## ")[1:]:
        assert "\n**Usual causes:** " in entry, entry
        assert "\n**What helps:** " in entry, entry
    config_error = page.partition("\n## ConfigError\n")[2].partition("\n## ")[0]
    assert "ValueError" in config_error
    assert "{py:obj}`csai_train.train`: if the algorithm cannot work" in config_error


def test_a_new_page_stands_among_the_how_tos(part, tmp_path, monkeypatch):
    links = part("links")
    assert set(links.unlisted()) <= {path.stem for path in DOCS.glob("*.md")} - {"README", "commands", "runs"}
    (tmp_path / "docs" / "website" / "pages").mkdir(parents=True)
    for name in ("new.md", "old.md", "README.md", "commands.md"):
        (tmp_path / "docs" / name).write_text("# A page\n")
    (tmp_path / "docs" / "website" / "pages" / "how-to.md").write_text("```{toctree}\n:hidden:\n\nold\n```\n")
    monkeypatch.setattr(links, "ROOT", tmp_path)
    assert links.unlisted() == ["new"]
    assert "NEW PAGES" in (DOCS / "website" / "pages" / "how-to.md").read_text()
