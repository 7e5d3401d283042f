"""What the document declares runs as it stands, and the old paths offer it: names, order and defaults."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections import Counter

import pytest

PRELUDE = """
from collections import defaultdict
from typing import *

import numpy as np
import torch as th
from torch import nn
from torch.nn import Identity

from CoderSchoolAI.Agent import *
from CoderSchoolAI.Buffer import *
from CoderSchoolAI.Environments.Attributes import *
from CoderSchoolAI.Environments.Shell import *
from CoderSchoolAI.Neural.ActorCritic import *
from CoderSchoolAI.Neural.Blocks import *
from CoderSchoolAI.Neural.Net import *
"""
DECLARATIONS = {
    "Shell Class": "Environments.Shell.Shell",
    "Attribute Class": "Environments.Attributes.Attribute",
    "ObsAttribute Class": "Environments.Attributes.ObsAttribute",
    "ActionAttribute Class": "Environments.Attributes.ActionAttribute",
    "Agent Class": "Agent.Agent",
    "BasicReplayBuffer": "Buffer.BasicReplayBuffer",
    "DictReplayBuffer": "Buffer.DictReplayBuffer",
    "Net Class": "Neural.Net.Net",
    "InputBlock Class": "Neural.Blocks.InputBlock",
    "JoinBlock Class": "Neural.Blocks.JoinBlock",
    "LinearBlock Class": "Neural.Blocks.LinearBlock",
    "OutputBlock Class": "Neural.Blocks.OutputBlock",
    "`deep_q_learning()` Function": "Training.deep_q_learning",
    "`PPO()` Function": "Training.PPO",
    "`QLearning()` Class": "Training.QLearning",
}

SAID_OTHERWISE = {("LinearBlock", "num_hidden_layers")}
"""Defaults that follow from other arguments unless they are given; what follows is tested below."""


def offered(path):
    module, name = path.rsplit(".", 1)
    return getattr(importlib.import_module(f"CoderSchoolAI.{module}"), name)


def functions(declared, found):
    """Each declared function, and what is offered in its place."""
    if isinstance(declared, ast.FunctionDef):
        yield declared, found
    else:
        for each in declared.body:
            if isinstance(each, ast.FunctionDef):
                yield each, getattr(found, each.name)


def defaults(declared):
    """The declared parameters: name -> the text of its default, or None."""
    names = [each.arg for each in declared.args.args]
    texts = [ast.unparse(each) for each in declared.args.defaults]
    return dict(zip(names, [None] * (len(names) - len(texts)) + texts, strict=True))


@pytest.mark.parametrize("title", DECLARATIONS)
def test_a_declaration_is_kept(document, title):
    code = document(title)
    namespace = {}
    exec(PRELUDE, namespace)
    exec(code, namespace)
    (declared,) = ast.parse(code).body
    assert declared.name in namespace
    for function, found in functions(declared, offered(DECLARATIONS[title])):
        parameters = inspect.signature(found).parameters
        expected = defaults(function)
        assert [*parameters][: len(expected)] == [*expected], function.name
        for name, text in expected.items():
            if (declared.name, name) in SAID_OTHERWISE:
                continue
            if text is not None and is_literal(text):
                assert parameters[name].default == ast.literal_eval(text), (function.name, name)
            elif text is not None:
                assert parameters[name].default is not inspect.Parameter.empty, (function.name, name)


def is_literal(text):
    try:
        ast.literal_eval(text)
    except ValueError:
        return False
    return True


def test_a_linear_block_has_three_hidden_layers_of_128_unless_told_otherwise():
    block = offered("Neural.Blocks.LinearBlock")(4, 2)
    sizes = [tuple(each.shape) for each in block.parameters() if each.ndim == 2]
    assert sizes == [(128, 4), (128, 128), (128, 128), (2, 128)]


def test_every_piece_of_code_is_an_example_or_a_declaration(document):
    examples = {
        "Step 1: Define your Environment Class": 1,
        "Step 2: Define your Agent Class": 1,
        "Step 3: Run the Environment": 1,
        "`Datasets`": 3,
        "Custom Transforms": 1,
        "Creating Custom Datasets": 1,
        "Example Usage": 2,
    }
    expected = {**dict.fromkeys(DECLARATIONS, 1), **examples}
    assert Counter(each.title for each in document.fences) == expected
