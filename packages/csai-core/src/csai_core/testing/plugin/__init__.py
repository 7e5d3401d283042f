"""What every plugin should do as a whole: load, offer what can be imported, and change nothing by that.

What each thing that it offers should do is in the suite of its kind; `csai check PLUGIN` runs all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from gymnasium.envs.registration import EnvSpec, load_env_creator

from csai_core.errors import UnknownNameError, said
from csai_core.plugins import PluginRecord, installed
from csai_core.plugins.names import Offer
from csai_core.testing.plugin.import_effects import check_import, check_imports
from csai_core.testing.suite import Suite, fail, skip


class PluginSuite(Suite):
    """Checks one plugin; a subclass names it.

    class TestMyPlugin(PluginSuite):
        entry_name = "my_plugin"
    """

    def test_it_can_be_loaded(self) -> None:
        """Its hooks module is imported, and every hook works."""
        record = self._record()
        if record.status == "disabled":
            skip(record.problem)
        if record.status in ("failed", "incompatible"):
            fail(f"{record.problem}. The whole story: csai plugins --why {record.name}")

    def test_importing_its_hooks_has_no_effects(self) -> None:
        """Its hooks module, which every command imports, is light and only defines things."""
        record = self._usable()
        found = check_import(record.module, own=self._packages())
        self.tell(f"in {found.seconds * 1000:.0f} ms")

    def test_it_offers_something(self) -> None:
        """It implements a hook that is known here, and offers something by it."""
        record = self._usable()
        if not any(record.offers.values()):
            skip("all its hooks give nothing" if record.hooks else "it implements no hook that is known here")
        self.tell(record.counts)

    def test_everything_that_it_offers_can_be_imported(self) -> None:
        """Every target, config and entry point is where its record says."""
        self._usable()
        for offer in self._offers():
            _load(offer)

    def test_importing_what_it_offers_has_no_effects(self) -> None:
        """The modules of what it offers only define things; they may be as large as they need."""
        record = self._usable()
        check_imports(sorted({*self._modules()} - {record.module}), own=self._packages())

    def test_its_names_are_its_own(self) -> None:
        """No name that it wants is one of csai's own, or that of another plugin."""
        record = self._usable()
        if record.status != "conflict":
            return
        manager = installed()
        names = [manager.names(kind) for kind in record.offers if kind in manager.kinds]
        shared = [offer for found in names for group in found.shared.values() for offer in group]
        if any(offer.plugin == record.name for offer in shared):
            skip(record.problem)
        fail(f"{record.problem}. Choose another name.")

    # --- inner workings

    def _record(self) -> PluginRecord:
        manager = installed()
        manager.call_all()
        records = {record.name: record for record in manager.records}
        if self.entry_name not in records:
            raise UnknownNameError.of("plugin", self.entry_name, records)
        return records[self.entry_name]

    def _usable(self) -> PluginRecord:
        """Its record; the check is left out if it does not work at all."""
        record = self._record()
        if (
            record.status == "disabled"
            or not record.module
            or (record.status == "failed" and not record.hooks)
        ):
            skip("it cannot be loaded")
        return record

    def _offers(self) -> Iterator[Offer]:
        manager = installed()
        for kind in manager.kinds:
            yield from (offer for offer in manager.names(kind).offers if offer.plugin == self.entry_name)

    def _modules(self) -> Iterator[str]:
        """The modules of all that it offers."""
        for offer in self._offers():
            yield from (path.partition(":")[0] for path in _paths(offer))

    def _packages(self) -> set[str]:
        return {module.partition(".")[0] for module in (*self._modules(), self._record().module)}


def _paths(offer: Offer) -> list[str]:
    """Where the parts of an offer are, as "module:attribute"; what stands there already has no path."""
    record = offer.record
    if isinstance(record, EnvSpec):
        return [path for path in (record.entry_point, record.vector_entry_point) if isinstance(path, str)]
    return [path for path in (record.target, record.config) if path]


def _load(offer: Offer) -> None:
    """Import all parts of an offer.

    Raises:
        PluginError, ConformanceError: if one cannot be.
    """
    if not isinstance(offer.record, EnvSpec):
        offer.record.load()
        offer.record.load_config()
        return
    for path in _paths(offer):
        try:
            load_env_creator(path)
        except (Exception, SystemExit) as error:  # whatever a stranger's module does at import
            fail(f"{offer.name} is offered at {path!r}, but that cannot be imported: {said(error)}")
