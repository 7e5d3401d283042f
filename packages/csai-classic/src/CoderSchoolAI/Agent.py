"""Agents, by their old path."""

from csai_core import Agent

__all__ = ["Agent"]
