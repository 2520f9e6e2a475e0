"""Is a grammar that was kept as good as one that is built, and a damaged or foreign file no harm?"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lark import Lark
from lark.exceptions import UnexpectedInput

from policyeval import grammar_cache, grammars
from policyeval.grammar_cache import OFF, cache_file, digest_of, read_parts, write_parts
from policyeval.syntax import _JSON_BUILDER

ROOT = Path(__file__).resolve().parent.parent
GRAMMARS = sorted(file.stem for file in (ROOT / "grammar").glob("*.lark"))
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Limit": 1e3, "Sid": null}]}'


@pytest.fixture(autouse=True)
def caches(tmp_path, monkeypatch):
    """Give each test a cache directory of its own."""
    folder = tmp_path / "caches"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("LOCALAPPDATA", str(folder))
    monkeypatch.delenv(OFF, raising=False)
    if sys.platform == "win32":
        folder.mkdir()
    return folder


@pytest.fixture
def builds(monkeypatch):
    """Record the grammars that are built from their text."""
    built = []
    monkeypatch.setattr("lark.Lark", recording(built))
    return built


def recording(built):
    """Make a Lark that records what it builds; what it loads is as ever."""

    class Recording(Lark):
        def __init__(self, text, **options):
            built.append(text)
            super().__init__(text, **options)

    return Recording


make = grammars.parser.__wrapped__  # the parser without the memory of this process


def kept_files(caches):
    return sorted(file for file in caches.rglob("*") if file.is_file())


def tree(parser, text):
    """Parse a text to what can be compared: a tree, a node, or the place of the mistake."""
    try:
        return parser.parse(text)
    except UnexpectedInput as problem:
        return type(problem), problem.pos_in_stream


@pytest.mark.parametrize("name", GRAMMARS)
def test_a_grammar_is_built_once_and_then_read(name, caches, builds):
    make(name)
    make(name)

    assert builds == [grammars.read_grammar(name)]
    assert [file.name.partition("-")[0] for file in kept_files(caches)] == [name]


@pytest.mark.parametrize("name", GRAMMARS)
def test_what_is_kept_comes_back_as_it_was(name, monkeypatch):
    written = []
    monkeypatch.setattr(grammar_cache, "write_parts", lambda file, parts: written.append((file, parts)))
    make(name)
    ((file, parts),) = written
    write_parts(file, parts)

    assert read_parts(file) == as_lists(parts)


def as_lists(value):
    if isinstance(value, dict):
        return {key: as_lists(member) for key, member in value.items()}
    return [as_lists(item) for item in value] if isinstance(value, (list, tuple)) else value


BUILT_AND_KEPT = []


def built_and_kept():
    """Make the parser of documents in both ways, once."""
    if not BUILT_AND_KEPT:
        BUILT_AND_KEPT[:] = [make("document", builder=_JSON_BUILDER) for _ in range(2)]
    return BUILT_AND_KEPT


@given(
    st.text('{}[]":, \\ua1.e-"', max_size=25) | st.recursive(st.text() | st.none(), st.lists).map(json.dumps)
)
@example(POLICY)
@example(POLICY[:-3])
def test_a_kept_parser_reads_as_a_built_one(text):
    built, kept = built_and_kept()

    assert kept.source_path == "<deserialized>" != built.source_path
    assert tree(kept, text) == tree(built, text)


def test_a_kept_parser_gives_positions():
    built, kept = make("denial"), make("denial")
    text = "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: s3:GetObject"

    spans = [
        [
            (one.data, one.meta.start_pos, one.meta.end_pos)
            for one in parser.parse(text).iter_subtrees()
            if one.children
        ]
        for parser in (built, kept)
    ]
    assert spans[0] == spans[1] != []


DAMAGES = {
    "empty": lambda _: b"",
    "cut short": lambda content: content[:-7],
    "changed": lambda content: content.replace(b'"debug":false', b'"debug":true', 1),
    "without digest": lambda content: content.partition(b"\n")[2],
    "no text": lambda content: b"\xff\x00" + content,
    "no JSON, with its digest": lambda _: signed(b"{"),
    "too deep, with its digest": lambda _: signed(b"[" * 100_000),
    "other values, with their digest": lambda _: signed(b'{"data": {}, "memo": {"0": {}}}'),
    "no object, with its digest": lambda _: signed(b"[1]"),
}


def signed(body):
    return digest_of(body) + b"\n" + body


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_built_again_and_replaced(damage, caches, builds):
    make("text")
    (file,) = kept_files(caches)
    file.write_bytes(DAMAGES[damage](file.read_bytes()))

    assert make("text").parse("a*").children
    assert len(builds) == 2

    make("text")
    assert len(builds) == 2


def test_another_text_lark_or_builder_has_a_file_of_its_own(caches, builds, monkeypatch):
    text = grammars.read_grammar("document")
    make("document")
    make("document", builder=_JSON_BUILDER)
    monkeypatch.setattr(grammars, "read_grammar", lambda _: text + "\n// another")
    make("document")
    monkeypatch.setattr("lark.__version__", "another")
    make("document")

    assert len(builds) == len(kept_files(caches)) == 4


def test_a_file_that_is_too_long_is_not_read(builds, monkeypatch):
    make("text")
    monkeypatch.setattr(grammar_cache, "_MAX_BYTES", 1000)
    make("text")

    assert len(builds) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of POSIX")
def test_a_pipe_in_its_place_is_not_waited_for(caches, builds):
    make("text")
    (file,) = kept_files(caches)
    file.unlink()
    os.mkfifo(file, 0o600)
    make("text")

    assert len(builds) == 2
    assert file.is_file()


def test_the_variable_switches_it_off(caches, builds, monkeypatch):
    make("text")
    monkeypatch.setenv(OFF, "1")
    make("text")

    assert len(builds) == 2
    assert cache_file("text") is None


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no modes")
def test_files_are_readable_by_the_user_alone(caches):
    make("text")
    (file,) = kept_files(caches)

    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no modes")
def test_a_file_that_others_may_write_is_not_read(caches, builds):
    make("text")
    (file,) = kept_files(caches)
    file.chmod(0o666)
    make("text")

    assert len(builds) == 2
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have owners on POSIX")
def test_what_another_user_owns_is_neither_read_nor_written(caches, builds, monkeypatch):
    make("text")
    (file,) = kept_files(caches)
    before = file.stat()
    monkeypatch.setattr(os, "geteuid", lambda: before.st_uid + 1)
    make("text")
    make("arn")

    assert len(builds) == 3
    assert kept_files(caches) == [file]
    assert file.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
def test_a_link_is_not_followed(caches, builds, tmp_path):
    make("text")
    (file,) = kept_files(caches)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    make("text")

    assert len(builds) == 2
    assert not file.is_symlink()


def test_a_directory_that_cannot_be_written_is_no_error(caches, monkeypatch):
    caches.parent.joinpath("a file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches.parent / "a file"))
    monkeypatch.setenv("LOCALAPPDATA", str(caches.parent / "a file"))

    assert make("text").parse("a*").children


@pytest.mark.parametrize("step", ["tempfile.mkstemp", "pathlib.Path.replace", "pathlib.Path.mkdir"])
def test_a_disk_that_refuses_leaves_nothing_behind(step, caches, monkeypatch):
    def refuse(*_, **__):
        raise OSError(30, "read-only file system")

    monkeypatch.setattr(step, refuse)

    assert make("text").parse("a*").children
    assert kept_files(caches) == []


def test_without_home_or_account_nothing_is_kept(monkeypatch):
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)

    assert cache_file("text") is None
    assert make("text").parse("a*").children


def no_home():
    raise RuntimeError("could not determine home directory")


@pytest.mark.skipif(os.name == "nt", reason="the XDG directories are of POSIX")
def test_a_relative_directory_does_not_count(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", "caches")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert tmp_path in cache_file("text").parents


def test_two_processes_at_once_both_succeed(caches):
    program = "from policyeval.grammars import parser; print(parser('text').parse('a*').children[0].data)"
    command = [sys.executable, "-c", program]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    assert [one.communicate(timeout=60) for one in started] == [("text\n", "")] * 3
    assert len(kept_files(caches)) == 1


def test_the_digest_is_of_what_follows(caches):
    make("text")
    (file,) = kept_files(caches)
    digest, _, body = file.read_bytes().partition(b"\n")

    assert digest == digest_of(body)
    assert json.loads(body)["data"]["options"]["parser"] == "lalr"
