"""Subclasses that override the one method to write get the defaults of all methods derived from it."""

from __future__ import annotations

from collections.abc import Iterable


def restore_defaults(cls: type, base: type, method: str, derived: Iterable[str]) -> None:
    """Give a class the defaults of `base` for methods that it inherits from a class with another `method`.

    A closed form that was written for the draws of a parent is wrong for a subclass that draws otherwise.

    Parameters
    ----------
    cls : type
        A new subclass of `base`.
    base : type
        The class with the defaults.
    method : str
        The method to write.
    derived : iterable of str
        Methods that are derived from it.
    """
    own = getattr(cls, method)
    for name in derived:
        home = next(kind for kind in cls.__mro__ if name in vars(kind))
        if (
            home is not base
            and issubclass(home, base)
            and getattr(home, method)
            not in (
                own,
                getattr(base, method),
            )
        ):
            setattr(cls, name, vars(base)[name])
