"""Checks of how a buffer forgets, and is saved and restored."""

import json
from contextlib import suppress
from typing import Any

import numpy as np

from csai_core import tree_codec
from csai_core.errors import ConformanceError, ContractError, said
from csai_core.testing.buffer.drawn import Drawn
from csai_core.testing.buffer.numbered import Story
from csai_core.testing.buffer.probe import FEW, SMALL, encoded, has_priorities
from csai_core.testing.buffer.restoring import RestoringProbe, drawn_apart
from csai_core.testing.compare import difference, plain
from csai_core.testing.suite import fail, skip


class SavingChecks(RestoringProbe):
    """How it forgets, and is saved."""

    def test_it_forgets_when_told(self) -> None:
        """`clear_memory` empties the buffer, which can be filled again."""
        buffer, before = self._made(capacity=SMALL), self._story()
        self._extend(buffer, before.steps(9, ends=False))
        buffer.sample(8)
        buffer.clear_memory()
        if buffer.size() != 0:
            fail(f"After clear_memory, size() is {buffer.size()}; it must be 0.")
        if list(buffer.generate_batches()):
            fail("After clear_memory, generate_batches hands out what was there before.")
        try:
            buffer.sample(2)
        except Exception:
            pass
        else:
            fail("After clear_memory, sample still draws what was there before.")
        story = self._story(start=1000)
        try:
            self._extend(buffer, story.steps(4))
        except ContractError as error:
            if not (unsaved := self._unsaved_place()):
                fail(f"After clear_memory, {error} Begin again at the beginning, in clear_memory.")
            fail(
                f"Where the next transition goes is neither saved nor put back to the beginning. {unsaved} "
                "The same goes for clear_memory."
            )
        kept = _drawn_after_clearing(buffer)
        for batch in kept:
            shown = story.form.state(batch.observation)
            if old := sorted({int(each) for each in shown} & before.transitions.keys()):
                fail(
                    f"After clear_memory, transitions from before came again: {old}. Forget what is stored, "
                    "and steps that wait to be joined."
                )
        if buffer.size() != min(len(story.transitions), self._capacity_of(buffer, SMALL)):
            fail(
                f"After clear_memory, {len(story.transitions)} transitions were stored, and size() is "
                f"{buffer.size()}. Begin again at the beginning."
            )
        self._require_all(buffer, story)

    def test_steps_over_a_cut_are_not_joined(self) -> None:
        """After `cut_episodes`, as a resume calls it, what waits is not joined with what comes."""
        if not self._waits():
            skip("it stores each step at once")
        buffer, story = self._made(), self._story()
        for count in (4, 2, 7):
            self._extend(buffer, story.steps(count, ends=False))
            if hasattr(buffer, "cut_episodes"):
                buffer.cut_episodes()
            story.cut()
        self._extend(buffer, story.steps(9))
        try:
            self._kept(buffer, story)
        except ConformanceError as error:
            fail(
                "After cut_episodes(), by which a resume says that the episodes under way are over, steps "
                f"from before are joined with those of new episodes. {error} Write cut_episodes(self), and "
                "join there what waits, or let go of it."
            )

    def test_the_state_is_a_copy(self) -> None:
        """What `state_dict` gave does not change with what is stored and told later."""
        buffer, story = self._made(capacity=SMALL), self._story()
        self._extend(buffer, story.steps(4, ends=False))
        given = buffer.state_dict()
        before = plain(given)
        self._go_on(buffer, story)
        if found := difference(before, plain(given), "state_dict()"):
            fail(
                f"What state_dict() had given changed when more was stored or drawn: {found}. Give copies of "
                "arrays, lists and dicts, not the live ones: array.copy(), list(…)."
            )

    def test_the_state_that_it_was_given_stays(self) -> None:
        """What `load_state_dict` was given does not change with what is stored and told later."""
        buffer, story = self._made(capacity=SMALL), self._story()
        self._extend(buffer, story.steps(4, ends=False))
        text, arrays = encoded(buffer.state_dict())
        given = tree_codec.decode(json.loads(text), arrays)
        before = plain(given)
        other = self._made(capacity=SMALL)
        with suppress(Exception):  # what fails is for other checks to tell
            other.load_state_dict(given)
            self._go_on(other, story)
        if found := difference(before, plain(given), "the state"):
            fail(
                f"What load_state_dict had been given changed when more was stored or drawn: {found}. Copy "
                "what is kept and changes in place, array.copy(), list(…) and dict(…): whoever gave the "
                "state may save it, or fill others from it."
            )

    def _go_on(self, buffer: Any, story: Story) -> None:
        """Store more, draw of it, and tell what was drawn its priorities."""
        self._extend(buffer, story.steps(9))
        batch = buffer.sample(8)
        buffer.update_priorities(getattr(batch, "position", None), np.linspace(-9, 1, 8))

    def test_forgetting_does_not_repeat_draws(self) -> None:
        """After `clear_memory`, the generator goes on where it was."""
        buffer, draws = self._made(), []
        for start in (0, 1000):
            story = self._story(num_envs=1, start=start)
            self._extend(buffer, story.steps(FEW))
            batches = [*(buffer.sample(8) for _ in range(3)), *buffer.generate_batches()]
            draws.append([(Drawn(batch, story, "a draw").numbers - start).tolist() for batch in batches])
            buffer.clear_memory()
        if draws[0] == draws[1]:
            fail(
                "After clear_memory, it draws the same once more. Leave the generator as it is when it "
                "forgets."
            )

    def test_saved_and_restored(self) -> None:
        """A new buffer that was given another's state, by way of a checkpoint, goes on as that would have."""
        for count in (0, 4, 3 * SMALL):
            self._require_same_content(count)
        self._require_same_draws()

    def test_a_cleared_one_is_like_a_new_one(self) -> None:
        """After `clear_memory`, what is stored and told of errors counts as it does in a new one."""
        used, new = (self._made(capacity=SMALL) for _ in range(2))
        self._extend(used, self._story(num_envs=1).steps(2 * SMALL))
        used.update_priorities(getattr(used.sample(8), "position", None), np.linspace(-9, 1, 8))
        used.clear_memory()
        story = self._story(num_envs=1, start=1000)
        for step in story.steps(6):
            for each in (used, new):
                each.extend(step)
        for each in (used, new):
            each.seed(3)
            each.update_priorities(getattr(each.sample(8), "position", None), np.full(8, 0.5))
        for step in story.steps(3):
            for each in (used, new):
                each.extend(step)
        if found := drawn_apart(used, new, story):
            parts = (
                "priorities, the largest among them, and all counts" if has_priorities(new) else "all counts"
            )
            fail(
                "After clear_memory, a buffer that was used before draws otherwise from the same transitions "
                f"than a new one, with equal seeds: {found}. Let nothing of what is forgotten decide: put "
                f"{parts} back to where they began."
            )


def _drawn_after_clearing(buffer: Any) -> list[Any]:
    """What is drawn of what was stored since it was cleared."""
    try:
        return [*buffer.generate_batches(), buffer.sample(40)]
    except Exception as error:
        fail(
            f"After clear_memory and {buffer.size()} new transitions, drawing from them raised "
            f"{said(error)}. Forget in clear_memory how many there were, and count again."
        )
