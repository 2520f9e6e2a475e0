"""Is the package safe to run on what strangers wrote? What it imports, calls, writes, shows, and depends on."""

import json
import os
import re
import tomllib
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
from tests.supply_commands import COMMANDS, FAILING, SEEN, ends, ends_with_option, prepare, record, trespasses
from tests.supply_sources import PERMITTED, dangers

ROOT = Path(__file__).parent.parent
SOURCES = [*sorted((ROOT / "policyeval").rglob("*.py")), ROOT / "cli.py"]

# Sources


def name_in_checkout(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", SOURCES, ids=name_in_checkout)
def test_a_source_does_what_it_is_permitted_and_no_more(file):
    permitted = PERMITTED.get(name_in_checkout(file), {})

    assert dangers(file.read_text(encoding="utf-8")) == sorted(permitted)


def test_permissions_are_of_sources_and_have_reasons():
    assert PERMITTED.keys() <= {name_in_checkout(file) for file in SOURCES}
    assert all(reason for permitted in PERMITTED.values() for reason in permitted.values())


RUNS_CODE = [
    "eval(x)", "run = exec", "compile(x, '', 'exec')", "__import__(x)", "breakpoint()",
    "__builtins__['eval'](x)", "import builtins\nbuiltins.eval(x)", "import builtins as b\nb.eval(x)",
    "from builtins import exec", "getattr(__builtins__, 'eval')(x)",
    "import importlib\nimportlib.__import__('os')", "print.__self__.eval(x)",
    "from importlib import import_module\nimport_module(x)",
    "from importlib import import_module\nimport_module('os')",
    "from importlib import import_module as im\nim('subprocess')",
    "import importlib\nimportlib.import_module('os')",
    "from importlib import import_module\nim = import_module\nim('os')",
    "from importlib import import_module\nimport_module(f'policyeval.{x}', y)",
    "from importlib.util import spec_from_file_location\nspec_from_file_location(x, y).loader.exec_module(z)",
    "import importlib.util\nimportlib.util.spec_from_file_location(x, y).loader.exec_module(z)",
    "import pkgutil\npkgutil.resolve_name('os:system')(x)", "import runpy", "import code", "import ctypes",
    "import pickle", "from marshal import loads", "import _pickle", "import shelve",
    "import pandas\npandas.read_pickle(x)", "import timeit\ntimeit.timeit(x)",
    "import cProfile\ncProfile.run(x)", "import pdb\npdb.run(x)", "import inspect",
    "from types import FunctionType", "from typing import get_type_hints", "from typing import ForwardRef",
    "f.__globals__", "().__class__.__base__.__subclasses__()", "getattr(f, '__globals__')", "f.__code__",
    "x.__reduce__", "from operator import attrgetter\nattrgetter('__globals__')(f)",
    "__loader__.load_module(x)", "__spec__.loader", "globals()['os']", "from pydantic import ImportString",
    "from lark import Lark\nLark(x, cache=True)", "from importlib.metadata import entry_points",
    "def f():\n    import pickle",
]  # fmt: skip
RUNS_PROGRAMS = [
    "import os\nos.system(x)", "import os as o\no.system(x)", "from os import *\nsystem(x)",
    "from os import popen", "from os import system as s\ns(x)", "import os\ngetattr(os, 'system')(x)",
    "import os\no = os\no.system(x)", "import os\nvars(os)['system'](x)",
    "import os\nos.__dict__['system'](x)", "import os\n[os][0].system(x)",
    "import os\nos.posix_spawn(x, y, z)", "import os\nos.fork()", "import os\nos.path.os.system(x)",
    "from os import path\npath.os.system(x)",
    "from operator import methodcaller\nimport os\nmethodcaller('system', x)(os)",
    "import sys\nsys.modules['os'].system(x)", "from sys import modules",
    "import contextlib\ncontextlib.os.system(x)", "import pathlib\npathlib.os.system(x)",
    "from pathlib import os", "from contextlib import sys", "from policyeval.cli.output import os",
    "from policyeval.cli import output\noutput.os.system(x)", "import subprocess",
    "def f():\n    import subprocess", "import subprocess as s", "import _posixsubprocess", "import posix",
    "import pty", "import multiprocessing", "from concurrent.futures import ProcessPoolExecutor",
    "import threading", "import webbrowser", "from . import subprocess",
    "with_os(__import__('os'))", "import asyncio", "import shutil as s\ns.which(x)",
]  # fmt: skip
REACHES_THE_NETWORK = [
    "import socket", "import _socket", "import ssl", "import urllib.request", "from urllib import request",
    "import urllib.parse\nurllib.request.urlopen(x)", "from http.client import HTTPConnection", "import http",
    "import logging.handlers", "import logging.config", "import smtplib", "import xmlrpc.client",
    "import boto3", "import requests", "import httpx", "from pyarrow import fs",
    "import pyarrow as pa\npa.fs.S3FileSystem()", "import xml.etree.ElementTree",
    "from xml.etree.ElementTree import parse", "import xml.sax",
]  # fmt: skip
READS_UNSAFE_YAML = [
    "import yaml\nyaml.load(x)", "import yaml\nyaml.load(x, Loader=yaml.Loader)",
    "import yaml as y\ny.load(x)", "from yaml import *\nload(x)", "from yaml import unsafe_load",
    "from yaml import load as safe_load", "import yaml\ngetattr(yaml, 'unsafe_load')(x)",
    "import yaml\nyaml.CLoader(x)", "self._yaml.full_load(x)",
    "import yaml\nyaml.constructor.UnsafeConstructor()", "from yaml.loader import UnsafeLoader",
]  # fmt: skip
TOUCHES_FILES = [
    "open(x)", "open(x, 'w')", "f = open", "import io\nio.open(x, 'w')", "import codecs\ncodecs.open(x, 'w')",
    "path.open()", "path.open('w')", "path.read_text()", "path.write_text(x)", "write = path.write_bytes",
    "path.unlink()", "path.rename(x)", "path.replace(x)", "path.replace(target=x)", "put = path.replace",
    "path.mkdir()", "path.touch()", "path.rmdir()", "path.symlink_to(x)", "path.hardlink_to(x)",
    "path.chmod(0)", "path.copy(x)", "path.move_into(x)", "getattr(path, 'write_text')(x)",
    "import shutil\nshutil.rmtree(x)", "from shutil import rmtree", "import os\nos.remove(x)",
    "import os\nos.replace(x, y)", "from os import unlink", "import os\nos.makedirs(x)",
    "import os\nos.open(x, os.O_WRONLY)", "import tempfile\ntempfile.mkstemp()", "console.save_html(x)",
    "import sqlite3", "import argparse\nargparse.FileType('w')", "import fileinput", "import zipfile",
    "from pyarrow import OSFile",
]  # fmt: skip
READS_THE_ENVIRONMENT = [
    "import os\nos.environ", "import os\nos.environ['AWS_PROFILE']",
    "import os\nos.environ.get('AWS_PROFILE')", "from os import environ", "import os\nos.getenv(x)",
    "import os\nos.environb", "import os\ndict(os.environ)", "import os\nfrom_os = os.environ\nfrom_os.get(x)",
    "import os\nos.putenv(x, y)", "import os\nos.path.expandvars(x)",
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    RUNS_CODE
    + RUNS_PROGRAMS
    + REACHES_THE_NETWORK
    + READS_UNSAFE_YAML
    + TOUCHES_FILES
    + READS_THE_ENVIRONMENT,
)
def test_danger_is_found(text):
    assert any(is_no_mere_import(found) for found in dangers(text))


def is_no_mere_import(found: str) -> bool:
    """Is it found for what it does, and not only because its file has no permission to import `os`?"""
    return found not in ("import os", "import yaml", "import importlib", "import lark")


@pytest.mark.parametrize(
    "text",
    [
        "import re\nre.compile(x)", "from urllib.parse import quote", "def compile_policy(): ...",
        "'a'.replace('b', 'c')", "import json\njson.loads(x)", "replace(record, field=x)",
        "when.replace(tzinfo=x)", "dict(x).copy()", "getattr(record, name)",
        "getattr(record, 'resource', None)", "super().__init__()", "type(x).__name__",
        "import sys\nsys.stdout.write(x)", "from pathlib import Path\nPath(x).parent / y", "Path(x).is_file()",
        "from policyeval import lint\nlint(x)", "import pyarrow as pa\npa.types.is_list(x)", "rule.system",
        "from datetime import datetime\ndatetime.now()", "import typing", "from typing import Any",
        "check.resource", "from operator import attrgetter\nattrgetter(*names)",
        "import collections.abc\ncollections.abc.Mapping",
    ],
)  # fmt: skip
def test_ordinary_sources_are_no_danger(text):
    assert dangers(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.path.normpath(os.curdir)", "from os import cpu_count\ncpu_count()",
        "import yaml\nyaml.safe_dump(x)",
        "from importlib import import_module\nimport_module(f'policyeval.cli.{name}')",
        "from importlib import import_module\nimport_module(f'{__name__}.{name}')",
        "import yaml\nyaml.parse(x)",
    ],
)  # fmt: skip
def test_ordinary_uses_need_a_permission_for_the_import_alone(text):
    assert len(dangers(text)) == 1
    assert not any(map(is_no_mere_import, dangers(text)))


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


# Commands


@pytest.fixture
def place(tmp_path):
    prepare(tmp_path)
    return tmp_path


@pytest.mark.parametrize("keeps", [True, False], ids=["cache", "no cache"])
def test_commands_start_nothing_reach_nothing_and_write_what_is_named(place, keeps):
    jobs = [
        {"name": name, "arguments": [*written.split(), *([file] if ends_with_option(written) else [])]}
        for name, (written, file) in COMMANDS.items()
    ]
    found = record(place, jobs, POLICYEVAL_NO_CACHE="" if keeps else "1")
    caches = place / "caches" if keeps else None
    files = {name: place / "work" / file for name, (_, file) in COMMANDS.items() if file}

    assert {name: status for name, status in found["statuses"].items() if status not in (0, 1)} == FAILING
    assert {
        name: wrong
        for name, events in found["events"].items()
        if (wrong := trespasses(events, files.get(name), caches))
    } == {}
    assert [name for name, file in files.items() if ["os.rename", str(file)] not in ends(found, name)] == []
    assert any((place / "caches").iterdir()) is keeps


def test_the_recorder_sees_trespasses(place):
    found = record(place, [{"name": name, "source": source} for name, source in SEEN.items()])

    named = place / "work/named.txt"
    assert [
        name for name in SEEN if not trespasses(found["events"].get(name, []), named, place / "caches")
    ] == []


def test_the_recorder_lets_reading_be(place):
    source = (
        "open('first.json').read(); import pathlib; list(pathlib.Path().rglob('*')); import json, html, uuid"
    )

    assert record(place, [{"name": "reads", "source": source}])["events"] == {}


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
