"""Hostile plugins: none breaks a command or another plugin, and each is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

HEAD = "from csai_core import Entry, hookimpl\nfrom gymnasium.envs.registration import EnvSpec\n"
HOOK = HEAD + "@hookimpl\ndef csai_blocks():\n    "
HOSTILE = {
    "exits at import": "raise SystemExit(0)",
    "raises a stranger's BaseException": "class Stop(BaseException): ...\nraise Stop('now')",
    "raises what Ctrl-C does": "raise KeyboardInterrupt",
    "changes what Ctrl-C does": HOOK
    + "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); raise OSError",
    "recurses without end": HOOK + "return csai_blocks()",
    "raises halfway": HOOK + "yield Entry(name='half', target='a:b')\n    raise OSError('gone')",
    "offers without end": HOOK
    + "n = 0\n    while True:\n        n += 1\n        yield Entry(name=f'n{n}', target='a:b')",
    "offers a million": HOOK + "return (Entry(name=f'n{n}', target='a:b') for n in range(1_000_000))",
    "looks things up": HOOK
    + "from csai_core.plugins import installed\n    return installed().entries('blocks')",
    "has a module that raises when asked": (
        "def __getattr__(name):\n    raise GeneratorExit(name)\n" + HOOK + "return []"
    ),
    "prints at import": "print('{')\nimport sys; sys.stdout.write('}\\n')\n" + HOOK + "return 1 / 0",
    "closes stdout": "import sys\nsys.stdout = None\n",
    "replaces gymnasium.make": "import gymnasium\ngymnasium.make = None\n",
    "replaces builtins in a hook": HOOK + "import builtins; builtins.len = None; return []",
    "registers over others": "import gymnasium\ngymnasium.registry['CartPole-v1'] = None\n",
    "registers in our namespace": "import gymnasium\ngymnasium.register('CSAI/Mine-v0', 'nowhere:Env')\n",
    "offers in our namespace": (
        HEAD + "@hookimpl\ndef csai_environments(): return [EnvSpec('CSAI/Mine-v0', 'nowhere:Env')]\n"
    ),
    "takes commands": (
        HEAD + "@hookimpl\ndef csai_commands():\n"
        "    return [Entry(name=name, target='nowhere:run') for name in ('list', 'check', 'pl_ugins')]\n"
    ),
    "has a message that cannot be told": (
        "class Mute(Exception):\n    def __str__(self): raise SystemExit\nraise Mute\n"
    ),
    "has a message of a megabyte, in colors": "raise ValueError('\\x1b[31m[red]\\r' * 100_000)",
    "offers records that cannot be compared": HEAD + "class Odd(Entry):\n"
    "    def __eq__(self, other): raise RuntimeError('eq')\n"
    "    def __hash__(self): raise RuntimeError('hash')\n"
    "    def __repr__(self): raise RuntimeError('repr')\n"
    "    @property\n    def full_name(self): raise RuntimeError('full')\n"
    "@hookimpl\ndef csai_blocks(): return [Odd(name='linear_map', target='a:b'), 'no entry']\n",
    "declares our kinds": (
        "from csai_core import Kind, hookimpl\n"
        "@hookimpl\ndef csai_kinds(): return [Kind(name='blocks', hook='csai_blocks')]\n"
    ),
    "leaves the folder": "import os\nos.chdir('/')\n",
    "says numbers where texts belong": HOOK + "return [Entry(name='a', target='a:b', group=3, summary=None)]",
    "replaces what others log and print with": (
        "import json, logging, os, sys\nlogging.getLogger = json.dumps = None\n"
        "os.get_terminal_size = sys.exit = None\n"
        "logging.disable(logging.CRITICAL)\n"
    ),
    "changes how Python runs": (
        "import gc, os, sys, warnings\nimport numpy as np\nwarnings.simplefilter('error')\ngc.disable()\n"
        "sys.setrecursionlimit(100)\nsys.settrace(lambda *seen: None)\nnp.seterr(all='raise')\n"
        "sys.path.clear()\nos.environ.clear()\n"
    ),
    "hides modules": "import sys\nsys.modules['csai_core.plugins'] = sys.modules['csai_envs.snake'] = None\n",
    "is made for another century": "CSAI_PLUGIN_API = 'a hundred'",
}
NAMES = {
    "is called as one of ours": "csai_core",
    "is called in colors": "[red]\x1b[31m",
    "is called as nobody can be": "a:b/c d",
    "looks like one of ours": "csa\u0456_core",
}


VALUES = {
    "is nowhere": "../nowhere !",
    "is nothing": ",",
}
CODE = """
import csai_core, gymnasium, os, random
folder = os.getcwd()
random.seed(1)
csai_core.register_envs()
print(len(gymnasium.make('CartPole-v1').reset(seed=1)))
assert 'CSAI/Mine-v0' not in gymnasium.registry and folder == os.getcwd()
assert random.random() == random.Random(1).random()
csai_core.plugins.installed().call_all()
print(len('all is well'))
"""


def install(site, number, case):
    """Install a hostile plugin."""
    source = HOSTILE.get(case, "raise RuntimeError('Here I am')")
    distribution = f"hostile-{number}"
    info = site.install(NAMES.get(case, f"hostile_{number}"), source, distribution=distribution)
    if case in VALUES:
        (info / "entry_points.txt").write_text(f"[csai]\nhostile_{number} = {VALUES[case]}\n")
    return distribution


def run(site, *words):
    """Run Python in a process of its own, where the plugins of a site are installed."""
    paths = os.pathsep.join([str(site.folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    environ = {**os.environ, "PYTHONPATH": paths, "COLUMNS": "200", "PYTHONWARNINGS": "default"}
    command = [sys.executable, *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, cwd=site.folder)


def csai(site, *words):
    return run(site, "-c", "from csai_core.commands import main; main()", *words)


@pytest.fixture
def sound(site):
    """Two sound plugins, one that is loaded before the others, and one after."""
    for plugin in ("alpha", "zulu"):
        site.install_block(plugin, f"block_of_{plugin}")
    return site


@pytest.mark.parametrize("case", [*HOSTILE, *NAMES, *VALUES])
def test_each_is_named_in_a_line_and_no_other_is_blamed(sound, case):
    distribution = install(sound, 1, case)
    ran = csai(sound, "plugins", "--json")
    assert ran.returncode == 0, ran.stderr
    records = {each["distribution"]: each for each in json.loads(ran.stdout)}
    assert {records[name]["status"] for name in ("csai-alpha", "csai-zulu", "csai-core")} == {"ok"}
    blamed = records[distribution]
    assert blamed["status"] in ("failed", "conflict", "incompatible")
    assert blamed["problem"].isprintable()
    assert len(blamed["problem"]) < 2000
    (line,) = [line for line in ran.stderr.splitlines() if "has a problem" in line]
    assert f"({blamed['name']}: " in line
    assert "\x1b" not in ran.stdout + ran.stderr


def test_however_much_one_prints_it_is_a_line(sound):
    sound.install("loud", "import sys\nprint('A\\n' * 100_000)\nsys.stderr.write('B' * 100_000)\n")
    ran = csai(sound, "list", "blocks")
    assert ran.returncode == 0
    (line,) = ran.stderr.splitlines()
    assert line.startswith("Plugin 'loud' printed 300,001 characters while it was loaded: A A A")
    assert len(line) < 300


@pytest.fixture
def hostile(sound):
    """All of them at once."""
    for number, case in enumerate([*HOSTILE, *NAMES, *VALUES]):
        install(sound, number, case)
    return sound


@pytest.mark.parametrize(
    "words", [["list", "blocks", "--json"], ["--help"], ["show", "block_of_alpha"], ["list"], ["plugins"]]
)
def test_no_command_breaks_where_all_are_installed(hostile, words):
    ran = csai(hostile, *words)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "\x1b" not in ran.stdout + ran.stderr
    if "--json" in words:
        assert {"block_of_alpha", "block_of_zulu"} <= {each["name"] for each in json.loads(ran.stdout)}


def test_environments_are_made_and_nothing_is_changed_where_all_are_installed(hostile):
    ran = run(hostile, "-c", CODE)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split()[-2:] == ["2", "11"]
