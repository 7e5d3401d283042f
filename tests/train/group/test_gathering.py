"""What all have to save is brought at one step, and those who wait save then, once."""

from __future__ import annotations

from csai_train.group import Group
from csai_train.group.gathering import Gathering


class Three(Group):
    """The first of three processes, of which each has its number to save."""

    def gather_states(self, state):
        return [state, {"number": 1}, {"number": 2}]


def test_who_waits_saves_when_all_is_here_and_once():
    gathering, saved = Gathering(Three(size=3)), []
    gathering.ask(lambda: saved.append([each["number"] for each in gathering.of_others]))
    assert (gathering.is_wished, gathering.is_of(5), saved) == (True, False, [])
    gathering.bring({"number": 0}, 5)
    assert (gathering.is_wished, gathering.is_of(5), saved) == (False, True, [[1, 2]])
    gathering.bring({"number": 0}, 6)
    assert (gathering.is_of(5), gathering.is_of(6), saved) == (False, True, [[1, 2]])


def test_what_was_let_go_is_of_no_step():
    gathering = Gathering(Three(size=3))
    gathering.bring({"number": 0}, 5)
    gathering.let_go()
    assert (gathering.of_others, gathering.is_of(5)) == ([], False)
