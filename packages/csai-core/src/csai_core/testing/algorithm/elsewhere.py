"""A check that the same training comes out the same in another process."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from csai_core import tree_codec
from csai_core.testing.algorithm.base import AlgorithmChecks, Session
from csai_core.testing.suite import fail, skip

_SECONDS = 120
_MARK = "digest of the training: "


class ElsewhereChecks(AlgorithmChecks):
    """What is the same in other processes."""

    def test_another_process_learns_the_same(self) -> None:
        """The same seed learns the same in another process, with another PYTHONHASHSEED."""
        kind = type(self)
        if "<" in kind.__qualname__ or kind.__module__ == "__main__":
            skip("another process cannot import the suite; write it in a module")
        here = _digest(self._trained())
        there = _elsewhere(kind, self.entry_name, self.adopted)
        if not there:
            skip("another process could not import the suite")
        if there != here:
            fail(
                "Another process, with another PYTHONHASHSEED, learned otherwise from the same seed. The "
                "order of a set, the hash of a text or of bytes and id() are others in each process: sort "
                "sets before you draw from them, and key tables by what is observed itself."
            )

    def _trained(self) -> Session:
        return self.warmed_up(self.few[0])


def _digest(session: Session) -> str:
    """Of what a training did and learned."""
    text, arrays = tree_codec.to_file({"did": session.actions, "state": session.algorithm.state_dict()})
    digest = hashlib.sha256(text)
    for name in sorted(arrays):
        digest.update(name.encode() + arrays[name].tobytes())
    return digest.hexdigest()


def _elsewhere(kind: type, entry_name: str, settings: Mapping[str, Any]) -> str:
    """The digest of the same training in another process; empty where that cannot be made there."""
    other = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    code = "from csai_core.testing.algorithm.elsewhere import print_digest; print_digest()"
    try:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                code,
                kind.__module__,
                kind.__qualname__,
                entry_name,
                json.dumps(dict(settings)),
            ],
            env={
                **os.environ,
                "PYTHONHASHSEED": other,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.splitlines()
    return lines[-1].removeprefix(_MARK) if lines and lines[-1].startswith(_MARK) else ""


def print_digest() -> None:
    """Make the suite that the arguments name, train as it does, and print the digest."""
    module, qualified_name, entry_name, settings = sys.argv[1:]
    found: Any = importlib.import_module(module)
    for name in qualified_name.split("."):
        found = getattr(found, name)
    suite = found.of(entry_name) if entry_name else found()
    suite.adopt(json.loads(settings))
    print(f"{_MARK}{_digest(suite._trained())}")
