"""Classes that declare a `name`, read from their source, so that the command line need not import NumPy."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Option:
    """A field of a class.

    `kind`: its type as written, such as "Within" or "int". `about`: first sentence about it in the class
    docstring.
    """

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A class that the command line and plans offer by its name.

    `about`: first line of its docstring.
    """

    name: str
    class_name: str
    module: str
    about: str
    options: tuple[Option, ...]

    def load(self) -> type[Any]:
        """Return the class."""
        found: type[Any] = getattr(importlib.import_module(self.module), self.class_name)
        return found


def classes(folder: Path, package: str, base: str) -> tuple[tuple[str, ast.ClassDef], ...]:
    """Return the classes in a folder's files that mention the base class, each with its module.

    `base`: files that do not mention it are not parsed: parsing takes time, and ``--help`` waits for it.
    """
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    return tuple(
        (f"{package}.{stem}", node)
        for stem, text in texts.items()
        if base in text
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef)
    )


def by_name(found: Iterable[tuple[str, ast.ClassDef]]) -> dict[str, Listed]:
    """Return the classes that declare a `name`, in the order of their names."""
    entries = [_listed(module, node) for module, node in found if _name(node)]
    return {one.name: one for one in sorted(entries, key=lambda one: one.name)}


def _listed(module: str, node: ast.ClassDef) -> Listed:
    docstring = ast.get_docstring(node) or ""
    options = [
        Option(
            part.target.id,
            ast.unparse(part.annotation),
            _is_required(part.value),
            _about(docstring, part.target.id),
        )
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name) and not _is_shared(part)
    ]
    return Listed(_name(node), node.name, module, docstring.partition("\n")[0], tuple(options))


def _name(node: ast.ClassDef) -> str:
    """Return the name that a class declares, or an empty text."""
    for part in node.body:
        targets = part.targets if isinstance(part, ast.Assign) else [getattr(part, "target", None)]
        value = getattr(part, "value", None)
        if any(isinstance(one, ast.Name) and one.id == "name" for one in targets) and isinstance(
            value, ast.Constant
        ):
            return str(value.value)
    return ""


def _about(docstring: str, name: str) -> str:
    """Return the first sentence about a parameter in a numpydoc docstring."""
    found = re.search(rf"^{name} : .*\n((?:    .*\n?)+)", docstring, re.MULTILINE)
    return "" if found is None else " ".join(found[1].split()).partition(". ")[0].rstrip(".")


def _is_shared(part: ast.AnnAssign) -> bool:
    return ast.unparse(part.annotation).startswith(("ClassVar", "typing.ClassVar"))


def _is_required(value: ast.expr | None) -> bool:
    """Tell whether a field has no default, whether written as a value or as `field(default=...)`."""
    if not isinstance(value, ast.Call) or ast.unparse(value.func).rpartition(".")[2] != "field":
        return value is None
    return not {"default", "default_factory"} & {word.arg for word in value.keywords}
