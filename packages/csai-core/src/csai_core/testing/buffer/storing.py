"""Checks of what a buffer stores: every part of every step, as often as it came, and only so much."""

from collections import Counter

import numpy as np

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ContractError, CsaiError
from csai_core.testing.buffer import numbered
from csai_core.testing.buffer.drawn import Drawn
from csai_core.testing.buffer.probe import (
    FEW,
    SMALL,
    BufferProbe,
    encoded,
    refuse_what_is_not_kept,
)
from csai_core.testing.suite import fail, skip

_BYTES_AN_EPISODE = 2
"""What a state may grow by, as numbers get more digits; one that is kept of each takes more."""


class StoringChecks(BufferProbe):
    """What is stored, and how much is kept."""

    def test_batches_hold_everything_once(self) -> None:
        """`generate_batches` hands out every transition exactly once, `batch_size` at a time."""
        buffer, story = self._made(), self._story(num_envs=1)
        self._extend(buffer, story.steps(4 * self.batch_size + 2))
        batches = list(buffer.generate_batches())
        sizes = [len(batch.reward) for batch in batches]
        if max(sizes, default=0) > self.batch_size:
            fail(f"generate_batches gave a batch of {max(sizes)}; give at most {self.batch_size}.")
        counts = Counter(
            int(number) for batch in batches for number in Drawn(batch, story, "generate_batches").numbers
        )
        if counts != Counter([*story.transitions]):
            refuse_what_is_not_kept(buffer)
            fail(
                f"{len(story.transitions)} transitions were stored, and generate_batches handed out batches "
                f"of {sizes}, in which some come {max(counts.values(), default=0)} times and "
                f"{len(story.transitions.keys() - counts.keys())} never. Each must come exactly once, the "
                "last in a smaller batch."
            )
        if self._order(buffer, story) == self._order(buffer, story):
            fail(
                "generate_batches hands all out in the same order each time. Shuffle, with the buffer's "
                "generator."
            )

    def test_transitions_come_back_whole(self) -> None:
        """What is drawn was stored, in all fields, shapes and dtypes, from one environment."""
        buffer, story = self._made(), self._story(num_envs=1)
        self._extend(buffer, story.steps(FEW))
        self._require_all(buffer, story)

    def test_several_environments_are_stored(self) -> None:
        """Every environment's row of a step is a transition."""
        buffer, story = self._made(), self._story()
        self._extend(buffer, story.steps(FEW))
        self._require_all(buffer, story)

    def test_resets_are_no_steps(self) -> None:
        """Rows in which an environment was only reset are left out, and not counted."""
        for num_envs in (3, 1):
            buffer, story = self._made(), self._story(num_envs=num_envs, has_resets=True)
            for step in story.steps(FEW):
                try:
                    buffer.extend(step)
                except ContractError:
                    raise
                except Exception as error:
                    rows = [] if step.is_reset is None else step.is_reset.tolist()
                    fail(
                        f"A step with is_reset={rows} raised {type(error).__name__}: {error}. Leave out the "
                        "rows that are resets, even if none is left."
                    )
            self._require_all(buffer, story, after=", after steps in which some rows were resets,")

    def test_steps_have_any_number_of_rows(self) -> None:
        """A step may be one of fewer environments, as where steps of some are joined to one."""
        if self._waits():
            skip("it joins steps by itself")
        buffer, story = self._made(), self._story()
        for i, step in enumerate(story.steps(FEW)):
            for rows in [[0, 1, 2]] if i % 2 else [[1], [0, 2]]:
                part = Step(*(trees.take(each, rows) for each in step[:6]))
                try:
                    buffer.extend(part)
                except CsaiError as refusal:
                    skip(f"it refuses steps of fewer rows: {refusal}")
                except Exception as error:
                    fail(
                        f"Steps with other numbers of rows than the first raised {type(error).__name__}: "
                        f"{error}. A step may have rows of some environments alone; store as many as there "
                        "are."
                    )
        self._require_all(buffer, story)

    def test_the_same_again_is_another_transition(self) -> None:
        """What is stored twice is there twice."""
        buffer, told = self._made(), self._story(num_envs=1)
        steps = [*told.steps(6)]
        self._extend(buffer, [*steps, *steps])
        counts = Counter(
            int(number)
            for batch in buffer.generate_batches()
            for number in Drawn(batch, told, "generate_batches").numbers
        )
        if set(counts.values()) != {2}:
            fail(
                f"6 steps were stored twice, and of them {sorted(counts.elements())} are handed out. The "
                "same observation, action and reward may come again, and count again."
            )

    def test_masks_are_kept(self) -> None:
        """Which actions are allowed next is handed out with each transition."""
        buffer, story = self._made(), self._story(has_masks=True, has_resets=True)
        self._extend(buffer, story.steps(FEW))
        self._require_all(buffer, story)

    def test_what_is_told_along_is_kept(self) -> None:
        """Log-probabilities, values, and how many steps a transition leads ahead."""
        buffer, story = self._made(), self._story(has_resets=True)
        for step in story.steps(FEW):
            buffer.extend(step, **story.judgments(step))
        self._require_all(buffer, story, has_judgments=True)
        if self._joins():
            return
        buffer, story = self._made(), self._story()
        try:
            for step in story.steps(5):
                buffer.extend(step, num_steps=3)
        except CsaiError:
            return  # it says that it cannot
        for batch in buffer.generate_batches():
            Drawn(batch, story, "generate_batches", num_steps=3)

    def test_every_form_comes_back(self) -> None:
        """Images of bytes, Dict and Tuple, large integers, Box and Dict actions; or they are refused."""
        for form in self._forms():
            buffer, story = self._made(form=form), self._story(form=form)
            self._extend(buffer, story.steps(8))
            self._require_all(buffer, story)

    def test_one_by_one(self) -> None:
        """`store_memory` stores a single transition, with or without the state that follows."""
        story = self._story(num_envs=1)
        buffer, older = self._made(), self._made(capacity=SMALL)
        for step in story.steps(FEW):
            one = trees.unstack(tuple(step[:6]), 1)[0]
            state, action, reward, terminated, truncated, following = one
            number = story.form.state(step.observation)[0]
            told = float(numbered.log_prob(number)), float(numbered.value(number))
            buffer.store_memory(state, action, *told, float(reward), bool(terminated), following, truncated)
            older.store_memory(state, action, *told, float(reward), bool(terminated or truncated))
        self._require_all(buffer, story, has_judgments=True)
        refuse_what_is_not_kept(older)
        if older.size() != (wanted := min(len(story.transitions), self._capacity_of(older, SMALL))):
            fail(
                f"{len(story.transitions)} transitions were stored by store_memory(state, action, probs, "
                f"vals, reward, done) in a buffer of capacity {SMALL}, and size() is {older.size()}; it must "
                f"be {wanted}. Count what is stored."
            )

    def test_a_refused_transition_leaves_no_trace(self) -> None:
        """What cannot be stored is refused as a whole: the buffer goes on as if it had not been tried."""
        buffer, story = self._made(), self._story(num_envs=1)
        steps = [*story.steps(10)]
        self._extend(buffer, steps[:5])
        before = buffer.size()
        wrong = np.zeros((2, 9), np.float32)
        try:
            buffer.store_memory(wrong, 0, 0.0, 0.0, 0.0, False, wrong)
        except Exception:
            if buffer.size() != before:
                fail(f"After a transition was refused, size() went from {before} to {buffer.size()}.")
        else:
            skip("it refuses nothing")
        try:
            self._extend(buffer, steps[5:])
        except Exception as error:
            fail(
                f"After a transition was refused, a sound one raised {type(error).__name__}: {error}. Look "
                "at the whole transition before anything is changed."
            )
        self._require_all(buffer, story)

    def test_the_oldest_make_room(self) -> None:
        """Once `capacity` transitions are stored, each new one takes the place of the oldest."""
        self._require_all_drawn(num_envs=1, count=5 * SMALL)
        self._require_newest(num_envs=1, count=5 * SMALL)

    def test_steps_wrap_around(self) -> None:
        """Several environments' rows go on at the beginning where the end of the memory is reached."""
        for num_envs in (3, 7):
            self._require_all_drawn(num_envs, count=12)
            for count in range(4, 16):
                self._require_newest(num_envs, count)

    def test_it_does_not_grow(self) -> None:
        """What is saved of it does not grow once it is full, not even by a number for each episode."""
        buffer, story, sizes, ended = self._made(capacity=SMALL), self._story(num_envs=1), [], []
        for rounds in (8, 8, 100):
            self._extend(buffer, story.steps(rounds * SMALL))
            text, arrays = encoded(buffer.state_dict())
            sizes.append(len(text) + sum(array.nbytes for array in arrays.values()))
            ended.append(sum(each.terminated or each.truncated for each in story.transitions.values()))
        if sizes[1] > 1.5 * sizes[0]:
            fail(
                f"With a capacity of {SMALL}, its state grows from {sizes[0]:,} to {sizes[1]:,} bytes while "
                "more is stored. Forget what goes beyond the capacity."
            )
        more, episodes = sizes[2] - sizes[1], ended[2] - ended[1]
        if more > _BYTES_AN_EPISODE * episodes:
            fail(
                f"With a capacity of {SMALL}, its state grows by {more:,} bytes in {episodes} more episodes, "
                "long after it was full: something is kept of each of them for ever. Forget what is noted of "
                "transitions that are forgotten."
            )
