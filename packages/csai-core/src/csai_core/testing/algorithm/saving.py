"""Checks of how an algorithm is saved, goes on, and hands on what it learned, all through a run's file."""

from __future__ import annotations

from typing import Any

from csai_core.errors import ConformanceError
from csai_core.testing.algorithm.base import AlgorithmChecks
from csai_core.testing.algorithm.saved import through_file
from csai_core.testing.compare import difference, plain
from csai_core.testing.suite import fail


class SavingChecks(AlgorithmChecks):
    """What `state_dict` gives and `load_state_dict` takes."""

    def test_its_state_fits_into_a_file(self) -> None:
        """The state can be saved as runs save it, before it has learned anything and afterwards."""
        for spaces in self.few:
            session = self.session(spaces)
            session.state()
            session.go(self.wait(spaces) + 3)
            session.state()

    def test_the_state_is_a_copy(self) -> None:
        """What `state_dict` gave does not change when the algorithm learns on."""
        for spaces in self.few:
            session = self.warmed_up(spaces)
            given = session.algorithm.state_dict()
            before = plain(given)
            session.go(self.wait(spaces) + 5)
            if found := difference(before, plain(given), "state_dict()"):
                fail(
                    f"With {session.env}, what state_dict() had given changed when it learned on: {found}. "
                    "Give copies of arrays, lists and dicts, not the live ones: array.copy(), list(…)."
                )

    def test_asking_changes_nothing(self) -> None:
        """`state_dict`, `describe`, `first_update` and `num_unlearned` leave it as it is."""
        for spaces in self.few[:1]:
            sessions = [self.warmed_up(spaces) for _ in range(2)]
            algorithm = sessions[1].algorithm
            for ask in (
                algorithm.state_dict,
                algorithm.describe,
                algorithm.first_update,
                algorithm.num_unlearned,
            ):
                with sessions[1].calling(ask.__name__):
                    ask()
                if found := difference(sessions[0].state(), sessions[1].state(), "state_dict()"):
                    fail(
                        f"With {sessions[0].env}, asking for {ask.__name__}() changed the algorithm: {found}."
                    )
                sessions[0] = self.warmed_up(spaces)
                sessions[1] = self.warmed_up(spaces)
                algorithm = sessions[1].algorithm

    def test_a_restored_one_goes_on_identically(self) -> None:
        """A new one, made with another seed, goes on from a file as if training had never stopped."""
        for spaces in self.few:
            for more in (-self.wait(spaces) - 3, -self.wait(spaces) // 2, 0, 9):
                self._check_restored(spaces, more)
            half = (self.wait(spaces) + 3) * self.num_envs  # which is over: plans are under way
            self._check_restored(spaces, 0, total_steps=2 * half)
            if full := self.soon_full(spaces):
                with self.configured(full):
                    self._check_restored(spaces, 0)

    def _check_restored(self, spaces: Any, more: int, total_steps: int | None = None) -> None:
        session = self.session(spaces, total_steps=total_steps)
        session.go(max(0, self.wait(spaces) + 3 + more))
        given = session.state()
        before = plain(given)
        other = self.session(spaces, seed=4, total_steps=total_steps, state=given)
        if found := difference(before, plain(given), "the state"):
            fail(
                f"With {session.env}, load_state_dict changed the state that it was given: {found}. Read it, "
                "and take nothing out of it (no pop): others are made from the same one."
            )
        first = difference(session.greedy(), other.greedy(), "what it thinks best at once")
        session.lanes, other.lanes = (self.session(spaces, env_seed=23).lanes for _ in range(2))
        session.actions, session.measured = [], []
        count = self.wait(spaces) + 25
        steps = session.num_envs * max(0, self.wait(spaces) + 3 + more)
        try:
            for each in (session, other):
                each.go(count)
            found = (
                first
                or difference(session.actions, other.actions, "what it did")
                or difference(session.measured, other.measured, "what it measured")
                or difference(session.greedy(), other.greedy(), "what it thinks best")
                or difference(session.state(), other.state(), "state_dict()")
            )
        except ConformanceError as error:
            found = str(error)
        if found:
            fail(
                f"With {session.env}, a new one that was given the state of one after {steps} steps, by "
                f"load_state_dict from a file, went on differently: {found}."
                f"{self._cause_besides_the_state(spaces, before, given)} Put everything into state_dict, "
                "and take all of it back: weights, targets, optimizer, memory, counters, schedules and "
                "generators. A file gives back dicts, lists, tuples, sets, deques, arrays, tensors (on the "
                "CPU), numbers and texts: a defaultdict comes back as a dict, a namedtuple as a tuple."
            )
        if found := difference(before, plain(given), "the state"):
            fail(
                f"With {session.env}, what load_state_dict had been given changed when it learned on: "
                f"{found}. Copy what is kept and changes in place, array.copy(), list(…) and dict(…): "
                "whoever gave the state may save it, or make others from it."
            )

    def _cause_besides_the_state(self, spaces: Any, before: Any, given: Any) -> str:
        """What can be wrong though one that was loaded says the same in its state; empty if it does not."""
        loaded = self.session(spaces, seed=4, state=given)
        if difference(before, plain(loaded.state()), ""):
            return ""
        return (
            " At first state_dict() says the same of both: something is not in there, or one array stands in "
            "several places where it was learned (such as what is read of all that was never met) and is "
            "changed in place, and a file gives back one for each place."
        )

    def test_what_it_learned_starts_another(self) -> None:
        """Where it `learns` something, a new one that starts from that does the same."""
        for spaces in self.few:
            session = self.warmed_up(spaces)
            if not session.algorithm.learns:
                return
            learned = session.algorithm.learned()
            if learned.network is not None:
                return  # the new one would have to be made with that
            other = self.session(spaces, seed=4)
            with other.calling("start_from"):
                other.algorithm.start_from(through_file(dict(learned.state)))
            if found := difference(session.greedy(), other.greedy(), "what it thinks best"):
                fail(
                    f"With {session.env}, it says that it learns {session.algorithm.learns!r}, but a new one "
                    f"that started from that (learned and start_from) does otherwise: {found}. Give what was "
                    "learned in learned() and take it in start_from(state), or leave `learns` empty."
                )
