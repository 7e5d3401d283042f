"""Networks written by hand: what a TOML file may say, and what each mistake is answered with."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core.errors import ConfigError, CsaiError, UnknownNameError
from csai_neural import Net
from csai_neural.errors import NetFileError, ShapeError, StructureError
from csai_neural.toml_file import read_toml

IMAGE = spaces.Box(0, 1, (1, 8, 8))
VECTOR = spaces.Box(-1, 1, (4,))
SENSES = spaces.Dict(camera=IMAGE, arm=spaces.Dict(speed=VECTOR, grip=spaces.Discrete(2)))


@pytest.fixture
def read(tmp_path):
    def read(text, space=VECTOR):
        (tmp_path / "eyes.toml").write_text(text)
        return read_toml(tmp_path / "eyes.toml", space)

    return read


def kinds(net):
    return [node.block.kind for node in net.nodes]


def test_a_row_of_blocks(read):
    net = read(
        """
        name = "seeing"
        [[block]]
        block = "conv"
        kernel_size = [5, 3]
        channels = [16, 32]
        stride = 2
        activation = "tanh"
        [[block]]
        block = "dropout"
        probability = 0
        [[block]]
        block = "linear"
        hidden_size = [12, 10]
        use_layer_norm = true
        """,
        IMAGE,
    )
    assert net.name == "seeing"
    assert kinds(net) == ["input", "conv", "dropout", "linear"]
    assert net.blocks["conv"].image_shape == (32, 2, 2)
    assert net(IMAGE.sample()).shape == (10,)


def test_an_input_with_settings(read):
    net = read(
        """
        [[block]]
        block = "input"
        as_indices = true
        [[block]]
        block = "embedding"
        embedding_size = 6
        [[block]]
        block = "flatten"
        """,
        spaces.MultiDiscrete([3, 4]),
    )
    assert net.name == "eyes"
    assert net.blocks["input"].as_indices
    assert net(np.array([2, 0])).shape == (12,)


def test_branches_for_the_parts(read):
    net = read(
        """
        [[block]]
        block = "conv"
        part = "camera"
        depth = 1
        [[block]]
        block = "linear"
        hidden_size = [5]
        [[block]]
        block = "linear"
        part = "arm.speed"
        hidden_size = [6]
        [[block]]
        block = "flatten"
        part = "arm.grip"
        [[block]]
        block = "join"
        [[block]]
        block = "linear"
        hidden_size = [3]
        """,
        SENSES,
    )
    x = SENSES.sample()
    shapes = {name: tuple(value.shape) for name, value in net.trace(x).items()}
    assert shapes["linear"] == (5,)
    assert (shapes["join"], shapes["linear_3"]) == ((5 + 6 + 2,), (3,))
    again = Net.from_structure(net.structure())
    again.load_state_dict(net.state_dict())
    assert torch.equal(again(x), net(x))


@pytest.mark.usefixtures("_stranger")
@pytest.mark.parametrize("name", ["times", "stranger:times"])
def test_a_strangers_block(read, name, tmp_path):
    net = read(f'[[block]]\nblock = "{name}"\nfactor = 3\nrounds = 2')
    assert net(np.ones(4)).tolist() == [9.0] * 4
    structure = net.structure()
    assert structure["blocks"][1]["plugin"] == "stranger"
    assert Net.from_structure(structure)(np.ones(4)).tolist() == [9.0] * 4
    net.save(tmp_path / "it.safetensors")
    assert Net.load(tmp_path / "it.safetensors")(np.ones(4)).tolist() == [9.0] * 4


def test_a_strangers_block_that_is_not_installed(read):
    structure = read('[[block]]\nblock = "flatten"').structure()
    structure["blocks"][1].update(kind="times", plugin="stranger")
    with pytest.raises(UnknownNameError, match=r"'stranger:times'.*the plugin 'stranger'; install that"):
        Net.from_structure(structure)


def test_every_setting_that_the_docs_of_blocks_promise_can_be_written(read):
    text = """
        [[block]]
        block = "conv"
        num_channels = 1
        depth = 2
        padding = ["same", 1]
        disable_max_pool = true
        desired_output_size = 20
        activation = "elu"
        [[block]]
        block = "norm"
        method = "batch"
        [[block]]
        block = "residual"
        hidden_size = 7
        [[block]]
        block = "linear"
        num_hidden_layers = 2
        hidden_size = 9
        dropout = 0.25
        """
    assert read(text, IMAGE).output_shape == (9,)


def one(kind, setting=""):
    """A file of one block."""
    return f'[[block]]\nblock = "{kind}"\n{setting}'


MISTAKES = {
    "no TOML": ("[[block", NetFileError, "is no TOML"),
    "nested too deep": ("a = " + "[" * 50_000, NetFileError, "nested too deeply"),
    "no block": ('name = "a"', ConfigError, r"one table \[\[block\]\] for each block"),
    "one block only": ('[block]\nblock = "linear"', ConfigError, r"one table \[\[block\]\] for each block"),
    "name is a number": ('name = 3\n[[block]]\nblock = "flatten"', ConfigError, "name = 3"),
    "unknown key": ('nmae = "a"', UnknownNameError, "Did you mean 'name'"),
    "block without a name": ("[[block]]\nsize = 3", ConfigError, "does not say what it is"),
    "unknown block": (
        one("lineer"),
        UnknownNameError,
        "eyes.toml: No block .*Did you mean 'linear'",
    ),
    "unknown plugin": (one("nobody:linear"), UnknownNameError, "'nobody:linear'"),
    "unknown setting": (
        one("linear", "hiden_size = 3"),
        UnknownNameError,
        r"setting of block 1 of eyes.toml \(linear\) named 'hiden_size'. Did you mean 'hidden_size'\? Known:",
    ),
    "a setting of the place": (one("linear", 'device = "cpu"'), UnknownNameError, "'device'"),
    "a space": (one("input", 'in_attribute = "x"'), UnknownNameError, "Known: as_indices, channels_last"),
    "text for a number": (
        one("linear", 'hidden_size = "64"'),
        ConfigError,
        r"Block 1 of eyes.toml \(linear\): hidden_size was given '64'; it must be an integer or a list",
    ),
    "number for a truth": (one("linear", "use_layer_norm = 1"), ConfigError, "must be true or false"),
    "fraction in a list": (one("linear", "hidden_size = [6.5]"), ConfigError, "integer"),
    "number for an activation": (one("linear", "activation = 3"), ConfigError, "must be a string"),
    "no such method": (one("norm", 'method = "best"'), ConfigError, "must be 'layer' or 'batch'"),
    "a value that cannot work": (
        one("linear", "dropout = 2.0"),
        ConfigError,
        r"Block 1 of eyes.toml \(linear\) cannot be made: .*dropout=2.0",
    ),
    "unknown activation": (one("linear", 'activation = "relo"'), ConfigError, "Did you mean 'relu'"),
    "a setting left out": (one("output"), ConfigError, "needs num_classes"),
    "blocks that do not fit": (one("conv"), ShapeError, "eyes.toml: ConvBlock 'conv' cannot follow"),
    "an input later": (
        '[[block]]\nblock = "flatten"\n[[block]]\nblock = "input"',
        StructureError,
        "Block 2 of eyes.toml .input.: an input comes first",
    ),
    "a block behind the output": (
        '[[block]]\nblock = "output"\nnum_classes = 2\n[[block]]\nblock = "linear"',
        StructureError,
        "ends a net",
    ),
    "parts of a vector": (one("linear", 'part = "a"'), ConfigError, "have no parts; leave part out"),
    "layers without end": (one("linear", "num_hidden_layers = 1000000000000"), ConfigError, "at most 1000"),
    "no memory holds it": (one("linear", "hidden_size = [4000000000000]"), ConfigError, "cannot be made"),
}


@pytest.mark.parametrize(("text", "error", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_mistake_is_answered(read, text, error, message):
    with pytest.raises(error, match=message) as caught:
        read(text)
    assert isinstance(caught.value, CsaiError)


def test_mistakes_about_parts(read):
    with pytest.raises(UnknownNameError, match="Did you mean 'camera'"):
        read(one("conv", 'part = "camra"'), SENSES)
    with pytest.raises(StructureError, match=r"no branch for 'arm\.speed', 'arm\.grip'"):
        read(one("conv", 'part = "camera"'), SENSES)


def test_files_that_are_none(tmp_path):
    with pytest.raises(NetFileError, match="There is no file"):
        read_toml(tmp_path / "missing.toml", VECTOR)
    (tmp_path / "large.toml").write_text("#" * 1_000_001)
    with pytest.raises(NetFileError, match="1,000,001 bytes, and may have 1,000,000"):
        read_toml(tmp_path / "large.toml", VECTOR)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NetFileError, match="is no TOML"):
        read_toml(tmp_path / "bytes.toml", VECTOR)
