"""Real distributions, installed on the path for one test, and the `csai` command among them."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.plugins import installed

BLOCK = """
from csai_core import Entry, hookimpl

@hookimpl
def csai_blocks():
    return [Entry(name="{block}", target="{module}:Block")]

class Block:
    pass
"""


class Site:
    """A folder on the path, into which distributions are installed as pip leaves them there."""

    def __init__(self, folder):
        self.folder = folder
        self.modules = []

    def install(self, plugin, hooks, distribution=None, version="1.0", module=None):
        """Install a distribution whose plugin is one module with the source `hooks`."""
        distribution = distribution or f"csai-{plugin}"
        module = module or f"{distribution.replace('-', '_')}_hooks"
        (self.folder / f"{module}.py").write_text(hooks)
        self.modules.append(module)
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[csai]\n{plugin} = {module}\n")
        return info

    def install_block(self, plugin, block, **kwargs):
        """Install a healthy plugin that offers one block."""
        distribution = kwargs.get("distribution") or f"csai-{plugin}"
        module = f"{distribution.replace('-', '_')}_hooks"
        return self.install(plugin, BLOCK.format(block=block, module=module), **kwargs)


@pytest.fixture
def site(tmp_path_factory, monkeypatch):
    """An empty site folder on the path."""
    folder = tmp_path_factory.mktemp("site")
    monkeypatch.syspath_prepend(str(folder))
    site = Site(folder)
    yield site
    for module in site.modules:
        sys.modules.pop(module, None)


@pytest.fixture
def csai(site, monkeypatch):
    """Runs `csai` with arguments, over what is installed by then; returns click's result."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        installed.cache_clear()
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    yield run
    installed.cache_clear()
