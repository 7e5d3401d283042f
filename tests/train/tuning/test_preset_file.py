"""The preset that a search leaves behind."""

from csai_core import presets
from csai_train.tuning.preset_file import write_preset


def test_what_is_written_is_read_as_a_preset(tmp_path):
    path = tmp_path / "preset.toml"
    table = {
        "total_steps": 50,
        "result": '1.00 "a game"',
        "command": "csai tune FrozenLake-v1",
        "environment": {"is_slippery": False},
        "wrappers": ["TimeLimit:max_episode_steps=5"],
        "config": {
            "hidden_sizes": (8, 8),
            "polyak": None,
            "learning_rate": "linear:0.1->0.0",
            "double": True,
        },
    }
    write_preset(path, "deep_q_learning", table, ["Found by chance."])
    assert path.read_text().startswith("# Found by chance.\n")
    preset = presets.find("FrozenLake-v1", str(path))
    assert preset.algorithm == "deep_q_learning"
    assert {name: getattr(preset, name) for name in table if name != "config"} == {
        name: value for name, value in table.items() if name != "config"
    }
    assert preset.config == {**table["config"], "hidden_sizes": [8, 8]}


def test_the_algorithm_of_a_strangers_plugin_is_named_in_full(tmp_path):
    path = tmp_path / "preset.toml"
    write_preset(path, "acme:guess", {"total_steps": 5, "environment": {}, "wrappers": [], "config": {}}, [])
    preset = presets.find("FrozenLake-v1", str(path))
    assert (preset.name, preset.algorithm, preset.config) == ("guess", "acme:guess", {})
