"""Steps 1 to 3: an environment, an agent and their loop, whose bodies the document leaves out."""

from __future__ import annotations

import pytest

PRELUDE = "from CoderSchoolAI.Environments.Shell import *"


class EnoughError(Exception):
    """Ends the document's `while True`."""


ENVIRONMENT = {
    "__init__": ["self.episodes, self.updates, self.durations, self.drawn = 0, 0, [], []"],
    "reset": [
        "if self.episodes == 3:",
        "    raise EnoughError",
        "self.episodes += 1",
        "self.position = 0",
        "return self.position",
    ],
    "step": [
        "self.durations.append(d_t)",
        "self.position += action",
        "return self.position, *self.get_current_reward(action, self.position)",
    ],
    "get_current_reward": ["return float(current_state == 4), current_state == 4"],
    "update_env": ["self.updates += 1"],
    "render_env": ["self.drawn.append(self.position)"],
}
AGENT = {
    "__init__": ["self.seen = []"],
    "get_next_action": ["self.seen.append(state)", "return 1"],
}
AS_ATTRIBUTES = {
    **ENVIRONMENT,
    "__init__": [
        *ENVIRONMENT["__init__"],
        "self.register_attribute(ObsAttribute('position', DiscreteType(5), lambda: self.position))",
        "self.register_attribute(ActionAttribute('move', DiscreteType(2)))",
        "self.agent = MyAgent()",
    ],
    "reset": [
        *ENVIRONMENT["reset"][:-1],
        "self.update_env_attributes()",
        "return self.get_observation(attributes)",
    ],
    "step": [
        *ENVIRONMENT["step"][:-1],
        "self.update_env_attributes()",
        "state = self.get_observation(attributes)",
        "return state, *self.get_current_reward(action, state)",
    ],
}


@pytest.fixture
def run(document, fill):
    def run(environment):
        namespace = {"EnoughError": EnoughError}
        exec(PRELUDE, namespace)
        exec(fill(document("Step 1: Define your Environment Class"), **environment), namespace)
        exec(fill(document("Step 2: Define your Agent Class"), **AGENT), namespace)
        with pytest.raises(EnoughError):
            exec(document("Step 3: Run the Environment"), namespace)
        return namespace["my_env"], namespace["my_agent"], namespace

    return run


def test_an_environment_without_attributes_lives_in_the_documents_loop(run):
    my_env, my_agent, _ = run(ENVIRONMENT)
    assert my_agent.seen == [0, 1, 2, 3] * 3
    assert my_env.drawn == [1, 2, 3, 4] * 3
    assert my_env.durations == [1 / 30] * 12
    assert (my_env.episodes, my_env.updates) == (3, 12)


def test_an_environment_of_attributes_does_the_same_and_trains_as_a_gymnasium_environment(run):
    my_env, my_agent, _ = run(AS_ATTRIBUTES)
    assert my_agent.seen == [0, 1, 2, 3] * 3
    assert my_env.drawn == [1, 2, 3, 4] * 3
    assert my_env.get_state() == my_env.get_observation("position") == 4
    my_env.episodes = 0
    from csai_core import as_gymnasium

    env = as_gymnasium(my_env)
    assert env.reset(seed=0) == (0, {})
    assert env.step(1) == (1, 0.0, False, False, {})


def test_update_env_plays_and_draws_where_the_class_leaves_it_to_shell(run):
    my_env, _, namespace = run(AS_ATTRIBUTES)
    inherited = type("Played", (namespace["MyEnvironment"],), {"update_env": namespace["Shell"].update_env})
    played = inherited(target_fps=500)
    for _ in range(6):
        played.update_env()
    assert played.drawn == [1, 2, 3, 4, 1, 2]
    assert my_env.agent.seen == []


def test_a_person_plays_it(run):
    pygame = pytest.importorskip("pygame")
    _, _, namespace = run({**AS_ATTRIBUTES, "__init__": AS_ATTRIBUTES["__init__"][:-1]})
    changes = {"update_env": namespace["Shell"].update_env, "keys_to_action": {"right": 1}}
    played = type("Played", (namespace["MyEnvironment"],), changes)(is_user_control=True, target_fps=500)
    played.update_env()
    for _ in range(3):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RIGHT))
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=pygame.K_RIGHT))
        played.update_env()
        played.update_env()
    played.close()
    assert played.position == 3
    assert played.drawn[-1] == 3
