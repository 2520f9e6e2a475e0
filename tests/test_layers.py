"""Do imports go downward only? Reads the package with `ast`; nothing is imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "policyeval"

# A row holds for the module and for everything in it; the longest name that fits counts.
# fmt: off
LAYERS = {
    "policyeval.records":     0,
    "policyeval.errors":      0,
    "policyeval.limits":      0,
    "policyeval.source":      0,
    "policyeval.syntax":      0,
    "policyeval.diagnostics": 0,
    "policyeval.grammars":    0,
    "policyeval.grammar_cache": 0,
    "policyeval.language":    1,
    "policyeval.principal":   1,
    "policyeval.context":     1,
    "policyeval.names":       1,
    "policyeval.request_context": 1,
    "policyeval.request":     1,
    "policyeval.shapes":      1,
    "policyeval.semantics":   1,
    "policyeval.settings":    1,
    "policyeval.policy_set":  1,
    "policyeval.operators":   1,  # parsing needs the table (docs/decisions)
    "policyeval.catalog":     1,
    "policyeval.plan":        2,
    "policyeval.matching":    3,
    "policyeval.compiler":    4,
    "policyeval.slices":      4,
    "policyeval.decision":    4,
    "policyeval.layers":      5,
    "policyeval.evaluation":  6,
    "policyeval.authorizers": 7,
    "policyeval.steps":       8,
    "policyeval.dockets":     8,
    "policyeval.engine":      8,
    "policyeval.explain":     8,
    "policyeval.world":       9,
    "policyeval.analysis":    9,
    "policyeval.batch":       8,
    "policyeval.checks":      10,
    "policyeval.sources":     10,
    "policyeval.render":      10,
    "policyeval.testing":     11,
    "policyeval.serve":       11,
    "policyeval.cli":         11,
    "policyeval.__main__":    11,
}
# fmt: on
ROOT_LAYER = 11  # `policyeval` itself hands out the public names of all layers
CORE = 8  # layers up to this one do no input or output

FOREIGN_TO_CORE = {"pydantic", "rich", "boto3", "botocore", "requests", "socket", "subprocess"}
IO_CALLS = {"open", "print", "input", "read_text", "read_bytes", "write_text", "write_bytes"}
# files of the package itself, and what was made of them
MAY_READ_DATA = ("policyeval.grammars", "policyeval.grammar_cache", "policyeval.catalog")


@dataclass(frozen=True, slots=True)
class Module:
    """A source file of the package, by its dotted name."""

    name: str
    is_package: bool
    tree: ast.Module

    @property
    def layer(self) -> int | None:
        """The layer of the longest row that fits; None when the table has none."""
        if self.name == PACKAGE:
            return ROOT_LAYER
        fitting = [row for row in LAYERS if f"{self.name}.".startswith(f"{row}.")]
        return LAYERS[max(fitting, key=len)] if fitting else None


def read_modules(root: Path) -> dict[str, Module]:
    """Parse each source file of the package under `root`."""
    modules = {}
    for file in sorted((root / PACKAGE).rglob("*.py")):
        is_package = file.name == "__init__.py"
        path = file.parent if is_package else file.with_suffix("")
        name = ".".join(path.relative_to(root).parts)
        modules[name] = Module(name, is_package, ast.parse(file.read_bytes(), str(file)))
    return modules


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk everything that runs, so without the bodies of `if TYPE_CHECKING:`."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for branch in child.orelse:
                yield from nodes(branch)
        else:
            yield from nodes(child)


def absolute(module: Module, node: ast.ImportFrom) -> str:
    """Name the module that a `from` import reads, also when it is relative."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    package = parts if module.is_package else parts[:-1]
    kept = package[: len(package) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def imported_names(module: Module) -> Iterator[str]:
    """Name all that the module imports, in functions too; `from a import b` gives `a.b`."""
    for node in nodes(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{absolute(module, node)}.{alias.name}" for alias in node.names)


def own_imports(module: Module, modules: dict[str, Module]) -> set[str]:
    """Name the package's modules that this one imports, itself left out."""
    found = {owner(name, modules) for name in imported_names(module) if name.split(".")[0] == PACKAGE}
    return found - {module.name}


def owner(name: str, modules: dict[str, Module]) -> str:
    """Cut an imported name back to the module that holds it."""
    while name not in modules and "." in name:
        name = name.rpartition(".")[0]
    return name


def upward_imports(modules: dict[str, Module]) -> list[str]:
    """List the imports of a module that stands higher than the one that imports it."""
    return [
        f"{module.name} (layer {module.layer}) imports {name} (layer {modules[name].layer})"
        for module in modules.values()
        for name in sorted(own_imports(module, modules))
        if (modules[name].layer or 0) > (module.layer or 0)
    ]


def import_cycle(modules: dict[str, Module]) -> list[str]:
    """Give the modules of one import cycle, in order; empty when there is none."""
    graph = {module.name: own_imports(module, modules) for module in modules.values()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def foreign_imports(module: Module) -> set[str]:
    """Name the libraries that the module imports though the core must not."""
    return {name.split(".")[0] for name in imported_names(module)} & FOREIGN_TO_CORE


def io_calls(module: Module) -> list[str]:
    """List the calls that read or write something, with their lines."""
    calls = [node for node in nodes(module.tree) if isinstance(node, ast.Call)]
    return [f"{module.name}:{call.lineno}: {called(call)}()" for call in calls if called(call) in IO_CALLS]


def called(call: ast.Call) -> str:
    """Name the function or method that is called."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


MODULES = read_modules(ROOT)
CORE_MODULES = [module for module in MODULES.values() if (module.layer or 0) <= CORE]
SILENT_MODULES = [module for module in CORE_MODULES if not module.name.startswith(MAY_READ_DATA)]


def test_every_module_has_a_layer():
    without = [module.name for module in MODULES.values() if module.layer is None]

    assert without == []


def test_imports_go_downward():
    assert upward_imports(MODULES) == []


def test_there_is_no_import_cycle():
    assert import_cycle(MODULES) == []


@pytest.mark.parametrize("module", CORE_MODULES, ids=lambda module: module.name)
def test_core_stays_away_from_the_border(module):
    """Pydantic and rich belong to the border; a core module runs anywhere, offline."""
    assert foreign_imports(module) == set()


@pytest.mark.parametrize("module", SILENT_MODULES, ids=lambda module: module.name)
def test_core_does_no_input_or_output(module):
    assert io_calls(module) == []


def test_importing_the_package_imports_none_of_its_modules():
    """The public names are looked up on first use, so that the command starts fast."""
    root = MODULES[PACKAGE]
    at_import = Module(PACKAGE, True, ast.Module([n for n in root.tree.body if not is_function(n)], []))

    assert own_imports(at_import, MODULES) == set()


def is_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef)


# The reader itself: each rule is broken once, in a small package made for it.


def package(tmp_path: Path, **sources: str) -> dict[str, Module]:
    """Write a package whose files are named by keyword, `__` standing for a slash."""
    for name, text in {"__init__": "", **sources}.items():
        file = tmp_path / PACKAGE / f"{name if name.startswith('__') else name.replace('__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return read_modules(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "import policyeval.engine",
        "from policyeval import engine",
        "from policyeval import Engine",
        "from policyeval.engine import Engine",
        "from .engine import Engine",
        "from . import engine",
        "def late():\n    from .engine import Engine",
        "try:\n    from .engine import Engine\nexcept ImportError:\n    pass",
    ],
)
def test_an_upward_import_is_found(tmp_path, text):
    modules = package(tmp_path, engine="", plan=text)

    assert [line.split(" (")[0] for line in upward_imports(modules)] == ["policyeval.plan"]


def test_a_relative_import_across_packages_is_resolved(tmp_path):
    modules = package(tmp_path, language____init__="", language__model="from ..engine import x", engine="")

    assert own_imports(modules["policyeval.language.model"], modules) == {"policyeval.engine"}


def test_an_import_for_types_only_is_ignored(tmp_path):
    modules = package(
        tmp_path,
        engine="",
        plan="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .engine import E",
    )

    assert upward_imports(modules) == []


def test_a_cycle_within_a_layer_is_found(tmp_path):
    modules = package(
        tmp_path, plan="from . import operators", operators="def late():\n    from . import plan"
    )

    assert set(import_cycle(modules)) == {"policyeval.plan", "policyeval.operators"}


def test_a_module_without_a_row_is_found(tmp_path):
    modules = package(tmp_path, planner="")

    assert modules["policyeval.planner"].layer is None


def test_reading_in_the_core_is_found(tmp_path):
    modules = package(tmp_path, plan="from pathlib import Path\nimport rich.table\nPath('x').read_text()\n")

    assert io_calls(modules["policyeval.plan"]) == ["policyeval.plan:3: read_text()"]
    assert foreign_imports(modules["policyeval.plan"]) == {"rich"}
