"""A training keeps numpy and torch to the threads it was given."""

import threading

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

from csai_core.errors import ConfigError
from csai_train import train
from csai_train.events import Callback
from csai_train.threads import limited_threads


def in_use():
    """Threads of torch, and of each library that numpy multiplies with."""
    np.ones((2, 2)) @ np.ones((2, 2))
    return torch.get_num_threads(), {
        each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"
    }


@pytest.mark.parametrize("count", [1, 2])
def test_inside_there_are_so_many_and_afterwards_as_before(count):
    before = in_use()
    with limited_threads(count):
        threads, of_products = in_use()
        assert threads == count
        assert of_products <= {count}
    assert in_use() == before


def test_what_goes_wrong_inside_gives_them_back_too():
    before = in_use()
    with pytest.raises(KeyError), limited_threads(1):
        raise KeyError
    assert in_use() == before


def test_a_training_takes_one():
    seen = []

    class Look(Callback):
        def start(self, training):
            seen.append(in_use())

    train("q_learning", "FrozenLake-v1", total_steps=5, seed=0, callbacks=[Look()])
    [(threads, of_products)] = seen
    assert threads == 1
    assert of_products <= {1}


def test_trainings_in_threads_may_begin_and_end_in_any_order():
    before = in_use()
    steps = [threading.Barrier(2) for _ in range(3)]
    seen = {}

    def first():
        with limited_threads(1):
            steps[0].wait()
            steps[1].wait()
        seen["after the first"] = in_use()
        steps[2].wait()

    def second():
        steps[0].wait()
        with limited_threads(1):
            steps[1].wait()
            steps[2].wait()
            seen["in the second"] = in_use()

    run(first, second)
    assert seen["in the second"][0] == 1
    assert seen["in the second"][1] <= {1}
    assert seen["after the first"] == (before[0], seen["in the second"][1])
    assert in_use() == before
    run(lambda: seen.update(later=in_use()))
    assert seen["later"] == before


def test_the_smallest_number_holds_for_what_the_process_has_once():
    before = in_use()
    with limited_threads(2), limited_threads(1):
        assert in_use()[0] == 1
        assert in_use()[1] <= {1}
    with limited_threads(1):
        with limited_threads(2):
            assert in_use()[0] == 2
            assert in_use()[1] <= {1}
        assert in_use()[0] == 1
    assert in_use() == before


def run(*functions):
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_number_of_numpys_is_one_and_later_trainings_are_not_hurt():
    before = in_use()
    with limited_threads(np.int64(1)), limited_threads(1):
        assert in_use()[0] == 1
    assert in_use() == before


@pytest.mark.parametrize("count", [0, -1, 1.5, None, True, 2**80])
def test_what_is_no_number_of_threads_is_refused(count):
    with pytest.raises(ConfigError, match=rf"threads={count}; it must be an integer from 1 to 1024"):
        limited_threads(count).__enter__()
