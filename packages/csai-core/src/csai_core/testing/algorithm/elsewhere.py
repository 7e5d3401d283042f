"""A check that the same training comes out the same in another process."""

from __future__ import annotations

import hashlib

from csai_core import tree_codec
from csai_core.testing.algorithm.base import AlgorithmChecks
from csai_core.testing.process.elsewhere import found_elsewhere
from csai_core.testing.suite import fail, skip


class ElsewhereChecks(AlgorithmChecks):
    """What is the same in other processes."""

    def test_another_process_learns_the_same(self) -> None:
        """The same seed learns the same in another process, with another PYTHONHASHSEED."""
        there = found_elsewhere(self, "digest")
        if not there:
            skip("another process cannot import the suite; write it in a module")
        if there != [self.digest()]:
            fail(
                "Another process, with another PYTHONHASHSEED, learned otherwise from the same seed. The "
                "order of a set, the hash of a text or of bytes and id() are others in each process: sort "
                "sets before you draw from them, and key tables by what is observed itself."
            )

    def digest(self) -> str:
        """Of what a training did and learned."""
        session = self.warmed_up(self.few[0])
        text, arrays = tree_codec.to_file({"did": session.actions, "state": session.algorithm.state_dict()})
        digest = hashlib.sha256(text)
        for name in sorted(arrays):
            digest.update(name.encode() + arrays[name].tobytes())
        return digest.hexdigest()
