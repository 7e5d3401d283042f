"""What every tracker is told, by one that only listens."""

import pytest
from csai_core.errors import MissingExtraError
from csai_train import Run, train
from csai_train.health import Finding

from csai_trackers.tracker import Tracker


class Listener(Tracker):
    package = "json"

    def __init__(self, run, fails=False):
        super().__init__(run)
        self.heard, self.fails = [], fails

    def open(self, settings):
        self.heard.append(("open", settings))

    def log(self, numbers, steps):
        if self.fails:
            raise OSError("no space")
        self.heard.append(("log", numbers, steps))

    def film(self, path, steps):
        self.heard.append(("film", path.name, steps))

    def note(self, text, steps):
        self.heard.append(("note", text, steps))

    def close(self):
        self.heard.append(("close",))


@pytest.fixture
def run(tmp_path):
    pytest.importorskip("pygame")  # which draws what is filmed
    train(
        "q_learning", "FrozenLake-v1", total_steps=200, seed=1, run_dir=tmp_path / "run", callbacks=["video"]
    )
    return Run.open(tmp_path / "run")


class Session:
    """What a callback is given, as far as a tracker asks."""

    steps = 100
    metrics = {"loss": 0.5}  # noqa: RUF012

    def __init__(self):
        self.warnings = []

    def episodes_since_mark(self):
        return {"mean_return": 0.25, "mean_length": 9.0, "mean_score": None}

    def warn(self, message):
        self.warnings.append(message)


class Evaluation:
    mean_return = 0.75


def tell(tracker):
    """All that can happen, in its order."""
    session = Session()
    finding = Finding("flat_reward", 100, "warning", "Flat.", "Nothing is learned.", "Shape it.")
    tracker.start(session)
    tracker.mark(session)
    tracker.evaluation(session, Evaluation())
    tracker.finding(session, finding)
    tracker.recovered(session, finding)
    tracker.stop(session)
    return session


def test_settings_curves_evaluations_films_and_health_arrive(run):
    tracker = Listener(run)
    assert tell(tracker).warnings == []
    (_, settings), *rest = tracker.heard
    assert settings["environment"] == "FrozenLake-v1"
    assert (settings["algorithm"], settings["seed"], settings["gamma"]) == (
        "q_learning",
        1,
        run.settings.gamma,
    )
    films = [heard for heard in rest if heard[0] == "film"]
    assert films == [("film", f"step-{steps:012d}.gif", steps) for steps in (40, 80, 120, 160, 200)]
    assert [heard for heard in rest if heard[0] != "film"] == [
        ("log", {"episode/return": 0.25, "episode/length": 9.0, "update/loss": 0.5}, 100),
        ("log", {"evaluation/mean_return": 0.75}, 100),
        ("note", "warning: flat reward. Flat. Nothing is learned. Try first: Shape it.", 100),
        ("note", "recovered: flat reward", 100),
        ("close",),
    ]


def test_a_tracker_that_fails_is_told_of_once(run):
    tracker = Listener(run, fails=True)
    assert tell(tracker).warnings == ["json is told nothing more of this training: OSError: no space"]
    assert [heard[0] for heard in tracker.heard] == ["open"]


def test_a_package_that_is_not_installed_is_named(run):
    class Absent(Listener):
        package = "no_such_tracker"

    with pytest.raises(MissingExtraError, match=r"pip install 'csai-trackers\[no_such_tracker\]'"):
        Absent(run)
