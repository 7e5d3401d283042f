"""A whole environment in thirty lines: look for the treasure, which hides at one end of a corridor."""

from csai_core import ActionAttribute, DiscreteType, MultiDiscreteType, ObsAttribute, Shell


class Corridor(Shell):
    """Walk left (0) or right (1) through nine cells; both ends end the episode, one holds the treasure."""

    def __init__(self, **settings):
        super().__init__(**settings)
        places = MultiDiscreteType([9, 9])  # mine and the treasure's
        self.register_attribute(ObsAttribute("places", places, lambda: [self.position, self.treasure]))
        self.register_attribute(ActionAttribute("walk", DiscreteType(2)))

    def start_episode(self, options):
        self.position = 4
        self.treasure = int(self.np_random.choice([0, 8]))

    def advance(self, action, d_t):
        self.position += 1 if action == 1 else -1

    def get_current_reward(self, action, current_state):
        return float(self.position == self.treasure), self.position in (0, 8)

    def render_text(self):
        return "".join("@" if x == self.position else "$" if x == self.treasure else "." for x in range(9))
