"""The page about networks, and the package's README: every piece of Python in them runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "networks.md", ROOT / "packages" / "csai-neural" / "README.md"]


def snippets(page):
    return re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)


@pytest.fixture(scope="module", params=PAGES, ids=lambda page: page.name)
def page(request):
    if not request.param.exists():
        pytest.skip("the documents are not part of this installation")
    return request.param


def test_the_page_runs_from_top_to_bottom(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    needs_matplotlib = "diagram()" in "".join(snippets(page))
    if needs_matplotlib:
        pytest.importorskip("matplotlib", reason="the extra `diagram` is not installed")
    for name, text in re.findall(r"```toml\n# (\S+)\n(.*?)```", page.read_text(), re.DOTALL):
        (tmp_path / name).write_text(text)
    names = {"__name__": "page"}
    for snippet in snippets(page):
        exec(compile(snippet, str(page), "exec"), names)
    printed = capsys.readouterr().out
    for shown in re.findall(r"```text\n(.*?)```", page.read_text(), re.DOTALL):
        assert shown.strip() in printed


def test_the_pictures_of_the_page_exist(page):
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", page.read_text()):
        assert (page.parent / picture).exists()
