"""Network files: what is written comes back, and damaged, altered and foreign files are refused."""

import json
import os
import pickle
import resource
import struct

import numpy as np
import pytest
import safetensors.torch
import torch
from gymnasium import spaces

from csai_core.errors import ConfigError, CsaiError, UnknownNameError
from csai_neural import Block, ConvBlock, InputBlock, LinearBlock, Net, OutputBlock, files
from csai_neural.errors import NetFileError, NotCompiledError


def make_net(*blocks, space=None):
    net = Net("walker")
    net.add_block(InputBlock(spaces.Box(-np.inf, 5, (2,)) if space is None else space))
    for block in blocks:
        net.add_block(block)
    net.compile()
    return net


@pytest.fixture
def net():
    return make_net(LinearBlock(hidden_size=[4], dropout=0.1), OutputBlock(num_classes=2))


@pytest.fixture
def path(tmp_path, net):
    net.save(tmp_path / "net.safetensors")
    return tmp_path / "net.safetensors"


def test_what_is_saved_comes_back(net, path):
    loaded = Net.load(path)
    assert loaded.name == "walker"
    assert {k: v.tolist() for k, v in loaded.state_dict().items()} == {
        k: v.tolist() for k, v in net.state_dict().items()
    }
    assert loaded.blocks["linear"].settings() == net.blocks["linear"].settings()
    assert loaded.blocks["input"].space == net.blocks["input"].space


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_the_dtype_comes_back(net, tmp_path, dtype):
    net.to(dtype).save(tmp_path / "net.safetensors")
    loaded = Net.load(tmp_path / "net.safetensors")
    assert loaded.blocks["output"].layers[0].weight.dtype == dtype
    assert torch.equal(loaded.eval()(np.ones(2)), net.eval()(np.ones(2)))


def test_loading_draws_no_random_numbers(path):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    Net.load(path)
    assert torch.equal(torch.rand(1), expected)


def test_the_file_is_plain_safetensors_with_json(net, path):
    tensors = safetensors.torch.load_file(path)
    assert tensors.keys() == net.state_dict().keys()
    with safetensors.safe_open(path, framework="pt") as file:
        header = json.loads(file.metadata()["csai"])
    assert header["version"] == files.VERSION
    assert [block["kind"] for block in header["structure"]["blocks"]] == ["input", "linear", "output"]


def test_a_failed_save_leaves_the_old_file(net, path, monkeypatch):
    before = path.read_bytes()

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        net.save(path)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["net.safetensors"]


# --- blocks of one's own


class Scaled(Block):
    def __init__(self, factor=2.0, device=None):
        super().__init__(device)
        self.factor = factor

    def build(self, input_shape):
        return input_shape

    def forward(self, x):
        return self.factor * x


def test_a_block_that_no_plugin_offers_is_handed_over(tmp_path):
    net = make_net(Scaled(3.0))
    net.save(tmp_path / "net.safetensors")
    with pytest.raises(UnknownNameError, match=r"No block named 'scaled'.*blocks=\[\.\.\.\]"):
        Net.load(tmp_path / "net.safetensors")
    assert Net.load(tmp_path / "net.safetensors", blocks=[Scaled])(np.ones(2)).tolist() == [3, 3]


def test_a_block_that_takes_the_name_of_another_is_refused(tmp_path):
    class LinearBlock(Scaled):
        pass

    with pytest.raises(ConfigError, match="a name of its own"):
        make_net(LinearBlock()).save(tmp_path / "net.safetensors")


def test_settings_that_no_file_holds(tmp_path):
    for block in (LinearBlock(activation=lambda x: x), Scaled(object())):
        with pytest.raises(ConfigError, match="cannot be written to a file"):
            make_net(block).save(tmp_path / "net.safetensors")
    with pytest.raises(NotCompiledError):
        Net().save(tmp_path / "net.safetensors")


# --- damaged, altered and foreign files


def header_of(content):
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def with_header(content, change):
    """The file with a changed safetensors header."""
    header, rest = header_of(content)
    change(header)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + rest


def with_csai(content, change):
    """The file with a changed csai part of the header, and the old checksum."""

    def outer(header):
        inner = json.loads(header["__metadata__"]["csai"])
        change(inner)
        header["__metadata__"]["csai"] = json.dumps(inner)

    return with_header(content, outer)


def resigned(content, change):
    """The file with a changed csai part, and a checksum that fits it."""
    weights = safetensors.torch.load(content)

    def sign(inner):
        change(inner)
        inner.pop("sha256", None)
        inner["sha256"] = files._checksum(inner, weights)

    return with_csai(content, sign)


def flip(content, index):
    changed = bytearray(content)
    changed[index] ^= 1
    return bytes(changed)


CORPUS = {
    "empty": lambda c: b"",
    "one byte": lambda c: b"\x00",
    "text": lambda c: b"hello, I am no network",
    "zeros": lambda c: bytes(200),
    "pickle": lambda c: pickle.dumps({"weights": [1, 2]}),
    "zip": lambda c: b"PK\x03\x04" + bytes(100),
    "header alone": lambda c: c[:8],
    "half": lambda c: c[: len(c) // 2],
    "last byte missing": lambda c: c[:-1],
    "one byte more": lambda c: c + b"\x00",
    "huge header length": lambda c: struct.pack("<Q", 2**62) + c[8:],
    "flipped first byte": lambda c: flip(c, 0),
    "flipped header byte": lambda c: flip(c, 20),
    "flipped weight bit": lambda c: flip(c, len(c) - 3),
    "no metadata": lambda c: with_header(c, lambda h: h.pop("__metadata__")),
    "foreign safetensors": lambda c: safetensors.torch.save({"a": torch.zeros(2)}),
    "foreign metadata": lambda c: safetensors.torch.save({"a": torch.zeros(2)}, {"csai": "[]"}),
    "metadata is no JSON": lambda c: safetensors.torch.save({"a": torch.zeros(2)}, {"csai": "{"}),
    "metadata nested deep": lambda c: safetensors.torch.save({"a": torch.zeros(2)}, {"csai": "[" * 100_000}),
    "no checksum": lambda c: with_csai(c, lambda h: h.pop("sha256")),
    "renamed": lambda c: with_csai(c, lambda h: h["structure"].update(name="other")),
    "newer version": lambda c: with_csai(c, lambda h: h.update(version=99)),
    "version zero": lambda c: resigned(c, lambda h: h.update(version=0)),
    "version is text": lambda c: resigned(c, lambda h: h.update(version="new")),
    "version is a list": lambda c: resigned(c, lambda h: h.update(version=[1])),
    "other kind": lambda c: resigned(c, lambda h: h.update(kind="picture")),
    "no structure": lambda c: resigned(c, lambda h: h.pop("structure")),
    "structure is a list": lambda c: resigned(c, lambda h: h.update(structure=[])),
    "no blocks": lambda c: resigned(c, lambda h: h["structure"].update(blocks=[])),
    "blocks are numbers": lambda c: resigned(c, lambda h: h["structure"].update(blocks=[1, 2])),
    "unknown block": lambda c: resigned(c, lambda h: h["structure"]["blocks"][1].update(kind="os.system")),
    "unknown setting": lambda c: resigned(
        c, lambda h: h["structure"]["blocks"][1]["settings"].update(evil=1)
    ),
    "odd setting": lambda c: resigned(
        c, lambda h: h["structure"]["blocks"][1]["settings"].update(activation={"python": "exit()"})
    ),
    "odd activation": lambda c: resigned(
        c,
        lambda h: h["structure"]["blocks"][1]["settings"].update(
            activation={"activation": {"name": "system", "settings": {}}}
        ),
    ),
    "other sizes": lambda c: resigned(
        c, lambda h: h["structure"]["blocks"][1]["settings"].update(hidden_size=[3])
    ),
    "odd dtype": lambda c: resigned(c, lambda h: h["structure"].update(dtype="save")),
    "missing dtype": lambda c: resigned(c, lambda h: h["structure"].update(dtype="float31")),
    "odd link": lambda c: resigned(c, lambda h: h["structure"].update(links=[["input", "nobody", None]])),
    "odd frozen": lambda c: resigned(c, lambda h: h["structure"].update(frozen=["nobody"])),
    "block inside itself": lambda c: resigned(
        c, lambda h: h["structure"]["blocks"][1]["settings"].update(hidden_size={"block": "linear"})
    ),
    "weight missing": lambda c: safetensors.torch.save(
        {k: v for k, v in list(safetensors.torch.load(c).items())[1:]},
        {"csai": header_of(c)[0]["__metadata__"]["csai"]},
    ),
}


@pytest.mark.parametrize("damage", CORPUS.values(), ids=CORPUS.keys())
def test_damaged_files_are_refused(path, damage):
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(CsaiError) as caught:
        Net.load(path)
    assert isinstance(caught.value, (NetFileError, UnknownNameError))
    assert len(str(caught.value)) > 20


def test_every_truncation_is_refused(path):
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(NetFileError, match=r"(Cannot load|The network file) .*net\.safetensors"):
            Net.load(path)


def test_every_flipped_byte_is_noticed(path):
    content = path.read_bytes()
    for index in range(0, len(content), 5):
        path.write_bytes(flip(content, index))
        with pytest.raises(CsaiError):
            Net.load(path)


def test_files_of_other_kinds(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no network file .*missing\.safetensors"):
        Net.load(tmp_path / "missing.safetensors")
    with pytest.raises(FileNotFoundError):
        Net.load(tmp_path)


def test_older_versions_are_migrated(net, path, monkeypatch):
    """As if the version before had called the structure "net"."""
    old = files.VERSION - 1

    def make_old(header):
        header["version"] = old
        header["net"] = header.pop("structure")

    path.write_bytes(resigned(path.read_bytes(), make_old))
    with pytest.raises(NetFileError, match=f"version {old}, which this csai-neural cannot read; .*wrote it"):
        Net.load(path)
    monkeypatch.setitem(files.MIGRATIONS, old, lambda header: {**header, "structure": header["net"]})
    assert torch.equal(Net.load(path).eval()(np.ones(2)), net.eval()(np.ones(2)))


def test_a_newer_version_says_what_to_do(path):
    path.write_bytes(with_csai(path.read_bytes(), lambda header: header.update(version=99)))
    with pytest.raises(NetFileError, match=r"version 99.*install a newer"):
        Net.load(path)


def settings_of(structure, name):
    return next(block for block in structure["blocks"] if block["name"] == name)["settings"]


def of_linear(**settings):
    return lambda structure: settings_of(structure, "linear").update(settings)


def of_input(space):
    return lambda structure: settings_of(structure, "input").update(in_attribute={"space": space})


def nested(levels):
    value = 1
    for _ in range(levels):
        value = {"tuple": [value]}
    return value


def box(*shape):
    return {"box": {"low": 0, "high": 1, "shape": list(shape), "dtype": "float32"}}


GIANTS = {
    "wide layers": of_linear(hidden_size=[10**6, 10**6]),
    "layers as wide as memory might take": of_linear(hidden_size=[30_000, 30_000]),
    "layers of the largest number": of_linear(hidden_size=[2**62]),
    "a hundred thousand layers": of_linear(hidden_size=[1] * 100_000, num_hidden_layers=100_000),
    "a wide space": of_input(box(10**11)),
    "a space of many wide ones": of_input({"tuple": [box(2**20)] * 10_000}),
    "a space of many flags": of_input({"multi_binary": 10**11}),
    "a space of many choices": of_input({"discrete": {"n": 10**10, "start": 0, "dtype": "int64"}}),
    "settings in settings": of_linear(hidden_size=nested(50)),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", GIANTS)
def test_a_description_of_more_than_the_file_holds_is_refused_before_memory_is_taken(path, name):
    path.write_bytes(resigned(path.read_bytes(), lambda header: GIANTS[name](header["structure"])))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CsaiError, match=r"net\.safetensors"):
        Net.load(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kilobytes


def test_a_description_that_is_nested_without_end_is_refused(path):
    text = '{"version": 2, "kind": "net", "sha256": "", "structure": ' + '{"a":[' * 100_000

    def change(header):
        header["__metadata__"]["csai"] = text

    path.write_bytes(with_header(path.read_bytes(), change))
    with pytest.raises(NetFileError, match="its header is damaged"):
        Net.load(path)


def test_images_and_long_nets_come_back(tmp_path):
    net = make_net(
        ConvBlock(depth=2, activation=torch.nn.Hardtanh(-2, 2)),
        LinearBlock(),
        space=spaces.Box(0, 1, (1, 8, 8)),
    )
    net.save(tmp_path / "deep" / "net.safetensors")
    x = torch.rand(2, 1, 8, 8)
    assert torch.equal(Net.load(tmp_path / "deep" / "net.safetensors")(x), net(x))
