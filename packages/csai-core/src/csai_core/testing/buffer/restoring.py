"""Buffers that were saved and restored: made in pairs, and compared by what they hold and draw."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from csai_core import tree_codec
from csai_core.errors import ConformanceError, ContractError, CsaiError, said
from csai_core.testing.buffer.drawn import Drawn
from csai_core.testing.buffer.numbered import Story
from csai_core.testing.buffer.probe import MANY, SMALL, BufferProbe, encoded, has_priorities
from csai_core.testing.compare import difference, plain
from csai_core.testing.suite import fail


class RestoringProbe(BufferProbe):
    """Saves buffers, and restores others from that."""

    def _pair(self, count: int) -> tuple[Any, Any, Story]:
        """A buffer, another that was given its state, and what is in them."""
        buffer, story = self._made(capacity=SMALL), self._story(has_resets=True, has_masks=True)
        self._extend(buffer, story.steps(count, ends=False))
        if buffer.size():
            batch = buffer.sample(8)
            buffer.update_priorities(getattr(batch, "position", None), np.linspace(-9, 1, 8))
        state = buffer.state_dict()
        text, arrays = encoded(state)
        other = self._made(capacity=SMALL, seed=9)
        self._extend(other, self._story(start=2000).steps(3, ends=False))
        try:
            other.load_state_dict(tree_codec.decode(json.loads(text), arrays))
        except Exception as error:
            fail(
                f"load_state_dict raised {type(error).__name__}: {error} when it was given what state_dict "
                f"had given after {count} steps, by way of a checkpoint."
            )
        _require_inherited(buffer, other, state)
        return buffer, other, story

    def _require_same_content(self, count: int) -> None:
        """That a restored one holds the same, and goes on with the same steps as the one that was saved."""
        buffer, other, story = self._pair(count)
        try:
            self._compare(buffer, other, story, count)
        except (ConformanceError, CsaiError):
            raise
        except Exception as error:
            fail(f"After load_state_dict, a call of it raised {said(error)}. {_WHAT_COMES_BACK}")

    def _compare(self, buffer: Any, other: Any, story: Story, count: int) -> None:
        kept, method = self._kept(buffer, story), "after load_state_dict, generate_batches"
        if buffer.size() < other.size():
            fail(
                f"load_state_dict was given a state of {buffer.size()} transitions, and size() is "
                f"{other.size()}. Forget what was there before."
            )
        if buffer.size() != other.size() or kept != self._kept(other, story, method):
            fail(
                f"After {count} steps it holds {buffer.size()} transitions; another one that was given its "
                f"state_dict holds {other.size()}, and not the same. Save all that is stored."
            )
        for more in (2, 9):
            for step in story.steps(more):
                buffer.extend(step)
                try:
                    other.extend(step)
                except ContractError as error:
                    fail(f"After load_state_dict, {error} {_WHERE_IT_GOES}")
            if self._kept(buffer, story) != self._kept(other, story, method):
                fail(
                    "A buffer that was saved and restored goes on otherwise when more is stored. "
                    f"{_WHERE_IT_GOES}"
                )

    def _unsaved_place(self) -> str:
        """What is wrong with where the next transition goes after it was restored; empty if nothing is."""
        try:
            for count in (4, 3 * SMALL):
                self._require_same_content(count)
        except ConformanceError as error:
            return str(error) if _WHERE_IT_GOES in str(error) else ""
        return ""

    def _require_same_draws(self) -> None:
        for again in (True, False):
            buffer, other, story = self._pair(9)
            if again:
                buffer.seed(3)
                other.seed(3)
            for n in (16, MANY, 16):
                one, two = (
                    [Drawn(batch, story, f"sample({n})").numbers, getattr(batch, "weight", None)]
                    for batch in (buffer.sample(n), other.sample(n))
                )
                if difference(one, two, "drawn"):
                    fail(f"A buffer that was saved and restored draws other transitions{_LOST[again]}")
        for step in story.steps(2):
            for each in (buffer, other):
                each.extend(step)
        if found := drawn_apart(buffer, other, story):
            decides = _OF_PRIORITIES if has_priorities(buffer) else _OF_DRAWS
            fail(
                "A buffer that was saved and restored, and was given more transitions since, draws "
                f"otherwise: {found}. In state_dict, save also {decides}"
            )


_OF_PRIORITIES = "what decides the priority of new transitions, such as the largest priority so far."
_OF_DRAWS = (
    "all that decides how new transitions are stored and drawn, such as counts and what is noted of episodes "
    "under way; in load_state_dict, take all of it back."
)
_WHERE_IT_GOES = (
    "In state_dict, save where the next transition goes, and steps that wait to be joined; in "
    "load_state_dict, take them back."
)
_WHAT_COMES_BACK = (
    "A checkpoint gives back dicts, lists, tuples, sets, deques, arrays, numbers and texts: a namedtuple, "
    "such as Step, comes back as a tuple, and a defaultdict as a dict. Make of it in load_state_dict what is "
    "needed."
)
_LOST = {
    True: ", although both were given a new seed. In state_dict, save all that decides draws, such as the "
    "order in which transitions lie, counts and priorities.",
    False: ". In state_dict, save the generator's state: generator.bit_generator.state.",
}


def _require_inherited(buffer: Any, other: Any, state: Mapping[str, Any]) -> None:
    """Refuse a state in which something stands in the place of what the buffer's own base class saves."""
    for base in type(buffer).__mro__[1:]:
        if (state_dict := vars(base).get("state_dict")) is None:
            continue
        saved, restored = state_dict(buffer), state_dict(other)
        for key, value in saved.items():
            is_another = key in state and difference(plain(value), plain(state[key]), key)
            if is_another and difference(plain(value), plain(restored[key]), key):
                fail(
                    f"{base.__name__}.state_dict saves {key!r}, in the place of which "
                    f"{type(buffer).__name__} saves something else under the same name, so that it does not "
                    f"come back. Take another name for that than {', '.join(map(repr, saved))}."
                )


def drawn_apart(one: Any, other: Any, story: Story) -> str:
    """How the draws of two buffers differ that are given one seed; empty if they do not."""
    draws = []
    for buffer in (one, other):
        buffer.seed(3)
        batches = [buffer.sample(16) for _ in range(3)]
        draws.append(
            [
                [Drawn(each, story, "sample(16)").numbers.tolist(), getattr(each, "weight", None)]
                for each in batches
            ]
        )
    return difference(draws[0], draws[1], "draws")
