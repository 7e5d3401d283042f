"""What every experience buffer should do: keep what it is given, hand all of it out, and forget when told.

A buffer has the methods `store_memory(state, action, probs, vals, reward, done)`,
`generate_batches()`, `clear_memory()`, `size()` and `sample(n)`. A batch has the fields `observation`,
`action`, `reward` and `terminated`, each with the batch as first axis.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_core.testing.compare import difference, leaves, snapshot
from csai_core.testing.suite import Suite, fail, skip

_COUNT = 10
"""How many transitions most checks store; no multiple of the batch size, so that the last is smaller."""


_ENDS = (2, 3, _COUNT - 1)
"""The numbers of those that end a game."""


class BufferSuite(Suite):
    """Checks one buffer; a subclass names the entry, or writes `make`.

    class TestBasic(BufferSuite):
        entry_name = "basic"

    class TestMine(BufferSuite):
        def make(self, batch_size):
            return MyBuffer(batch_size)
    """

    batch_size: ClassVar[int] = 4

    def make(self, batch_size: int) -> Any:
        """Make an empty buffer."""
        if not self.entry_name:
            return super().make()
        return installed().find("buffers", self.entry_name).load()(batch_size)

    def test_it_can_be_made(self) -> None:
        """It can be made from a batch size, and takes a transition of arrays or one of dicts."""
        self._store_one(self._made(), 0)

    def test_it_counts_what_it_holds(self) -> None:
        """`size()` is 0 when new, and the number of transitions stored after that."""
        buffer = self._made()
        if buffer.size() != 0:
            fail(f"A new buffer says size() is {buffer.size()}; it must be 0.")
        for count in range(1, _COUNT + 1):
            self._store_one(buffer, count - 1)
            if buffer.size() != count:
                fail(f"After {count} transitions were stored, size() is {buffer.size()}; it must be {count}.")

    def test_batches_hold_everything_once(self) -> None:
        """`generate_batches` hands out every transition exactly once, `batch_size` at a time."""
        batches = list(self._filled().generate_batches())
        for batch in batches:
            self._check_batch(batch, "generate_batches")
            if len(batch.reward) > self.batch_size:
                fail(f"generate_batches gave a batch of {len(batch.reward)}; give at most {self.batch_size}.")
        stored = sorted(int(reward) for batch in batches for reward in batch.reward)
        if stored != list(range(_COUNT)):
            fail(
                f"Transitions 0 to {_COUNT - 1} were stored, but generate_batches handed out {stored}; "
                "each must come exactly once."
            )

    def test_samples_come_from_what_was_stored(self) -> None:
        """`sample(n)` gives n transitions, each whole, and all of them in time."""
        buffer = self._filled()
        if not hasattr(buffer, "sample"):
            skip("it has no method sample(n)")
        seen: set[int] = set()
        for size in (1, 3, 40):
            batch = buffer.sample(size)
            if len(batch.reward) != size:
                fail(f"sample({size}) gave {len(batch.reward)} transitions; give {size}.")
            self._check_batch(batch, f"sample({size})")
        for _ in range(50):
            seen.update(int(reward) for reward in buffer.sample(8).reward)
        if seen != set(range(_COUNT)):
            fail(f"400 draws from {_COUNT} transitions gave only {sorted(seen)}; every one must be drawn.")

    def test_it_forgets_when_told(self) -> None:
        """`clear_memory` empties the buffer, which can be filled again."""
        buffer = self._filled()
        buffer.clear_memory()
        if buffer.size() != 0:
            fail(f"After clear_memory, size() is {buffer.size()}; it must be 0.")
        self._store_one(buffer, 3)
        rewards = [int(reward) for batch in buffer.generate_batches() for reward in batch.reward]
        if rewards != [3]:
            fail(
                f"After clear_memory and one more transition, the batches hold {rewards}, not that one alone."
            )

    def test_it_keeps_copies(self) -> None:
        """Neither the caller's arrays nor the batches handed out are the buffer's own memory."""
        buffer, state, action = self._made(), np.zeros(2, np.float32), np.zeros(1, np.float32)
        self._store(buffer, state, action, 0.0, done=True)
        state[:] = action[:] = 7.0
        [batch] = buffer.generate_batches()
        before = snapshot(batch.observation)
        for _, value in leaves(before, "observation"):
            if np.any(np.asarray(value) != 0.0):
                fail("A transition changed with the array that was given to store_memory; store a copy.")
        for _, value in leaves(batch.observation, "observation"):
            value[:] = 9.0
        [again] = buffer.generate_batches()
        if found := difference(before, again.observation, "observation"):
            fail(f"Writing into a batch changed what the buffer holds: {found}. Hand out copies.")

    def test_a_refused_transition_leaves_no_trace(self) -> None:
        """What cannot be stored is refused as a whole: the buffer goes on as if it had not been tried."""
        buffer = self._made()
        wrong = np.zeros(2, np.float32)
        try:
            buffer.store_memory(
                wrong if self._takes_only_dicts() else "no array", wrong, 0.0, 0.0, 0.0, False
            )
        except Exception:
            pass
        else:
            skip("it refuses nothing")
        try:
            self._store_one(buffer, 2)
        except Exception as error:
            fail(
                f"After a transition was refused, a sound one raised {type(error).__name__}: {error}. Look "
                "at the whole transition before anything is changed."
            )
        if buffer.size() != 1:
            fail(f"After a refused transition and a sound one, size() is {buffer.size()}; it must be 1.")

    def test_saved_and_restored(self) -> None:
        """A buffer that was given another's `state_dict` hands out the same."""
        buffer, other = self._filled(), self._made()
        if not (hasattr(buffer, "state_dict") and hasattr(buffer, "load_state_dict")):
            skip("it has no state_dict and load_state_dict")
        other.load_state_dict(buffer.state_dict())
        for draw in range(3):
            one, two = (
                [batch.reward.tolist() for batch in each.generate_batches()] for each in (buffer, other)
            )
            if one != two:
                fail(
                    f"After load_state_dict, the batches of draw {draw + 1} are {two} instead of {one}. Save "
                    "what is stored, its order, and the generator's state."
                )

    # --- inner workings

    def _made(self) -> Any:
        return self.make(self.batch_size)

    def _filled(self) -> Any:
        buffer = self._made()
        for number in range(_COUNT):
            self._store_one(buffer, number)
        return buffer

    def _store_one(self, buffer: Any, number: int) -> None:
        """Store the transition whose every part says its number; some of them end a game."""
        state, action = np.full(2, number, np.float32), np.full(1, number, np.float32)
        self._store(buffer, state, action, float(number), done=number in _ENDS)

    def _store(self, buffer: Any, state: Any, action: Any, reward: float, *, done: bool) -> None:
        """Store a transition of arrays, or of dicts where the buffer takes only those."""
        if self._takes_only_dicts():
            state, action = {"x": state}, {"a": action}
        buffer.store_memory(state, action, -0.5, 0.25, reward, done)

    def _takes_only_dicts(self) -> bool:
        try:
            self._made().store_memory(np.zeros(2, np.float32), np.zeros(1, np.float32), 0.0, 0.0, 0.0, True)
        except CsaiError:
            return True
        return False

    def _check_batch(self, batch: Any, method: str) -> None:
        for name in ("observation", "action", "reward", "terminated"):
            if not hasattr(batch, name):
                fail(
                    f"A batch of {method} has no field {name!r}; hand out batches with the fields "
                    "observation, action, reward and terminated."
                )
        for position, reward in enumerate(batch.reward):
            for field in ("observation", "action"):
                for path, values in leaves(getattr(batch, field), field):
                    if np.any(np.asarray(values[position]) != reward):
                        fail(
                            f"{method} mixed transitions up: {path} {values[position]} came with the reward "
                            f"{reward}, but was stored with {float(np.ravel(values[position])[0])}."
                        )
            if bool(batch.terminated[position]) != (int(reward) in _ENDS):
                fail(f"{method} gave transition {int(reward)} with terminated={batch.terminated[position]}.")
