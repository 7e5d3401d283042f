"""The seed's example of a network for Snake, with only its import lines changed."""

import torch as th

from csai_envs import SnakeEnv
from csai_neural import ConvBlock, InputBlock, Net, OutputBlock


def test_constructing_a_network_for_the_snake_env():
    snake_env = SnakeEnv(width=16, height=16)

    input_block = InputBlock(snake_env.get_attribute("game_state"), False)
    conv_block = ConvBlock(input_block.in_attribute.space.shape, 1, 3)
    out_block = OutputBlock(conv_block.output_size, len(snake_env.snake_agent.get_actions()))
    net = Net()
    net.add_block(input_block)
    net.add_block(conv_block)
    net.add_block(out_block)
    net.compile()
    input_sample = snake_env.get_attribute("game_state").sample()
    output_test = net(input_sample)
    copy_net = net.copy()
    output_copy_test = copy_net(input_sample)

    assert output_test.shape == (5,)
    assert th.equal(output_test, output_copy_test)


def test_a_network_for_all_that_snake_observes():
    snake_env = SnakeEnv(width=8, height=6)
    net = Net()
    net.add_block(InputBlock(snake_env.observation_space))
    net.add_block(OutputBlock(num_classes=5))
    net.compile()
    observation, _ = snake_env.reset(seed=1)
    assert net(observation).shape == (5,)
