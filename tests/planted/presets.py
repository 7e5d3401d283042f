"""Presets."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from csai_train.testing import PresetSuite
from planted.specimens import planted, sound

ROOT = Path(tempfile.mkdtemp())
atexit.register(shutil.rmtree, ROOT)
COMMAND = "csai train FrozenLake-v1 --algorithm q_learning"
GOOD = f"""
algorithm = "q_learning"

[q_learning]
total_steps = 4000
result = "0.5 a game (seeds 0 to 4)"
command = "{COMMAND}"
config = {{ learning_rate = 0.1 }}
"""


class _Folder(PresetSuite):
    """A folder with one file; a subclass says which and what is in it."""

    file = "FrozenLake-v1.toml"
    text = GOOD
    encoding = "utf-8"

    def make(self):
        folder = ROOT / type(self).__name__
        folder.mkdir(exist_ok=True)
        (folder / self.file).write_bytes(self.text.encode(self.encoding))
        return folder


class _Measured(_Folder):
    """A folder with one file, in which a subclass says by which command the result was measured."""

    command: str

    @property
    def text(self):
        return GOOD.replace(COMMAND, self.command)


@planted("TOML")
class BrokenTable(_Folder):
    """A bracket is missing."""

    text = GOOD.replace("[q_learning]", "[q_learning")


@planted("q_lerning")
class NoSuchAlgorithm(_Folder):
    """Its algorithm is mistyped."""

    text = GOOD.replace("[q_learning]", "[q_lerning]").replace(
        'algorithm = "q_learning"', 'algorithm = "q_lerning"'
    )


@planted("reinforce")
class ChoosesNone(_Folder):
    """The algorithm to take is none of its presets."""

    text = GOOD.replace('algorithm = "q_learning"', 'algorithm = "reinforce"')


@planted("algorithm")
class ChoosesNothing(_Folder):
    """It does not say which algorithm to take."""

    text = GOOD.replace('algorithm = "q_learning"\n', "")


@planted("lr|learning_rate")
class NoSuchSetting(_Folder):
    """One of its settings is none of the algorithm's."""

    text = GOOD.replace("learning_rate", "lr")


@planted("learning_rate")
class SettingOfAnotherType(_Folder):
    """A setting is a text where a number is meant."""

    text = GOOD.replace("0.1", '"small"')


@planted("learning_rate")
class SettingOutOfRange(_Folder):
    """A learning rate below 0."""

    text = GOOD.replace("0.1", "-0.1")


@planted("total_steps")
class NoLength(_Folder):
    """It does not say how long to train."""

    text = GOOD.replace("total_steps = 4000\n", "")


@planted("total_steps")
class LengthAsText(_Folder):
    """How long to train is a text."""

    text = GOOD.replace("4000", '"4_000"')


@planted("totalsteps|total_steps")
class MistypedKey(_Folder):
    """A key is mistyped, and would be passed over."""

    text = GOOD.replace("total_steps = 4000", "total_steps = 4000\ntotalsteps = 9000")


@planted("FrozenLke-v1|FrozenLake-v1")
class NoSuchEnvironment(_Folder):
    """The file is named after no environment."""

    file = "FrozenLke-v1.toml"


@planted("toy_text|--|id")
class WrongName(_Folder):
    """The file is named with one dash where an id has a slash."""

    file = "toy_text-FrozenLake-v1.toml"


@planted("spaces?|observations?|actions?|Box|take")
class WrongSpaces(_Folder):
    """A table of values, for an environment with numbers."""

    file = "CartPole-v1.toml"
    text = GOOD.replace("FrozenLake", "CartPole")


@planted("slippery")
class NoSuchOption(_Folder):
    """An option that the environment does not have."""

    text = GOOD + "environment = { slippery = true }\n"


@planted("result|reach")
class SaysNoResult(_Folder):
    """It does not say what it reaches."""

    text = GOOD.replace("0.5 a game (seeds 0 to 4)", "")


@planted("command")
class SaysNoCommand(_Folder):
    """It does not say how its result was measured."""

    text = "\n".join(line for line in GOOD.splitlines() if not line.startswith("command"))


@planted("CartPole|FrozenLake|command")
class CopiedCommand(_Measured):
    """Its command is that of another environment, from which it was copied."""

    command = "csai train CartPole-v1 --algorithm q_learning"


@planted("short|learn")
class TooShort(_Folder):
    """It ends before its algorithm can have learned anything."""

    file = "CartPole-v1.toml"
    text = """
algorithm = "ppo"

[ppo]
total_steps = 500
result = "20 a game"
command = "csai train CartPole-v1 --algorithm ppo"
config = { num_envs = 8, num_steps = 256 }
"""


@planted("folder")
class NoFolder(_Folder):
    """What is offered is one file."""

    def make(self):
        return super().make() / self.file


@planted("no preset|empty|toml")
class EmptyFolder(_Folder):
    """There is nothing in the folder."""

    file = "readme.md"


@sound
class OneOfEach(_Folder):
    """Two presets of one algorithm, with a name of its own for the second."""

    text = (
        GOOD
        + """
[patient]
algorithm = "q_learning"
total_steps = 40_000
result = "0.74 a game"
command = "csai train FrozenLake-v1 --preset patient"
config = { learning_rate = 0.01, epsilon_end = 0.0 }
"""
    )


@sound
class ForAnother(_Folder):
    """Presets for the environment of a package that is not here, with comments and an option."""

    file = "Elsewhere--Maze-v3.toml"
    text = """
# The larger the maze, the longer it takes.
algorithm = "ppo"

[ppo]
total_steps = 2_000_000
result = "0.93 of mazes solved"
command = "csai train Elsewhere/Maze-v3 --import elsewhere"
environment = { size = 9 }
config = { num_envs = 16, hidden_sizes = [64, 64] }
"""


@sound
class SettingsAreLeftOut(_Folder):
    """Everything is as the algorithm has it, and other files lie in the folder."""

    text = GOOD.replace("config = { learning_rate = 0.1 }\n", "")

    def make(self):
        folder = super().make()
        (folder / "__init__.py").write_text("")
        (folder / "README.md").write_text("Measured over five seeds.")
        return folder


@planted("UTF-8")
class OtherEncoding(_Folder):
    """It is written in another encoding than TOML's."""

    text = "# für kleine Seen\n" + GOOD
    encoding = "latin-1"


@planted("cartpole-v1")
class SmallLetters(_Folder):
    """The id is written in small letters."""

    file = "cartpole-v1.toml"
    text = GOOD.replace("FrozenLake-v1", "CartPole-v1")


@planted("hidden_sizes")
class SettingOfAnother(_Folder):
    """It has a setting of another algorithm."""

    text = GOOD.replace("learning_rate = 0.1", "hidden_sizes = [64]")


@planted("tables?")
class StepsAbove(_Folder):
    """How long to train stands above all tables."""

    text = GOOD.replace('algorithm = "q_learning"', 'algorithm = "q_learning"\ntotal_steps = 4000', 1)


# --- as strangers write them


@planted("learning_rate")
class RateInWords(_Folder):
    """A number stands in quotes."""

    text = GOOD.replace("learning_rate = 0.1", 'learning_rate = "a tenth"')


@planted("num_envs|map|is_slippy|environment")
class OptionOfNobody(_Folder):
    """The environment has no such option."""

    text = GOOD.replace("total_steps = 4000", "total_steps = 4000\nenvironment = { is_slippy = false }")


@planted("FrozenLake-v9.*|cannot be called.*environment")
class CommandForNobody(_Measured):
    """Its command trains in an environment that there is not."""

    command = "csai train FrzenLke-v9"


@planted("cannot be called.*--sede")
class CommandMistyped(_Measured):
    """Its command has an option that there is not."""

    command = COMMAND + " --sede 1"


@planted("cannot be called.*--seed")
class CommandOfWrongValues(_Measured):
    """Its command gives a word where a number is meant."""

    command = COMMAND + " --seed one"


@planted("names the preset 'patient', which there is not")
class CommandOfAnotherPreset(_Measured):
    """Its command names a preset that the file does not have."""

    command = "csai train FrozenLake-v1 --preset patient"


@planted("trains with the preset 'q_learning'.*--preset patient")
class CommandTakesTheUsual(_Folder):
    """A second preset's command names none, and takes the first."""

    text = GOOD + GOOD.replace("[q_learning]", '[patient]\nalgorithm = "q_learning"').replace(
        'algorithm = "q_learning"\n', "", 1
    ).replace(COMMAND, "csai train FrozenLake-v1 --seed 1")


@planted("--learning-rate 0.5, and the preset 0.1")
class CommandOfOtherSettings(_Measured):
    """Its command says another learning rate."""

    command = COMMAND + " --learning-rate 0.5"


@planted("--total-steps 9000, and the preset 4000")
class CommandTrainsLonger(_Measured):
    """Its command trains longer than it does."""

    command = COMMAND + " --total-steps 9000"


@planted("--env is_slippery=False, and the preset True")
class CommandOfAnEasierGame(_Measured):
    """Its command trains in an easier game."""

    command = COMMAND + " --env is_slippery=False"


@planted("--algorithm .*deep_q_learning, and the preset .*q_learning")
class CommandOfAnotherAlgorithm(_Measured):
    """Its command names the preset, and another algorithm."""

    command = "csai train FrozenLake-v1 --preset q_learning --algorithm deep_q_learning"


@planted("--wrap TimeLimit:max_episode_steps=20, and the preset has")
class CommandWraps(_Measured):
    """Its command wraps the environment."""

    command = COMMAND + " --wrap TimeLimit:max_episode_steps=20"


@planted("--net .*, which no preset can say")
class CommandOfAnotherNet(_Measured):
    """Its command trains another network."""

    command = COMMAND + " --net wide.py:Net"


@sound
class WrapsAsItSays(_Folder):
    """Its command says once more in what the environment is wrapped."""

    text = GOOD.replace(COMMAND, COMMAND + " --wrap TimeLimit:max_episode_steps=20").replace(
        "total_steps = 4000", 'total_steps = 4000\nwrappers = ["TimeLimit:max_episode_steps=20"]'
    )


@sound
class SaysWhatItIs(_Measured):
    """Its command says settings once more, in short and as they are, and evaluates after it."""

    command = (
        "csai train FrozenLake-v1 --preset q_learning --lr 0.1 --total-steps 4_000 --env is_slippery=True "
        "--seed 3 --run-dir runs/lake && csai evaluate runs/lake"
    )
