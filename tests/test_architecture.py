"""The house: imports point one way, nothing private crosses a wall, and importing it costs little."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"

# From top to bottom; a module imports only from rooms above its own. A folder is one room: inside, a file an idea;
# but the contract of null models, with the moves and tables that it hands out, stands above the models themselves.
# Days, seeds and checksums come before the events that carry them.
ROOMS = (
    ("date_grammar", "declared", "errors", "frozen", "overriding"),
    ("printing", "arguments"),
    ("dates", "fonts", "latex", "numeric", "paths", "provenance", "query_text", "replacing", "signals"),
    ("word_table",),
    (
        "periods",
        "draw",
        "formula_text",
        "parallel",
        "query_kinds",
        "references",
        "seasons",
        "tables",
        "verdicts",
    ),
    ("events", "formula_columns", "queries"),
    ("daily",),
    ("strata", "windows", "pairs", "io", "citation", "formulas"),
    ("statistics", "nulls.base", "datasets"),
    ("questions",),
    ("excess", "results"),
    ("nulls",),
    ("comparison", "evaluation", "figures", "sources"),
    ("permutation", "profile", "rates", "charts", "hover"),
    ("family", "coincidence", "regression"),
    ("credibility", "measures", "panel"),
    ("study",),
    ("numbers",),
    ("side_by_side",),
    ("report",),
    ("cli",),
    ("__main__",),
)
CONTRACT = {"nulls.base", "nulls.levels", "nulls.lookup", "nulls.moves"}  # the room nulls.base
FLOOR = {name: floor for floor, room in enumerate(ROOMS) for name in room}

MODULES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((SOURCE / "eventstudy").rglob("*.py"))
}
MODULES["eventstudy"] = (
    SOURCE / "eventstudy" / "__init__.pyi"
)  # its imports; __init__.py makes them when first used


@cache
def tree(module):
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module):
    """Return (imported module of the package, names taken from it) for every import, wherever it stands."""
    found = []
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found += [(alias.name, []) for alias in node.names if alias.name.split(".")[0] == "eventstudy"]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "eventstudy":
            submodules = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [(name, []) for name in submodules if name in MODULES]
            names = [a.name for a, sub in zip(node.names, submodules, strict=True) if sub not in MODULES]
            if names:
                found.append((node.module, names))
    return found


def room(module):
    """Return the module's name in the table of rooms: a package counts as one."""
    parts = module.split(".")
    if ".".join(parts[1:3]) in CONTRACT:
        return "nulls.base"
    return parts[1] if len(parts) > 1 else module


@cache
def reached(module):
    """Return the rooms that a module imports from, helpers followed to the rooms behind them."""
    rooms = set()
    for other, names in imports(module):
        if room(other) == room(module) or names == ["__version__"]:
            continue
        rooms |= {room(other)} if room(other) in FLOOR else reached(other)
    return frozenset(rooms)


def test_the_walk_sees_the_package():
    """The walk itself is held against imports that are known to be there."""
    assert {"eventstudy", "eventstudy.events", "eventstudy.nulls.base"} <= set(MODULES)
    assert ("eventstudy.errors", ["NoRatioError", "OptionError", "own_errors"]) in imports("eventstudy.rates")
    assert ("eventstudy.draw", []) in imports("eventstudy.results.rates")
    assert {"events", "windows", "results"} <= reached("eventstudy.rates")


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) in FLOOR])
def test_a_module_imports_only_from_rooms_above_its_own(module):
    own = FLOOR[room(module)]
    upward = {name for name in reached(module) if FLOOR[name] >= own}
    assert not upward, f"{module} stands in {ROOMS[own]} and imports from {sorted(upward)}"


def test_no_two_modules_import_each_other_by_any_way_round():
    graph = {name: {other for other, _ in imports(name)} - {name} for name in MODULES if name != "eventstudy"}
    while graph:
        free = {name for name, others in graph.items() if not others & graph.keys()}
        assert free, f"a circle of imports among {sorted(graph)}"
        graph = {name: others for name, others in graph.items() if name not in free}


@pytest.mark.parametrize("module", MODULES)
def test_imports_are_absolute_and_take_nothing_private_and_not_the_whole_package(module):
    for node in ast.walk(tree(module)):
        assert not (isinstance(node, ast.ImportFrom) and node.level), f"{module}: a relative import"
    taken = {}
    for other, names in imports(module):
        private = [name for name in names if name.startswith("_") and name != "__version__"]
        assert not private, f"{module} takes {private} from {other}"
        assert "*" not in names, f"{module} takes everything from {other}"
        assert not any(part.startswith("_") for part in other.split(".") if part != "__main__")
        taken[other.rpartition(".")[2]] = other
    if room(module) != "report" and room(module) != "cli" and module != "eventstudy":
        assert "eventstudy" not in {other for other, names in imports(module) if set(names) - {"__version__"}}
    for node in ast.walk(tree(module)):  # module._private by the module's own name
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in taken:
            dunder = node.attr.startswith("__")
            assert dunder or not node.attr.startswith("_"), f"{module} uses {node.value.id}.{node.attr}"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_global_and_nothing_draws_without_a_generator(module):
    for node in ast.walk(tree(module)):
        assert not isinstance(node, ast.Global), f"{module}: a global statement"
        assert not isinstance(node, ast.Assert), f"{module}: an assert, which python -O leaves out"
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("np.random", "numpy.random"):
            allowed = {"Generator", "default_rng", "SeedSequence", "PCG64", "BitGenerator"}
            assert node.attr in allowed, f"{module}: np.random.{node.attr} draws from a hidden state"


@pytest.mark.parametrize("module", MODULES)
def test_no_border_is_crossed_by_a_dict_of_anything(module):
    """A TypedDict, a dataclass, `object`, or the type that it is: with dict[str, Any] nothing is checked behind it."""
    written = [ast.unparse(node) for node in ast.walk(tree(module)) if isinstance(node, ast.Subscript)]
    assert "dict[str, Any]" not in written


HEAVY = ("statsmodels", "seaborn", "matplotlib.pyplot", "numba", "nbclient", "jupytext", "IPython")


def test_importing_the_package_stays_light_and_silent():
    program = (
        "import json, sys, random, numpy\n"
        "before = random.getstate(), str(numpy.random.get_state())\n"
        "import eventstudy\n"
        "names = [getattr(eventstudy, name) for name in eventstudy.__all__]\n"
        "after = random.getstate(), str(numpy.random.get_state())\n"
        "print(json.dumps([sorted(sys.modules), before == after]))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stderr == ""
    loaded, untouched = json.loads(done.stdout)
    assert "eventstudy.permutation" in loaded
    assert [name for name in HEAVY if name in loaded] == []
    assert untouched  # nobody's random numbers are moved by an import


def test_the_package_alone_imports_nothing_that_takes_time():
    program = "import sys, eventstudy; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert not {"numpy", "pandas", "scipy", "matplotlib"} & set(done.stdout.split())


def test_every_public_name_is_there_and_listed_once():
    package = importlib.import_module("eventstudy")
    stub = ast.parse(MODULES["eventstudy"].read_text(encoding="utf-8")).body[-1]
    assert sorted(ast.literal_eval(stub.value)) == package.__all__  # what type checkers are told
    assert set(package.__all__) <= set(dir(package))
    assert len(package.__all__) == len(set(package.__all__))
    for name in package.__all__:
        assert hasattr(package, name)
        assert not name.startswith(("_", "test_"))
