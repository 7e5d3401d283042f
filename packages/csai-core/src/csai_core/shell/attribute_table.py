"""The attributes of one environment: finding them by name, and the spaces and values made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gymnasium import spaces

from csai_core.errors import ConfigError, ContractError, DuplicateNameError, SpaceError, UnknownNameError
from csai_core.shell.attributes import ActionAttribute, Attribute, ObsAttribute

AttributeNames = str | tuple[str, ...] | list[str]
"""One attribute by its name, or several."""


def check_view(owner: str, view: AttributeNames | None) -> None:
    """Refuse what names no attributes.

    Raises:
        ConfigError: unless it is a name, several, or None.
    """
    names = [view] if isinstance(view, str) else view
    is_some = isinstance(names, (tuple, list)) and all(isinstance(each, str) and each for each in names)
    if view is not None and not (is_some and names):
        raise ConfigError(
            f"{owner} was given attributes={view!r}; it must be a name, several in a tuple, or None to "
            "observe all."
        )


class AttributeTable:
    """Attributes by name, in the order of their registration.

    Args:
        owner: the name of the environment's class, for errors.
        view: which observation attributes are observed: a name for the bare value, several for a dict
            of them, None for all, bare if there is only one.

    Raises:
        ConfigError: if the view is empty, or not made of names.
    """

    def __init__(self, owner: str, view: AttributeNames | None) -> None:
        check_view(owner, view)
        self.owner = owner
        self._view: str | tuple[str, ...] | None = tuple(view) if isinstance(view, list) else view
        self._all: dict[str, Attribute] = {}
        self._observable: dict[str, Attribute] = {}
        self._actions: dict[str, Attribute] = {}
        self._observation_space: spaces.Space[Any] | None = None
        self._action_space: spaces.Space[Any] | None = None

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self._all.values())

    def add(self, attribute: Attribute) -> None:
        """Take in an attribute; the spaces follow.

        Raises:
            DuplicateNameError: if the name is taken.
            ContractError: if it is neither an observation nor an action, or belongs to somebody else.
        """
        if not isinstance(attribute, (ObsAttribute, ActionAttribute)):
            raise ContractError(
                f"{self.owner} was asked to register {attribute!r}; "
                "it must be an ObsAttribute or an ActionAttribute."
            )
        if attribute.name in self._all:
            raise DuplicateNameError(
                f"{self.owner} already has an attribute {attribute.name!r}; give one of the two another "
                f"name. Registered: {', '.join(self._all)}."
            )
        if attribute.owner:
            raise ContractError(
                f"{self.owner} was asked to register {attribute!r}, which belongs to another environment "
                f"({attribute.owner}); make a new one in __init__."
            )
        attribute.owner = self.owner
        self._all[attribute.name] = attribute
        kind = self._observable if isinstance(attribute, ObsAttribute) else self._actions
        kind[attribute.name] = attribute
        self._observation_space = self._action_space = None

    def find(self, name: AttributeNames) -> Any:
        """The attribute of that name; for several names, a dict of attributes.

        Raises:
            UnknownNameError: listing the names there are.
        """
        if not isinstance(name, str):
            return {each: self.find(each) for each in name}
        if name not in self._all:
            raise UnknownNameError.of(f"attribute of {self.owner}", name, self._all)
        return self._all[name]

    def mark_stale(self) -> None:
        """Have every attribute that has an `update_func` read anew when it is next looked at."""
        for attribute in self._all.values():
            attribute.is_stale = True

    def observe(self, view: AttributeNames | None = None) -> Any:
        """The values of a view, as objects of their own.

        Raises:
            UnknownNameError: if there is no such attribute.
            SpaceError: if a value lies outside its space.
        """
        names = self._viewed() if view is None else view
        if isinstance(names, str):
            return self.find(names).copy_data()
        return {name: self.find(name).copy_data() for name in names}

    @property
    def made_spaces(self) -> tuple[spaces.Space[Any] | None, spaces.Space[Any] | None]:
        """The observation and the action space as far as they were made or set; for copies."""
        return self._observation_space, self._action_space

    @made_spaces.setter
    def made_spaces(self, made: tuple[spaces.Space[Any] | None, spaces.Space[Any] | None]) -> None:
        self._observation_space, self._action_space = made

    @property
    def observation_space(self) -> spaces.Space[Any]:
        """The bare space of the one observed attribute, or a Dict of several.

        Raises:
            UnknownNameError: if the view names something that cannot be observed.
            ContractError: if there is nothing to observe.
        """
        if self._observation_space is None:
            view = self._viewed()
            if isinstance(view, str):
                self._observation_space = self._all[view].space
            else:
                self._observation_space = spaces.Dict({name: self._all[name].space for name in view})
        return self._observation_space

    @observation_space.setter
    def observation_space(self, space: spaces.Space[Any]) -> None:
        self._observation_space = space

    @property
    def action_space(self) -> spaces.Space[Any]:
        """The bare space of the one action attribute, or a Dict of several.

        Raises:
            ContractError: if there is no action.
        """
        if self._action_space is None:
            actions = self._require(self._actions, ActionAttribute)
            if len(actions) == 1:
                self._action_space = next(iter(actions.values())).space
            else:
                self._action_space = spaces.Dict({name: each.space for name, each in actions.items()})
        return self._action_space

    @action_space.setter
    def action_space(self, space: spaces.Space[Any]) -> None:
        self._action_space = space

    def take_action(self, action: Any) -> Any:
        """The action cast to its space and noted in the action attributes.

        Raises:
            SpaceError: if it is not in the action space.
        """
        actions = self._require(self._actions, ActionAttribute)
        if len(actions) == 1:
            [attribute] = actions.values()
            attribute.update(action)
            return attribute.copy_data()
        if not isinstance(action, Mapping) or action.keys() != actions.keys():
            raise SpaceError(
                f"{self.owner} takes a dict with the actions {', '.join(actions)}, but was given {action!r}."
            )
        for name, attribute in actions.items():
            attribute.update(action[name])
        return {name: attribute.copy_data() for name, attribute in actions.items()}

    def _viewed(self) -> str | tuple[str, ...]:
        """The names to observe: a str for a bare value, a tuple for a dict."""
        observable = self._require(self._observable, ObsAttribute)
        if self._view is None:
            names = tuple(observable)
            return names[0] if len(names) == 1 else names
        for name in (self._view,) if isinstance(self._view, str) else self._view:
            if name not in observable:
                raise UnknownNameError.of(f"observation attribute of {self.owner}", name, observable)
        return self._view

    def _require(self, found: dict[str, Attribute], kind: type[Attribute]) -> dict[str, Attribute]:
        if not found:
            raise ContractError(
                f"{self.owner} has no {kind.__name__}; in __init__, call "
                f"self.register_attribute({kind.__name__}(name, space, …))."
            )
        return found
