"""What `csai doctor` looks at: facts about this machine, and what is wrong with it.

Nothing that may be broken is imported here. It is tried in a process of its own, so that even an
extension that crashes, hangs or exits ends up as a line of the report.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from csai_core.display import has_display
from csai_core.plugins import installed

FAMILY = ("csai-core", "csai-envs", "csai-neural", "csai-train")
NEEDED = ("gymnasium", "numpy", "pluggy", "click", "rich")
OPTIONAL = ("pygame-ce", "torch", "torchvision", "safetensors", "matplotlib", "pillow")
_SECONDS_TO_IMPORT = 120


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    topic: str
    verdict: Literal["ok", "note", "problem"]
    text: str
    """What was found; for a problem, also how to mend it."""


def examine() -> Iterator[Finding]:
    """Everything there is to know, one finding after another; a check that fails is one as well."""
    for check in (_versions, _plugins, _pygame, _torch, _torchvision, _threads, _display):
        try:
            yield from check()
        except Exception as error:
            topic = check.__name__.strip("_")
            yield Finding(topic, "problem", f"could not be checked: {type(error).__name__}: {error}")


def _versions() -> Iterator[Finding]:
    yield Finding("python", "ok", f"{platform.python_version()} on {platform.platform()}, {sys.executable}")
    family = {name: version(name) for name in FAMILY}
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


def _plugins() -> Iterator[Finding]:
    manager = installed()
    manager.call_all()
    for record in manager.records:
        text = f"{record.origin}, {record.problem or record.status}"
        verdict: Literal["ok", "note", "problem"] = "problem" if record.is_troubled else "ok"
        if record.status == "disabled":
            verdict = "note"
        yield Finding(f"plugin {record.name}", verdict, text)
    for name in manager.unknown_settings():
        text = f"{name!r} stands in CSAI_PLUGINS or CSAI_DISABLE_PLUGINS, and no such plugin is installed"
        yield Finding("settings", "problem", text)


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
        "import torch; gpus = torch.cuda.device_count(); "
        "print(torch.__version__, 'imports;', torch.get_num_threads(), 'threads;', "
        "f'{gpus} CUDA device(s)' if gpus else 'no CUDA device, so networks run on the processor')",
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
    text = f"{usable} processor(s) usable, OMP_NUM_THREADS is {wanted or 'not set'}"
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


def _tried(topic: str, statement: str) -> Finding:
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
            env={**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
        )
    except subprocess.TimeoutExpired:
        return Finding(topic, "problem", f"does not import within {_SECONDS_TO_IMPORT} seconds")
    if ran.returncode == 0:
        return Finding(topic, "ok", ran.stdout.strip())
    last_line = (ran.stderr.strip() or f"exit status {ran.returncode}").splitlines()[-1]
    return Finding(topic, "problem", f"is installed but does not import: {last_line}")
