"""Is the package safe to run on what strangers wrote? What it imports, calls, writes, shows, and depends on."""

import ast
import json
import os
import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

from policyeval import Engine
from policyeval.cli.output import replace_file, write_all
from policyeval.explain.as_html import as_html
from policyeval.render.formats import FORMATS
from policyeval.render.look import Look
from tests.policies import ALICE, OBJECT

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "policyeval").rglob("*.py"))

# Calls


RUNS_CODE = {"eval", "exec", "compile", "__import__", "breakpoint", "execfile"}
RUNS_PROGRAMS = re.compile(r"os\.(system|popen|startfile|fork|forkpty|exec\w+|spawn\w+|posix_spawn\w*)")
UNSAFE_YAML = re.compile(
    r"yaml\.(load|load_all|unsafe_\w+|full_\w+|Loader|UnsafeLoader|FullLoader|CLoader|CUnsafeLoader)$"
)
WRITES_XML = {f"xml.etree.ElementTree.{name}" for name in ("Element", "SubElement", "indent", "tostring")}
FOREIGN = {
    "pickle", "marshal", "shelve", "dbm", "subprocess", "pty", "ctypes", "cffi", "code", "codeop", "runpy",
    "socket", "socketserver", "ssl", "select", "selectors", "asyncio", "http", "ftplib", "smtplib",
    "poplib", "imaplib",
    "telnetlib", "xmlrpc", "webbrowser", "requests", "httpx", "aiohttp", "urllib3", "boto3", "botocore",
    "urllib.request", "urllib.error", "urllib.robotparser", "xml",
}  # fmt: skip


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Name everything that is imported, anywhere; `from a import b` gives `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def is_dangerous(name: str) -> bool:
    """Is this a module or a function that the package must not import?"""
    if name in WRITES_XML:
        return False
    parts = name.split(".")
    foreign = any(".".join(parts[:count]) in FOREIGN for count in range(1, len(parts) + 1))
    return foreign or is_dangerous_attribute(name)


def is_dangerous_attribute(written: str) -> bool:
    """Is this text, as `os.system`, something that must not be used?"""
    last = written.rpartition(".")[2]
    internals = last in ("__globals__", "__subclasses__", "__builtins__")
    return bool(internals or RUNS_PROGRAMS.fullmatch(written) or UNSAFE_YAML.search(written))


def dangers(text: str) -> list[str]:
    """List what a source does that could run code or reach the network."""
    tree = ast.parse(text)
    found = [(line, name) for line, name in imported(tree) if is_dangerous(name)]
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in RUNS_CODE:
                found.append((node.lineno, name))
            case ast.Attribute() if is_dangerous_attribute(ast.unparse(node)):
                found.append((node.lineno, ast.unparse(node)))
            case ast.Call() if ast.unparse(node.func).endswith("import_module") and not imports_own(node):
                found.append((node.lineno, ast.unparse(node)))
    return sorted({f"{line}: {what}" for line, what in found})


def imports_own(call: ast.Call) -> bool:
    """Does `import_module(f"policyeval.…")` name a module of the package?"""
    written = ast.unparse(call.args[0])
    return written.startswith(("f'policyeval.", "f'{__name__}."))


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_source_runs_no_code_and_reaches_no_network(file):
    assert dangers(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "eval(x)", "run = exec", "compile(x, '', 'exec')", "__import__(x)", "import pickle",
        "from marshal import loads",
        "def f():\n    import subprocess", "import os\nos.system(x)", "from os import popen", "import socket",
        "import urllib.request", "from urllib import request", "from http.client import HTTPConnection",
        "import yaml\nyaml.load(x)", "import yaml\nyaml.load(x, Loader=yaml.Loader)", "from yaml import unsafe_load",
        "self._yaml.full_load(x)", "from importlib import import_module\nimport_module(x)", "f.__globals__",
        "import xml.etree.ElementTree",
    ],
)  # fmt: skip
def test_danger_is_found(text):
    assert dangers(text)


@pytest.mark.parametrize(
    "text",
    [
        "import re\nre.compile(x)", "from urllib.parse import quote",
        "import yaml\nyaml.safe_load(x)", "import os\nos.replace(a, b)",
        "from importlib import import_module\nimport_module(f'policyeval.cli.{name}')", "def compile_policy(): ...",
    ],
)  # fmt: skip
def test_ordinary_sources_are_no_danger(text):
    assert dangers(text) == []


def test_yaml_is_read_by_the_safe_loader():
    """The only place that reads YAML; events are read, nothing is constructed of them."""
    readers = [file.name for file in SOURCES if "yaml.parse(" in file.read_text(encoding="utf-8")]

    assert readers == ["syntax.py"]
    assert 'getattr(yaml, "CSafeLoader", yaml.SafeLoader)' in (ROOT / "policyeval/syntax.py").read_text()


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [id]", "!!python/name:os.system", "!include f", "!!binary aGk="]
)
def test_tags_make_nothing(tag):
    from policyeval import Policy, PolicyEvalError

    with pytest.raises(PolicyEvalError, match="is not read"):
        Policy.parse(f"Version: {tag}\n")


# Dependencies


ALLOWED_LICENCES = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "ISC"}
TITLES = {"MIT License": "MIT", "BSD License": "BSD-3-Clause", "Apache Software License": "Apache-2.0"}
_ROW = re.compile(r"^\| `(?P<name>[\w-]+)` \| (?P<licence>[\w.-]+) \| (?P<why>[^|]+) \|$", re.MULTILINE)


def rows(heading: str) -> dict[str, str]:
    """Read a table of SECURITY.md: distribution → licence."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    section = text.partition(f"### {heading}\n")[2].partition("\n#")[0]
    return {row["name"]: row["licence"] for row in _ROW.finditer(section)}


def direct() -> set[str]:
    """Name what pyproject.toml says that the package needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {name_of(one) for one in project["dependencies"]}


def name_of(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def needed(found: Distribution) -> set[str]:
    """Name what a distribution needs here, without its extras."""
    from packaging.requirements import Requirement

    wanted = map(Requirement, found.requires or ())
    return {name_of(one.name) for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})}


def all_below(names: set[str]) -> set[str]:
    """Follow the needs of distributions to their end."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= needed(distribution(name)) - found
    return found


def licence(name: str) -> str:
    """Read the licence from the metadata of an installed distribution."""
    metadata = distribution(name).metadata
    titles = [
        line.rpartition(":: ")[2]
        for line in metadata.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    return (
        metadata["License-Expression"]
        or TITLES.get(titles[0] if titles else "", "")
        or metadata["License"]
        or "unknown"
    )


def test_the_list_names_what_the_package_needs():
    assert set(rows("What policyeval needs")) == direct()


def test_the_list_names_what_comes_with_that():
    assert set(rows("What comes with them")) == all_below(direct()) - direct()


@pytest.mark.parametrize("name", sorted(all_below(direct())))
def test_licence_is_allowed_and_as_listed(name):
    listed = rows("What policyeval needs") | rows("What comes with them")

    assert licence(name) in ALLOWED_LICENCES
    assert licence(name) == listed[name]


# Files


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "target.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("target.txt")
    return tmp_path


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(folder):
    write_all([(str(folder / "target.txt"), "new")])

    assert (folder / "target.txt").read_text() == "new"
    assert {one.name for one in folder.iterdir()} == {"target.txt", "link.txt"}


def test_a_link_stays_and_what_it_leads_to_is_written(folder):
    write_all([(str(folder / "link.txt"), "new")])

    assert (folder / "link.txt").is_symlink()
    assert (folder / "target.txt").read_text() == "new"


def test_a_failure_leaves_the_old_file(folder, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    monkeypatch.setattr(os, "replace", fail)

    with pytest.raises(OSError, match="disk full"):
        replace_file(folder / "target.txt", b"new")
    assert (folder / "target.txt").read_text() == "old"
    assert {one.name for one in folder.iterdir()} == {"target.txt", "link.txt"}


def test_other_rights_of_a_file_stay(folder):
    (folder / "target.txt").chmod(0o640)

    replace_file(folder / "target.txt", b"new")

    assert (folder / "target.txt").stat().st_mode & 0o777 == 0o640


# What is shown


HOSTILE = (
    "</title><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "';alert(1)//", "<!--", "]]>", "&lt;b&gt;",
    "javascript:alert(1)", "</style><style>*{display:none}", "\x1b]0;title\x07\x1b[31m", "\u202egnp.exe",
    "::error::x\n::warning::y",
)  # fmt: skip
MAY_STAND = re.compile(r"https://[\w.-]+\.(amazon|github)\.com/[^<>\"]*|#[\w-]*")


class Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.links: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attributes if name.startswith("on")]
        self.links += [
            str(value) for name, value in attributes if name in ("href", "src", "action", "xlink:href")
        ]

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def explained(text: str):
    """Explain a denial in which every text that a stranger can choose is this one."""
    condition = {"StringEquals": {f"aws:PrincipalTag/{text}": [text, "x"]}}
    statement = {
        "Sid": text,
        "Effect": "Allow",
        "Action": f"s3:{text}",
        "Resource": f"arn:aws:s3:::{text}",
        "Condition": condition,
    }
    allowing = {
        "Sid": text,
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": condition,
    }
    policy = {"Version": "2012-10-17", "Id": text, "Statement": [statement, allowing]}
    request = {"principal": {"arn": ALICE, "tags": {"a": text}}, "action": "s3:GetObject",
               "resource": f"{OBJECT}{text}",
               "context": {f"aws:RequestTag/{text}": text}, "name": text}  # fmt: skip
    return Engine({"identity": [{"name": text, "policy": policy}]}).explain(request)


@pytest.mark.parametrize("text", HOSTILE)
def test_page_holds_hostile_texts_as_text(text):
    page = Page()
    page.feed(as_html([explained(text)]))

    assert page.tags.isdisjoint({"script", "img", "iframe", "object", "embed", "form", "base", "link", "b"})
    assert (page.handlers, page.comments) == ([], [])
    assert [link for link in page.links if not MAY_STAND.fullmatch(link)] == []


@pytest.mark.parametrize("format", sorted(FORMATS))
@pytest.mark.parametrize(
    "text", ["\x1b]0;title\x07\x1b[31m", "a\rb\x08\x08c", "\x9b31m", "\u202egnp.exe", "\ud800"]
)
def test_no_format_sends_controls_to_the_terminal(format, text):
    shown = FORMATS[format]([explained(text)], Look())

    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown.replace("\r\n", "\n")
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_json_stays_json(text):
    assert json.loads(FORMATS["json"]([explained(text)], Look()))
