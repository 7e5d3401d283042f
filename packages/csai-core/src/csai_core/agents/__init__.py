"""Agents: whatever chooses the next action in an environment."""

from csai_core.agents.agent import Agent
from csai_core.agents.keyboard import KeyboardAgent
from csai_core.agents.random import RandomAgent

__all__ = ["Agent", "KeyboardAgent", "RandomAgent"]
