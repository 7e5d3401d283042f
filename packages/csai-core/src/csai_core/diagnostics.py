"""What `csai doctor` looks at: facts about this machine, and what is wrong with it.

Nothing that may be broken is imported here. It is tried in a process of its own, so that even an
extension that crashes, hangs or exits ends up as a line of the report.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from csai_core.display import has_display
from csai_core.errors import CsaiError, said
from csai_core.plugins import PluginManager
from csai_core.plugins.discovery import DISTRIBUTIONS
from csai_core.plugins.settings import PluginSettings
from csai_core.plugins.trial import find_stoppers

NEEDED = ("gymnasium", "numpy", "pluggy", "click", "rich")
OPTIONAL = ("pygame-ce", "torch", "torchvision", "safetensors", "matplotlib", "pillow")
_SECONDS_TO_IMPORT = 120
_SECONDS_FOR_A_PLUGIN = 30
_DISABLED = "CSAI_DISABLE_PLUGINS"
_SLOW = 0.05
"""Seconds; what makes every command later than that is worth a line."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    topic: str
    verdict: Literal["ok", "note", "problem"]
    text: str
    """What was found; for a problem, also how to mend it."""


def examine() -> Iterator[Finding]:
    """Everything there is to know, one finding after another; a check that fails is one as well."""
    environ = dict(os.environ)
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _versions,
        functools.partial(_stoppers, environ),
        functools.partial(_plugins, environ),
        functools.partial(_loading, environ),
        *(_pygame, _torch, _torchvision, _threads, _display),
    )
    for check in checks:
        try:
            yield from check()
        except Exception as error:
            topic = getattr(check, "func", check).__name__.strip("_")
            yield Finding(topic, "problem", f"could not be checked: {said(error)}")


def _versions() -> Iterator[Finding]:
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.platform()}, {sys.executable}")
    family = {name: version(name) for name in DISTRIBUTIONS}
    present = {name: found for name, found in family.items() if found}
    listed = ", ".join(f"{name} {found or 'not installed'}" for name, found in family.items())
    if len(set(present.values())) > 1:
        advice = f"pip install --upgrade {' '.join(present)}"
        yield Finding("csai", "problem", f"{listed}: the versions must be the same. Mend: {advice}")
    else:
        yield Finding("csai", "ok", listed)
    for name in NEEDED:
        found = version(name)
        verdict: Literal["ok", "problem"] = "ok" if found else "problem"
        yield Finding(name, verdict, found or f"not installed. Mend: pip install {name}")
    listed = ", ".join(f"{name} {version(name) or 'not installed'}" for name in OPTIONAL)
    yield Finding("others", "ok", listed)


def _stoppers(environ: dict[str, str]) -> Iterator[Finding]:
    """The plugins that nobody can load; they are switched off in the environment for whoever looks after."""
    for stopper in find_stoppers(_SECONDS_FOR_A_PLUGIN):
        record = stopper.record
        yield Finding(f"plugin {record.name}", "problem", f"{record.origin}, {stopper}")
        environ[_DISABLED] = ",".join(filter(None, (environ.get(_DISABLED), record.name)))


def _plugins(environ: Mapping[str, str]) -> Iterator[Finding]:
    manager = PluginManager(environ=environ)
    manager.call_all()
    asked_for = PluginSettings(os.environ)
    for record in manager.records:
        if record.status == "disabled" and not asked_for.variable_against(record):
            continue  # it was found to stop everything, which is told already
        text = f"{record.origin}, {record.problem or record.status}"
        verdict: Literal["ok", "note", "problem"] = "problem" if record.is_troubled else "ok"
        if record.status == "disabled":
            verdict = "note"
        yield Finding(f"plugin {record.name}", verdict, text)
    for name in manager.unknown_settings():
        text = f"{name!r} stands in CSAI_PLUGINS or CSAI_DISABLE_PLUGINS, and no such plugin is installed"
        yield Finding("settings", "problem", text)


def _loading(environ: Mapping[str, str]) -> Iterator[Finding]:
    """How long every command waits for plugins, and for which."""
    seconds = _load_seconds(environ)
    yield Finding("loading", "ok", f"every command waits {_in_ms(sum(seconds.values()))} for plugins to load")
    for name, each in sorted(seconds.items(), key=lambda item: -item[1]):
        if each > _SLOW:
            text = (
                f"slows every command by {_in_ms(each)}, the time to import its hooks module. What is large "
                f"is imported inside of functions, or elsewhere; csai check {name} says what it pulls in"
            )
            yield Finding(f"plugin {name}", "note", text)


def _load_seconds(environ: Mapping[str, str]) -> dict[str, float]:
    """How long each plugin takes to load in a new process, the quicker of two times."""
    program = (
        f"import sys; sys.path[:] = {sys.path!r}; import json; from csai_core.plugins import installed; "
        "print(); print(json.dumps({each.name: each.load_seconds for each in installed().records}))"
    )
    times: list[dict[str, float]] = []
    for _ in range(2):  # the first also compiles what was never imported before
        finding = _tried("loading", program, environ)
        if finding.verdict != "ok":
            raise CsaiError(finding.text)
        times.append(json.loads(finding.text.splitlines()[-1]))
    return {name: min(each[name] for each in times if name in each) for name in times[0]}


def _in_ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _pygame() -> Iterator[Finding]:
    old, new = version("pygame"), version("pygame-ce")
    if old and new:
        advice = "pip uninstall -y pygame pygame-ce && pip install pygame-ce"
        text = f"pygame {old} and pygame-ce {new} are both installed and overwrite each other. Mend: {advice}"
        yield Finding("pygame", "problem", text)
    elif not old and not new:
        yield Finding("pygame", "note", "not installed; needed only to draw: pip install pygame-ce")
    else:
        yield _tried("pygame", "import pygame; print(pygame.version.ver, 'imports')")


def _torch() -> Iterator[Finding]:
    if not version("torch"):
        yield Finding("torch", "note", "not installed; needed by csai-neural and csai-train")
        return
    yield _tried(
        "torch",
        "import torch; gpus, threads = torch.cuda.device_count(), torch.get_num_threads(); "
        "print(torch.__version__, f'imports; {threads} thread{\"s\" * (threads != 1)};', "
        "f'{gpus} CUDA device{\"s\" * (gpus != 1)}' if gpus else "
        "'no CUDA device, so networks run on the processor')",
    )


def _torchvision() -> Iterator[Finding]:
    if not version("torchvision"):
        yield Finding("torchvision", "note", "not installed; needed only by datasets that are downloaded")
        return
    finding = _tried(
        "torchvision",
        "import torch, torchvision; from torchvision.ops import nms; "
        "nms(torch.zeros(1, 4), torch.zeros(1), 0.5); print(torchvision.__version__, 'operators work')",
    )
    if finding.verdict == "problem":
        # A wheel made for another torch, or for CUDA, beside a torch that is not.
        advice = "Only downloaded datasets need it. Mend: install the torchvision made for this torch"
        finding = Finding("torchvision", "note", f"{finding.text}. {advice}")
    yield finding


def _threads() -> Iterator[Finding]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    text = f"{usable} processor{'s' * (usable != 1)} usable, OMP_NUM_THREADS is {wanted or 'not set'}"
    if wanted.isdigit() and int(wanted) > usable:
        yield Finding("threads", "problem", f"{text}: more threads than processors slow each other down")
    else:
        yield Finding("threads", "ok", text)


def _display() -> Iterator[Finding]:
    driver = os.environ.get("SDL_VIDEODRIVER", "")
    if driver in ("dummy", "offscreen"):
        yield Finding(
            "display", "note", f"SDL_VIDEODRIVER={driver}: windows open unseen; pictures can be made"
        )
    elif has_display():
        yield Finding("display", "ok", "there is one; windows can open")
    else:
        yield Finding("display", "note", "none; windows cannot open, pictures and films can still be made")


def version(distribution: str) -> str:
    """The installed version of a distribution; empty if there is none."""
    try:
        return importlib.metadata.version(distribution) or ""
    except importlib.metadata.PackageNotFoundError:
        return ""


def _tried(topic: str, statement: str, environ: Mapping[str, str] = os.environ) -> Finding:
    """Run a statement in a fresh interpreter; what it prints, or how it failed."""
    try:
        ran = subprocess.run(
            [sys.executable, "-P", "-c", statement],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS_TO_IMPORT,
            env={**environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
        )
    except subprocess.TimeoutExpired:
        return Finding(topic, "problem", f"does not import within {_SECONDS_TO_IMPORT} seconds")
    if ran.returncode == 0:
        return Finding(topic, "ok", ran.stdout.strip())
    last_line = (ran.stderr.strip() or f"exit status {ran.returncode}").splitlines()[-1]
    return Finding(topic, "problem", f"is installed but does not import: {last_line}")
