"""What `csai train` makes of the words it is given, without training."""

from __future__ import annotations

from csai_train.commands.train import _view, train_command


def test_options_of_environments_are_json_where_they_can_be():
    given = ["--env", "width=8", "--env", "name=8x8", "--env", 'desc=["SF"]', "--env", "is_slippery=false"]
    options = train_command.make_context("train", given, resilient_parsing=False).params["env_options"]
    assert options == {"width": 8, "name": "8x8", "desc": ["SF"], "is_slippery": False}


def test_attributes_are_one_name_or_several():
    assert _view("senses") == {"attributes": "senses"}
    assert _view("a,b") == {"attributes": ("a", "b")}
    assert _view(None) == {}
