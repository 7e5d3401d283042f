"""Encodings of every space, by hand."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core import ActionAttribute, Attribute, DiscreteType, ObsAttribute
from csai_core.errors import ConfigError, SpaceError
from csai_neural import InputBlock, Net
from csai_neural.encoding import make_encoder
from csai_neural.errors import ShapeError


def encode(space, value, **settings):
    encoder = make_encoder(space, **settings)
    code = encoder.encode(encoder.read(value, torch.device("cpu"), "input"), torch.float32)
    assert tuple(code.shape[-len(encoder.shape) :]) == encoder.shape
    return code


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.int32, np.uint16])
def test_a_box_keeps_its_numbers(dtype):
    space = spaces.Box(0, 100, (2, 2), dtype)
    code = encode(space, np.array([[1, 2], [3, 4]], dtype))
    assert code.dtype == torch.float32
    assert code.tolist() == [[1, 2], [3, 4]]


def test_bytes_are_scaled_once():
    code = encode(spaces.Box(0, 255, (3,), np.uint8), np.array([0, 51, 255], np.uint8))
    assert code.tolist() == pytest.approx([0, 0.2, 1])


def test_bytes_of_other_bounds_are_not():
    code = encode(spaces.Box(0, 1, (2,), np.uint8), np.array([0, 1], np.uint8))
    assert code.tolist() == [0, 1]


def test_images_with_channels_last_are_turned():
    image = np.arange(5 * 6 * 3, dtype=np.float32).reshape(5, 6, 3)
    space = spaces.Box(0, 100, (5, 6, 3))
    assert torch.equal(encode(space, image), torch.from_numpy(image.transpose(2, 0, 1)))
    batch = np.stack([image, image + 1])
    assert encode(space, batch).shape == (2, 3, 5, 6)
    assert encode(space, image, channels_last=False).shape == (5, 6, 3)


def test_square_images_of_many_channels_are_turned_too():
    board = np.random.default_rng(0).random((10, 10, 7)) < 0.3  # as MinAtar's games give
    space = spaces.Box(0, 1, board.shape, np.bool_)
    assert torch.equal(encode(space, board), torch.from_numpy(board.transpose(2, 0, 1).astype(np.float32)))


@pytest.mark.parametrize("channels", [1, 3])
def test_stacks_of_images_are_one_image_of_their_channels(channels):
    stack = np.random.default_rng(0).integers(0, 255, (4, 9, 8, channels), dtype=np.uint8)
    rows = torch.from_numpy(stack.transpose(0, 3, 1, 2).reshape(-1, 9, 8)) / 255
    last = encode(spaces.Box(0, 255, stack.shape, np.uint8), stack)
    torch.testing.assert_close(last, rows)
    first = np.ascontiguousarray(stack.transpose(0, 3, 1, 2))
    torch.testing.assert_close(encode(spaces.Box(0, 255, first.shape, np.uint8), first), rows)
    batch = np.stack([stack, stack])
    assert encode(spaces.Box(0, 255, stack.shape, np.uint8), batch).shape == (2, 4 * channels, 9, 8)


@pytest.mark.parametrize("shape", [(1, 16, 16), (2, 6, 7, 8), (3, 84, 84), (4, 84, 84), (7, 8, 9), (3, 3, 3)])
def test_other_boxes_are_not_turned(shape):
    assert make_encoder(spaces.Box(0, 1, shape)).shape == shape


def test_discrete_is_one_hot():
    space = spaces.Discrete(4, start=-1)
    assert encode(space, -1).tolist() == [1, 0, 0, 0]
    assert encode(space, np.array([2, 0])).tolist() == [[0, 0, 0, 1], [0, 1, 0, 0]]
    assert encode(space, torch.tensor([[1]])).tolist() == [[[0, 0, 1, 0]]]


def test_multi_discrete_is_one_hot_by_component():
    space = spaces.MultiDiscrete([2, 3], start=[0, 5])
    assert encode(space, np.array([1, 7])).tolist() == [0, 1, 0, 0, 1]
    grid = spaces.MultiDiscrete([[2, 2], [2, 2]])
    assert encode(grid, np.array([[0, 1], [1, 0]])).tolist() == [1, 0, 0, 1, 0, 1, 1, 0]


def test_multi_binary_keeps_its_bits():
    assert encode(spaces.MultiBinary(3), np.array([1, 0, 1], np.int8)).tolist() == [1, 0, 1]
    assert encode(spaces.MultiBinary([2, 2]), np.eye(2, dtype=np.int8)).tolist() == [[1, 0], [0, 1]]


def test_dicts_and_tuples_are_laid_out_in_the_order_of_their_parts():
    pair = spaces.Tuple([spaces.Box(0, 9, (2,)), spaces.Discrete(2)])
    space = spaces.Dict({"b": pair, "a": spaces.Dict(x=spaces.MultiBinary(2))})
    value = {"a": {"x": np.array([1, 0])}, "b": (np.array([7, 8]), 1)}
    assert list(space.spaces) == ["a", "b"]
    assert encode(space, value).tolist() == [1, 0, 7, 8, 0, 1]
    batch = {"a": {"x": np.array([[1, 0]] * 3)}, "b": (np.array([[7, 8]] * 3), np.array([1, 0, 1]))}
    assert encode(space, batch)[:, 4:].tolist() == [[0, 1], [1, 0], [0, 1]]


def test_indices_count_from_zero():
    assert encode(spaces.Discrete(4, start=-1), 2, as_indices=True).item() == 3
    assert encode(spaces.Box(5, 9, (3,), np.int64), np.array([5, 9, 7]), as_indices=True).tolist() == [
        0,
        4,
        2,
    ]
    space = spaces.MultiDiscrete([2, 3], start=[0, 5])
    assert encode(space, np.array([[1, 5], [0, 7]]), as_indices=True).tolist() == [[1, 2], [0, 4]]
    assert make_encoder(space, as_indices=True).num_categories == 5


@pytest.mark.parametrize("as_indices", [False, True])
@pytest.mark.parametrize("value", [4, -2, np.array([0, 4])])
def test_categories_that_do_not_exist_are_refused(value, as_indices):
    with pytest.raises(ShapeError, match="outside Discrete"):
        encode(spaces.Discrete(4, start=-1), value, as_indices=as_indices)


@pytest.mark.parametrize(
    "space",
    [
        spaces.Text(5),
        spaces.Sequence(spaces.Discrete(3)),
        spaces.Graph(spaces.Discrete(2), None),
        spaces.Dict(words=spaces.Text(3)),
        spaces.Dict(),
    ],
    ids=str,
)
def test_spaces_without_an_encoding(space):
    with pytest.raises((SpaceError, ConfigError), match=r"takes Box, Discrete|give an attribute"):
        InputBlock(space)


def test_channels_last_needs_an_image():
    with pytest.raises(SpaceError, match="channels_last"):
        make_encoder(spaces.Box(0, 1, (2, 3)), channels_last=True).shape  # noqa: B018


@pytest.mark.parametrize("source", [None, 5, "game_state", {}, torch.nn.Linear(2, 2)])
def test_inputs_that_are_none(source):
    with pytest.raises(ConfigError, match="give an attribute"):
        InputBlock(source)


def test_an_attribute_is_kept_without_its_environment():
    class Special(ObsAttribute):
        def __init__(self, environment):
            super().__init__("heading", DiscreteType(4), lambda: environment)

    for attribute, kind in (
        (Special(object()), ObsAttribute),
        (ActionAttribute("a", DiscreteType(2)), ActionAttribute),
    ):
        kept = InputBlock(attribute).in_attribute
        assert type(kept) is kind
        assert (kept.name, kept.space) == (attribute.name, attribute.space)
        assert kept.update_func is None


def test_an_input_of_a_dict_keeps_attributes_by_name():
    block = InputBlock({"senses": spaces.Box(0, 1, (3,)), "deep": {"heading": spaces.Discrete(4)}})
    assert isinstance(block.in_attribute["senses"], Attribute)
    assert block.in_attribute["deep"]["heading"].name == "heading"
    assert block.output_shape == (7,)


def test_parts_that_are_missing_or_disagree_are_named():
    net = Net()
    net.add_block(InputBlock(spaces.Dict(a=spaces.Box(0, 1, (2,)), b=spaces.Discrete(3))))
    net.compile()
    for value, words in (
        ({"a": np.zeros(2)}, "no part 'b'"),
        ({"a": np.zeros((4, 2)), "b": np.zeros(3, int)}, "different shapes"),
        ({"a": np.zeros(5), "b": 1}, "part 'a'"),
        (np.zeros(3), "must be a dict or a tuple"),
    ):
        with pytest.raises(ShapeError, match=words):
            net(value)


def test_pictures_that_are_learned_from_lie_as_convolutions_like_it():
    stacks = np.random.default_rng(0).integers(0, 256, (2, 4, 9, 8), np.uint8)
    space = spaces.Box(0, 255, (4, 9, 8), np.uint8)
    learned = encode(space, stacks)
    assert learned.is_contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        acted = encode(space, stacks)
    assert acted.is_contiguous()
    assert torch.equal(learned, acted)  # the same numbers
