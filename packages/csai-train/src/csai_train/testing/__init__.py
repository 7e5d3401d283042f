"""Conformance suites: what every plugin's callbacks, datasets, health rules and presets should pass.

In a test file of your own:

    from csai_train.testing import PresetSuite

    class TestPresets(PresetSuite):
        entry_name = "my_plugin"

The command `csai check my_plugin` runs the same checks; see `csai_core.testing`.
"""

from csai_train.testing.callback import CallbackSuite
from csai_train.testing.dataset import DatasetSuite
from csai_train.testing.health_rule import HealthRuleSuite
from csai_train.testing.preset import PresetSuite

__all__ = ["CallbackSuite", "DatasetSuite", "HealthRuleSuite", "PresetSuite"]
