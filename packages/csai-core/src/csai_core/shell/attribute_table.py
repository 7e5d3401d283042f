"""The attributes of one environment: finding them by name, and the spaces and values made of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from gymnasium import spaces

from csai_core.arguments import check_name
from csai_core.errors import ConfigError, ContractError, DuplicateNameError, SpaceError, UnknownNameError
from csai_core.shell.attributes import ActionAttribute, Attribute, ObsAttribute
from csai_core.shell.casting import SpaceType

AttributeNames = str | tuple[str, ...] | list[str]
"""One attribute by its name, or several."""
_Kind = TypeVar("_Kind", bound=Attribute)


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


def selected_names(owner: str, names: Collection[str], view: AttributeNames | None) -> str | tuple[str, ...]:
    """The attributes that a view selects: a str for a bare value, a tuple for a dict.

    Args:
        owner: the name of the environment's class, for errors.
        names: of all attributes that can be observed.
        view: a name for the bare value, several for a dict, None for all, bare if there is only one.

    Raises:
        ConfigError: if the view is empty, or not made of names.
        UnknownNameError: if there is no such attribute, with the nearest name.
    """
    check_view(owner, view)
    if view is None:
        return next(iter(names)) if len(names) == 1 else tuple(names)
    for name in [view] if isinstance(view, str) else view:
        check_name(f"observation attribute of {owner}", name, names)
    return view if isinstance(view, str) else tuple(view)


def selected_space(
    owner: str, attributes: Mapping[str, SpaceType], view: AttributeNames | None
) -> tuple[str | tuple[str, ...], spaces.Space[Any]]:
    """What a view selects of some attributes, and the space of that; a `Shell` does the same by itself.

    Args:
        owner: the name of the environment's class, for errors.
        attributes: the space of each attribute.
        view: a name for the bare value, several for a dict, None for all, bare if there is only one.

    Returns:
        The selected name and its space, or several in a tuple and their Dict.

    Raises:
        ConfigError: if the view is empty, or not made of names.
        UnknownNameError: if there is no such attribute, with the nearest name.
    """
    selected = selected_names(owner, attributes, view)
    if isinstance(selected, str):
        return selected, attributes[selected]
    return selected, spaces.Dict({name: attributes[name] for name in selected})


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
        self.is_complete = False
        """Whether the environment was made; the spaces that it has then shall stay."""
        self._view = tuple(view) if isinstance(view, list) else view
        self._selected: str | tuple[str, ...] | None = None
        """What the view selects among the attributes there are now; None until somebody asks."""
        self._all: dict[str, Attribute] = {}
        self._observable: dict[str, ObsAttribute] = {}
        self._offered: dict[str, Callable[[], ObsAttribute]] = {}
        """How to make what is observed only where it is asked for by name."""
        self._asked_for: dict[str, ObsAttribute] = {}
        """What was made of these."""
        self._actions: dict[str, ActionAttribute] = {}
        self._observation_space: spaces.Space[Any] | None = None
        self._action_space: spaces.Space[Any] | None = None

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self._all.values())

    def add(self, attribute: Attribute) -> None:
        """Take in an attribute; the spaces follow.

        Raises:
            DuplicateNameError: if the name is taken.
            ContractError: if it is neither an observation nor an action, belongs to somebody else, or comes
                after the environment was made.
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
        if self.is_complete:
            raise ContractError(
                f"{self.owner} was asked to register {attribute!r} after it was made, when others have seen "
                "its spaces. Register it in the __init__ of a class of your own, after super().__init__(…)."
            )
        attribute.owner = self.owner
        self._all[attribute.name] = attribute
        if isinstance(attribute, ObsAttribute):
            self._observable[attribute.name] = attribute
        else:
            self._actions[attribute.name] = attribute
        self._observation_space = self._action_space = self._selected = None

    def offer(self, name: str, make: Callable[[], ObsAttribute]) -> None:
        """Have an attribute made once it is asked for by name; None as a view leaves it out.

        Where one of that name is registered, it takes its place.
        """
        self._offered[name] = make

    def find(self, name: AttributeNames) -> Any:
        """The attribute of that name; for several names, a dict of attributes.

        Raises:
            UnknownNameError: listing the names there are.
        """
        if not isinstance(name, str):
            return {each: self.find(each) for each in name}
        if name in self._all:
            return self._all[name]
        if name not in self._offered:
            raise UnknownNameError.of(f"attribute of {self.owner}", name, [*self._all, *self._offered])
        if name not in self._asked_for:
            self._asked_for[name] = self._offered[name]()
            self._asked_for[name].owner = self.owner
        return self._asked_for[name]

    def mark_stale(self) -> None:
        """Have every attribute that has an `update_func` read again when it is next looked at."""
        for attribute in self._all.values():
            attribute.is_stale = True

    def observe(self, view: AttributeNames | None = None) -> Any:
        """The values of a view, as objects of their own.

        Raises:
            UnknownNameError: if there is no such attribute.
            SpaceError: if a value lies outside its space.
        """
        names = self._selection() if view is None else view
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
            names = self._selection()
            if isinstance(names, str):
                self._observation_space = self.find(names).space
            else:
                self._observation_space = spaces.Dict({name: self.find(name).space for name in names})
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
            actions = _require(self._actions, ActionAttribute, self.owner)
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
        actions = _require(self._actions, ActionAttribute, self.owner)
        if len(actions) == 1:
            [attribute] = actions.values()
            return attribute.take(action)
        if not isinstance(action, Mapping) or action.keys() != actions.keys():
            raise SpaceError(
                f"{self.owner} takes a dict with the actions {', '.join(actions)}, but was given {action!r}."
            )
        return {name: attribute.take(action[name]) for name, attribute in actions.items()}

    def _selection(self) -> str | tuple[str, ...]:
        """The names to observe: a str for a bare value, a tuple for a dict."""
        if self._selected is None:
            if self._view is None:
                names = [*_require(self._observable, ObsAttribute, self.owner)]
            else:
                names = [*self._observable, *self._offered]
            self._selected = selected_names(self.owner, names, self._view)
        return self._selected


def _require(found: dict[str, _Kind], kind: type[_Kind], owner: str) -> dict[str, _Kind]:
    if not found:
        raise ContractError(
            f"{owner} has no {kind.__name__}; in __init__, call "
            f"self.register_attribute({kind.__name__}(name, space, …))."
        )
    return found
