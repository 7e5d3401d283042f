"""What wrappers remember goes through a file, and into new ones."""

from __future__ import annotations

from collections import Counter, deque

import gymnasium
import numpy as np
import pytest

from csai_core import tree_codec
from csai_core.testing.toys import Walk
from csai_core.wrapper_memory import memory_of, remind


class Keeper(gymnasium.Wrapper):
    """Keeps one thing of each kind."""

    def __init__(self, env):
        super().__init__(env)
        self.count, self.word, self.best = 0, "", None
        self.frames = deque([np.zeros(2)], maxlen=3)
        self.seen, self.places = set(), {}
        self.visits = Counter()
        self.random = np.random.default_rng(1)
        self.change = lambda reward: reward

    def use(self):
        self.count, self.word, self.best = 5, "left", 2.5
        self.frames.append(np.ones(2))
        self.seen |= {(0, 1), (2, 3)}
        self.places[0, 1] = [1, 2]
        self.visits.update("aab")
        self.random.random()


def through_a_file(memory):
    return tree_codec.decode(*tree_codec.encode(memory))


def test_a_new_one_is_reminded_of_everything_plain():
    used, fresh = Keeper(Walk()), Keeper(Walk())
    used.use()
    assert remind(fresh, through_a_file(memory_of(used))) == ""
    assert (fresh.count, fresh.word, fresh.best, fresh.seen) == (5, "left", 2.5, {(0, 1), (2, 3)})
    assert fresh.places == {(0, 1): [1, 2]}
    assert (type(fresh.visits), fresh.visits) == (Counter, Counter("aab"))
    assert [each.tolist() for each in fresh.frames] == [[0, 0], [1, 1]]
    assert fresh.frames.maxlen == 3
    assert fresh.random.random() == used.random.random()


def test_one_that_says_itself_what_it_remembers_is_asked():
    class Diary(gymnasium.Wrapper):
        def __init__(self, env):
            super().__init__(env)
            self.pages = object()
            self.number = 0

        def state_dict(self):
            return {"page": self.number}

        def load_state_dict(self, state):
            self.number = state["page"]

    used, fresh = Diary(Walk()), Diary(Walk())
    used.number = 7
    assert remind(fresh, through_a_file(memory_of(used))) == ""
    assert fresh.number == 7


def test_what_cannot_be_saved_is_named_and_another_kind_refused():
    used, fresh = Keeper(Walk()), Keeper(Walk())
    used.pages = object()
    assert remind(fresh, memory_of(used)) == "its wrapper Keeper keeps pages, which cannot be saved"
    memory = memory_of(Keeper(Walk()))
    memory["remembered"]["count"] = "many"
    with pytest.raises(TypeError, match="its wrapper Keeper has a str for its count"):
        remind(fresh, memory)
