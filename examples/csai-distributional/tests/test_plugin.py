"""The plugin as csai finds it: installed, and through its entry point alone."""

from csai_core.plugins import installed


def test_it_is_healthy():
    manager = installed()
    manager.call_all()
    (record,) = [record for record in manager.records if record.name == "csai_distributional"]
    assert (record.status, record.distribution) == ("ok", "csai-distributional"), record.problem
    assert record.offers["algorithms"] == ("qr_dqn",)
    assert record.offers["blocks"] == ("noisy_linear",)
