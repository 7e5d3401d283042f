"""Which settings of a constructor decide nothing."""

import sys

from csai_core.testing.unread_settings import dropped_arguments, unread_settings


class Keeps:
    def __init__(self, read, converted, unread, render_mode=None, title="", *more, **others):
        self.read = read
        self.converted = int(converted)
        self.forgotten = unread

    def step(self):
        return self.read + self.converted


class HandsOn(Keeps):
    def __init__(self, size, unnamed):
        super().__init__(size, 1, 1)


class HandsOnAll(Keeps):
    def __init__(self, size):
        super().__init__(**{name: each for name, each in locals().items() if name != "self"})


class DoesNothing:
    def __init__(self, seed=0):
        pass


def make(size, seed):
    return Keeps(size, 1, 1)


def test_what_nothing_reads_is_found():
    assert unread_settings(Keeps) == ["unread"]
    assert unread_settings(HandsOn) == ["unnamed"]
    assert unread_settings(HandsOnAll) == []
    assert unread_settings(DoesNothing) == ["seed"]


def test_what_is_never_named_is_found_of_functions_too():
    assert dropped_arguments(make) == ["seed"]
    assert dropped_arguments(Keeps) == ["render_mode", "title"]
    assert dropped_arguments(HandsOnAll) == []
    assert dropped_arguments(print) == []


def test_a_class_whose_module_is_gone_is_looked_at_all_the_same(monkeypatch):
    monkeypatch.delitem(sys.modules, Keeps.__module__)
    assert unread_settings(Keeps) == ["unread"]
