"""Specifications of environments in runs: exact, and with wrappers that record nothing of themselves."""

from __future__ import annotations

import sys

import gymnasium
import pytest
from gymnasium.envs.registration import WrapperSpec

from csai_core import trust
from csai_core.errors import ConfigError, UntrustedModuleError
from csai_train import Run, evaluate, resume, train
from csai_train.events import Callback
from csai_train.runs.env_spec import describe, restore
from csai_train.training.verify import verify

GAMES = """
import gymnasium
gymnasium.register("Strange/Hall-v0", "strange_halls.halls:Hall", max_episode_steps=20)
"""
HALLS = "from csai_core.testing.toys import Walk as Hall\n"
WRAPPERS = """
import gymnasium

class Tired(gymnasium.Wrapper):
    "Pays less with every step it has ever seen; records none of its arguments."

    def __init__(self, env, by=0.01):
        super().__init__(env)
        self.by, self.count = by, 0

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        self.count += 1
        return observation, reward - self.by * self.count, *rest
"""


def forget():
    """Be as another process is, which has not imported the package yet."""
    gymnasium.registry.pop("Strange/Hall-v0", None)
    for name in [name for name in sys.modules if name.partition(".")[0] == "strange_halls"]:
        del sys.modules[name]


@pytest.fixture
def halls(tmp_path, monkeypatch):
    """A stranger's package of an environment and a wrapper, in a folder on the path."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(trust, "_TYPED", set())
    package = tmp_path / "site" / "strange_halls"
    package.mkdir(parents=True)
    for name, source in {"__init__": GAMES, "halls": HALLS, "wrappers": WRAPPERS}.items():
        (package / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(package.parent))
    yield "strange_halls:Strange/Hall-v0"
    forget()


def trained(halls, folder=None, callbacks=()):
    wrappers = ["Tired:by=0.5", "TimeLimit:max_episode_steps=7"]
    given = {"total_steps": 300, "seed": 1, "wrappers": wrappers, "callbacks": callbacks}
    return train("q_learning", halls, run_dir=folder, **given)


def make_run(halls, folder, **more):
    trained(halls, folder, **more)
    return Run.open(folder)


class Stops(Callback):
    """In the middle of an episode."""

    def step(self, training):
        training.stop_requested = training.steps == 150


def test_wrappers_and_the_module_are_kept_as_they_were_given(halls, tmp_path):
    described = make_run(halls, tmp_path / "run").config["environment"]
    assert described["module"] == "strange_halls"
    assert [(each["entry_point"], each["kwargs"]) for each in described["wrappers"]] == [
        ("strange_halls.wrappers:Tired", {"by": 0.5}),
        ("gymnasium.wrappers:TimeLimit", {"max_episode_steps": 7}),
    ]


def test_a_run_with_a_strangers_wrapper_resumes_exactly_evaluates_and_verifies(halls, tmp_path):
    run = make_run(halls, tmp_path / "run", callbacks=[Stops()])
    whole = trained(halls)
    forget()
    trust.remember("strange_halls")
    assert verify(run, 100).difference == ""
    assert evaluate(run, episodes=3, seed=0).lengths.max() <= 7
    resumed = resume(run.path)
    assert resumed.steps == 300
    assert resumed.recent == whole.recent


def test_nothing_is_imported_for_a_run_until_a_person_has_typed_it(halls, tmp_path):
    run = make_run(halls, tmp_path / "run")
    forget()
    with pytest.raises(UntrustedModuleError, match="--import strange_halls") as caught:
        Run.open(run.path).agent()
    assert caught.value.place.endswith("strange_halls/__init__.py")
    assert "strange_halls" not in sys.modules
    assert Run.open(run.path).goal is None
    trust.remember("strange_halls")
    assert Run.open(run.path).agent()


def test_a_run_that_starts_from_another_keeps_its_wrappers(halls, tmp_path):
    run = make_run(halls, tmp_path / "run")
    make = train("q_learning", halls, total_steps=50, start_from=run)
    assert [each.name for each in make.environment.additional_wrappers] == ["Tired", "TimeLimit"]


def test_wrappers_go_with_an_id_alone():
    with pytest.raises(ConfigError, match="wrap that, or give its id"):
        train("q_learning", gymnasium.make("FrozenLake-v1"), total_steps=50, wrappers=["FlattenObservation"])


def test_tuples_stay_tuples():
    wrapper = WrapperSpec(
        "TimeLimit", "gymnasium.wrappers:TimeLimit", {"shape": (8, (1, [2])), "other": [(3,)]}
    )
    spec = gymnasium.spec("FrozenLake-v1")
    spec = gymnasium.envs.registration.EnvSpec(
        spec.id, spec.entry_point, kwargs={"desc": ("SF", "FG")}, additional_wrappers=(wrapper,)
    )
    restored = restore(describe(spec))
    assert restored.additional_wrappers == (wrapper,)
    assert restored.kwargs == {"desc": ("SF", "FG")}
