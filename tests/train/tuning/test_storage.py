"""Where the trials of a search are kept."""

import sys

import pytest

from csai_core.errors import ConfigError, MissingExtraError
from csai_train.tuning.storage import open_storage


def test_without_optuna_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"Tuning needs Optuna: pip install 'csai-train\[tune\]'"):
        open_storage(f"journal:{tmp_path / 'x'}")


@pytest.mark.parametrize("kind", ["journal:{}", "sqlite:{}", "sqlite:///{}"])
def test_what_is_kept_is_found_by_who_opens_it_again(tmp_path, kind):
    optuna = pytest.importorskip("optuna")
    place = kind.format(tmp_path / "new" / "trials")
    if "///" in place:
        (tmp_path / "new").mkdir()
    optuna.create_study(storage=open_storage(place), study_name="x").enqueue_trial({"a": 1})
    assert len(optuna.load_study(storage=open_storage(place), study_name="x").trials) == 1


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("trials.db", "The storage 'trials.db' is none that csai tune knows; give journal:FILE"),
        ("journal:", "The storage 'journal' is none"),
        ("redis://here", "The storage 'redis' is none"),
        ("postgresql+nothing://me:secret@nowhere/x", r"The storage postgresql\+nothing:… cannot be opened"),
    ],
)
def test_what_is_no_storage_is_refused_and_no_password_told(place, told):
    pytest.importorskip("optuna")
    with pytest.raises(ConfigError, match=told) as raised:
        open_storage(place)
    assert "secret" not in str(raised.value)
