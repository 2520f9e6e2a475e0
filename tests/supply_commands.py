"""The commands that a recorder runs, and what each may ask of the operating system: the files that are named."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RECORDER = Path(__file__).with_name("supply_recorder.py")
DENIED = (
    "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: s3:GetObject "
    "on resource: arn:aws:s3:::acme-reports/2026/q1.csv"
)
ALLOWING = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-reports/*"},
}
COMMANDS = {
    f"check in {format}": (f"check first.json --request request.json -f {format} -o", f"check.{format}")
    for format in ("text", "json", "jsonl", "html", "markdown", "sarif", "junit", "github", "simulator")
} | {
    f"lint in {format}": (f"lint loose.json first.json -f {format} -o", f"lint.{format}")
    for format in ("text", "json", "jsonl", "markdown", "sarif", "junit", "github", "access-analyzer")
} | {
    "check on the terminal": ("check first.json --request request.json --verbose", None),
    "check with an unknown key": ("check first.json --request request.json --unknown aws:SourceIp", None),
    "check --redact": ("check first.json --request request.json --redact -f text -f json=two.json", "two.json"),
    "check in YAML": ("check policies.yaml --request request.json -q", None),
    "check --fix": ("check first.json --request request.json --yes --fix", "first.json"),
    "check of what is missing": ("check missing.json --request request.json -o never.txt", None),
    "lint --fix": ("lint --fix --unsafe-fixes loose.json", "loose.json"),
    "lint --diff": ("lint --diff loose.json", None),
    "lint --write-baseline": ("lint loose.json --write-baseline", "baseline.json"),
    "lint of a directory": ("lint . -q", None),
    "test": ("test reports.iamtest.yaml -f json -o", "test.json"),
    "test --junit": ("test reports.iamtest.yaml --junit", "test.xml"),
    "test --coverage-html": ("test reports.iamtest.yaml --coverage --coverage-html", "coverage.html"),
    "test --coverage-json": ("test reports.iamtest.yaml --coverage --coverage-json", "coverage.json"),
    "test --generate": ("test --generate allowing.json -o", "made.iamtest.yaml"),
    "why": ("why denial.txt -f json -o", "why.json"),
    "why with policies": ("why denial.txt first.json", None),
    "explain": ("explain reasons -o", "reasons.txt"),
    "explain a check": ("explain INVALID_ACTION", None),
    "schema": ("schema cases -o", "cases.schema.json"),
    "--version": ("--version", None),
    "--help": ("check --help", None),
}  # fmt: skip


FAILING = {"check of what is missing": 2}  # of all others the status is 0 or 1
TEMPORARY = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.tmp")


def record(folder: Path, jobs: list[dict[str, object]], **environment: str) -> dict[str, dict]:
    """Run jobs in a new interpreter, and read what each did."""
    done = subprocess.run(
        [sys.executable, "-B", RECORDER, folder / "record.json"],
        cwd=folder / "work",
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        timeout=300,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(folder / "caches"),
            "LOCALAPPDATA": str(folder / "caches"),
            **environment,
        },
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "record.json").read_text())


def prepare(place: Path) -> None:
    """Make a directory to work in, which holds what the commands name, and one for caches."""
    work = place / "work"
    shutil.copytree(ROOT / "examples/testing/after", work)
    (place / "caches").mkdir()
    shutil.copy(ROOT / "examples/first/policy.json", work / "first.json")
    shutil.copy(ROOT / "examples/first/request.json", work)
    statement = {**ALLOWING["Statement"], "Sid": "read logs", "Action": ["s3:GetObject"] * 2}
    texts = {"loose.json": json.dumps({**ALLOWING, "Statement": [statement]}),
             "allowing.json": json.dumps(ALLOWING), "denial.txt": DENIED,
             "policies.yaml": "identity: [{name: a, policy: allowing.json}]\n"}  # fmt: skip
    for name, text in texts.items():
        (work / name).write_text(text)


def trespasses(events: list[list[str]], named: Path | None, caches: Path | None) -> list[list[str]]:
    """List the events that no command may cause: all but what changes the file that is named, and the cache."""
    return [
        [event, *paths]
        for event, *paths in events
        if not paths or not all(may_change(Path(path), named, caches) for path in paths)
    ]


def may_change(path: Path, named: Path | None, caches: Path | None) -> bool:
    """Is this the file that is named, a temporary name beside it, the null device, or in the cache?"""
    if path == Path(os.devnull) or (caches is not None and (caches / "policyeval") in (path, *path.parents)):
        return True
    if named is None or path.parent != named.parent:
        return False
    temporary = TEMPORARY.fullmatch(path.name)
    return path == named or (temporary is not None and temporary["name"] == named.name)


def ends_with_option(written: str) -> bool:
    """Does the name of a file follow, as after `-o`?"""
    return written.rpartition(" ")[2] in (
        "-o",
        "--write-baseline",
        "--junit",
        "--coverage-html",
        "--coverage-json",
    )


def ends(found: dict[str, dict], name: str) -> list[list[str]]:
    """List the events of a job, each with its last path."""
    return [[event[0], event[-1]] for event in found["events"].get(name, [])]


SEEN = {
    "socket": "import socket; socket.socket().close()",
    "name": "import socket; socket.getaddrinfo('127.0.0.1', 80)",
    "program": "import subprocess, sys; subprocess.run([sys.executable, '-V'], stdout=subprocess.DEVNULL)",
    "system": "import os; os.system('')",
    "pickle": "import pickle; pickle.loads(pickle.dumps(str))",
    "environment": "import os; os.environ['x'] = 'y'",
    "file": "open('stray.txt', 'w').close()",
    "appended": "import os; os.close(os.open('first.json', os.O_APPEND | os.O_RDWR))",
    "name taken": "open('.other.json.0123456789abcdef.tmp', 'w').close()",
    "renamed": "import os; os.replace('first.json', 'second.json')",
    "removed": "import os; os.remove('denial.txt')",
    "directory": "import os; os.mkdir('new')",
    "rights": "import os; os.chmod('allowing.json', 0o600)",
    "tree": "import shutil; shutil.rmtree('new')",
    "cache of another": "import os; os.mkdir('../caches/other')",
}
