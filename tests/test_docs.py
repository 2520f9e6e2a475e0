"""Do the documents tell the truth? Their code is run, and what they take from the code is up to date."""

import doctest
import re
from pathlib import Path

import pytest

from docs.generate import documents, hand_written

ROOT = Path(__file__).parent.parent

_FENCED = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_session(text: str) -> str:
    """Blank everything but the sessions, so that line numbers stay."""
    kept = [""] * (text.count("\n") + 1)
    for block in _FENCED.finditer(text):
        first = text.count("\n", 0, block.start(1))
        lines = block[1].splitlines()
        kept[first : first + len(lines)] = lines
    return "\n".join(kept)


def anchors(text: str) -> set[str]:
    """Name the headings of a document as links do."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


DOCUMENTS = list(documents())
PAGES = [path for path, _ in DOCUMENTS] + sorted(ROOT.glob("[A-Z]*.md"))
SESSIONS = [path for path in hand_written() if python_session(path.read_text(encoding="utf-8")).strip()]


@pytest.mark.parametrize(("path", "expected"), DOCUMENTS, ids=[name_of(path) for path, _ in DOCUMENTS])
def test_document_is_up_to_date(path, expected):
    """`python -m docs.generate` writes it anew."""
    assert path.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("path", SESSIONS, ids=name_of)
def test_python_session_prints_what_it_shows(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    session = python_session(path.read_text(encoding="utf-8"))
    examples = doctest.DocTestParser().get_doctest(session, {}, name_of(path), str(path), 0)

    report: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=report.append)

    if report:
        pytest.fail("".join(report), pytrace=False)


def test_readme_and_walk_through_have_sessions():
    assert {"README.md", "docs/how-a-decision-is-made.md"} <= {name_of(path) for path in SESSIONS}


@pytest.mark.parametrize("path", sorted(set(PAGES)), ids=name_of)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    broken = [
        f"{file}#{anchor}" if anchor else file
        for file, anchor in _LINK.findall(text)
        if not leads_somewhere(path, file, anchor)
    ]

    assert broken == []


def leads_somewhere(path: Path, file: str, anchor: str) -> bool:
    target = (path.parent / file) if file else path
    if not target.exists():
        return False
    return not anchor or anchor in anchors(target.read_text(encoding="utf-8"))


def test_readme_fits_two_screens():
    """What the example prints is not counted."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    own = re.sub(r"^```console\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)

    assert len(own.splitlines()) <= 100


def test_readme_shows_the_example_that_its_command_runs():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.search(r"<!-- ci:run -->\n```sh\n(.*?)```", text, re.DOTALL)
    shown = re.search(r"^\$ policyeval (.*)$", text, re.MULTILINE)

    assert command
    assert shown
    assert command[1].rstrip().endswith(f"policyeval {shown[1]}")
