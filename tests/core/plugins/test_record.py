"""What is remembered of a plugin that fails, also of one that fails again."""

from csai_core.plugins.record import PluginRecord


def test_every_problem_is_kept_once_with_its_traceback_and_the_gravest_status():
    record = PluginRecord("lights", "csai-lights", "1.2")
    assert (record.origin, record.is_troubled, record.details) == ("csai-lights 1.2", False, "")
    record.blame("conflict", "offers a name\n that ours has")
    assert (record.status, record.problem, record.details) == ("conflict", "offers a name that ours has", "")
    record.blame("failed", "load: no such module", "Traceback one")
    record.blame("failed", "load: no such module", "Traceback one, again")
    record.blame("incompatible", "needs csai-core 9", "Traceback two")
    assert record.status == "failed"
    assert record.problem == "offers a name that ours has; load: no such module; needs csai-core 9"
    assert record.details == "Traceback one\nTraceback two"


def test_a_plugin_that_was_switched_off_is_not_in_trouble():
    record = PluginRecord("lights")
    record.blame("disabled", "by CSAI_DISABLE_PLUGINS")
    assert (record.status, record.is_troubled, record.origin) == ("disabled", False, "")


def test_a_long_problem_is_cut_and_one_that_just_fits_is_not():
    fits, long = PluginRecord("lights"), PluginRecord("lights")
    fits.blame("failed", "x" * 500)
    long.blame("failed", "x" * 501)
    assert fits.problem == "x" * 500
    assert long.problem == "x" * 500 + "…"
