"""Does the same input give the same bytes, whatever the interpreter, the shell and the machine are set to?

One process runs every command below and prints what each wrote; the processes differ in one setting.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree

import pytest
import yaml
from moto.iam.aws_managed_policies import aws_managed_policies_data

from policyeval.checks.samples import sample_text
from policyeval.checks.table import CHECKS
from policyeval.cli import COMMANDS
from policyeval.render.findings_formats import FINDING_FORMATS
from policyeval.render.formats import FORMATS
from policyeval.render.schema import SCHEMAS
from policyeval.testing.formats import FORMATS as CASE_FORMATS

ROOT = Path(__file__).resolve().parent.parent
SEEDS = range(21)
MANAGED_POLICIES, CHECKS_APART, FEW_APART = 2, 12, 10

# Runs command lines in one process; their messages go where their results go. A table is no command's.
TABLE = "decide_table"
DRIVER = """
import json, sys
from pathlib import Path
from policyeval import Engine, load
from policyeval.cli import main

def decide_table(policies, rows):
    import pyarrow
    table = pyarrow.Table.from_pylist(json.loads(Path(rows).read_bytes()))
    print(Engine(load(policies), now=1767225600).decide_table(table).to_pydict())
    return 0

sys.stderr = sys.stdout
for line in json.loads(sys.stdin.buffer.read()):
    print("$", *line)
    print("status", decide_table(*line[1:]) if line[0] == "decide_table" else main(line), flush=True)
"""

POLICIES = {
    "identity": [
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Tags",
                    "Effect": "Allow",
                    "Action": ["s3:Get*", "s3:List*", "kms:*"],
                    "Resource": "arn:aws:s3:::straße/${aws:PrincipalTag/team}/*",
                    "Condition": {
                        "StringLike": {"aws:PrincipalTag/team": ["red", "blue"], "aws:SourceVpce": "vpce-*"},
                        "ForAnyValue:StringEquals": {"aws:TagKeys": ["team", "cost", "owner"]},
                    },
                }
            ],
        }
    ],
    "boundary": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    },
    "scp": [[{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]],
}
REQUEST = {
    "principal": {
        "arn": "arn:aws:iam::111122223333:user/ana",
        "tags": {"team": "red", "cost": "1", "owner": "b"},
    },
    "action": ["s3:GetObject", "s3:PutObject"],
    "resource": "arn:aws:s3:::straße/red/x",
    "context": {"aws:TagKeys": ["team", "owner"], "aws:RequestTag/team": "x", "aws:RequestTag/owner": "y"},
    "resource_account": "111122223333",
}
ROWS = [
    {
        "principal": f"arn:aws:iam::111122223333:user/{name}",
        "action": "s3:GetObject",
        "resource": f"arn:aws:s3:::straße/{name}/x",
        "aws:PrincipalTag/team": name,
        "aws:SourceVpce": "vpce-1",
        "aws:TagKeys": ["owner", "team"],
    }
    for name in ("red", "blue", "ana", "red")
]
MESSAGE = (
    "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: s3:GetObject on resource: "
    '"arn:aws:s3:::straße/red/x" because no identity-based policy allows the s3:GetObject action'
)
CASES = {
    "about": "one case fails",
    "policies": POLICIES,
    "cases": [
        {"name": "denied", "request": REQUEST, "expect": "deny", "reason": "identity-no-allow"},
        {"name": "fails", "request": REQUEST, "expect": "allow"},
        {"name": "refused", "request": {"action": "s3:GetObject"}, "expect": "allow"},
    ],
}

CHECK = ("check", "policies.json", "--request", "request.json")
UNKNOWN = (
    "--action",
    "s3:GetObject",
    "--unknown",
    "aws:SourceVpce",
    "--unknown",
    "aws:TagKeys",
    "--unknown",
    "aws:PrincipalTag/team",
)
FEW = ("lint", "policies.json", "few", "--select", "ALL")
LINES = [
    *((*CHECK, "-f", name) for name in FORMATS),
    (*CHECK, "-v", "--redact"),
    (*CHECK, *UNKNOWN),
    (*CHECK, *UNKNOWN, "-f", "json"),
    (*CHECK, "-q", "--expect", "allow"),
    ("check", "example/policies.yaml", "--request", "example/request.json", "-v"),
    ("check", "missing.json", "--request", "request.json"),
    ("lint", "lint", "--select", "ALL", "-f", "json"),
    *((*FEW, "-f", name) for name in FINDING_FORMATS),
    (*FEW, "--fix", "--unsafe-fixes", "--diff"),
    (TABLE, "policies.json", "rows.json"),
    ("test", "--generate", "policies.json"),
    *(("test", "cases.yaml", "-f", name) for name in CASE_FORMATS),
    ("test", "example.iamtest.yaml", "--coverage"),
    ("why", MESSAGE),
    ("why", MESSAGE, "policies.json", "-f", "json"),
    *(("schema", name) for name in SCHEMAS),
    ("explain",),
    ("explain", "identity-no-allow"),
    ("explain", "operators", "-f", "json"),
    ("explain", "ForAnyValue:StringLikeIfExists"),
    ("chek",),
]


def lint_samples() -> Iterator[tuple[str, str]]:
    """Bad samples of the checks, and some of AWS's managed policies."""
    for row in CHECKS[::CHECKS_APART]:
        yield row.code, sample_text(row.bad, row.on)
    managed = json.loads(aws_managed_policies_data)
    for name in sorted(managed)[:: len(managed) // MANAGED_POLICIES]:
        yield name, json.dumps(managed[name]["Document"], indent=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Write the files that the commands read."""
    made = tmp_path_factory.mktemp("files")
    (made / "policies.json").write_text(json.dumps(POLICIES, indent=2, ensure_ascii=False), encoding="utf-8")
    (made / "request.json").write_text(json.dumps(REQUEST, ensure_ascii=False), encoding="utf-8")
    (made / "rows.json").write_text(json.dumps(ROWS, ensure_ascii=False), encoding="utf-8")
    (made / "cases.yaml").write_text(yaml.safe_dump(CASES, allow_unicode=True), encoding="utf-8")
    copytree(ROOT / "examples" / "cross-account", made / "example")
    example = (ROOT / "examples" / "testing" / "cross-account.iamtest.yaml").read_text(encoding="utf-8")
    (made / "example.iamtest.yaml").write_text(
        example.replace("../cross-account/", "example/"), encoding="utf-8"
    )
    for number, (name, text) in enumerate(lint_samples()):
        for place in ("lint", "few") if number % FEW_APART == 0 else ("lint",):
            (made / place).mkdir(exist_ok=True)
            (made / place / f"{name}.json").write_text(text, encoding="utf-8", errors="surrogatepass")
    return made


def told(folder: Path, *, lines: list[tuple[str, ...]] = LINES, **settings: str) -> str:
    """Run the commands in a process of its own, with other settings of the environment."""
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("LC_", "LANG", "PYTHON"))
        },
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        **settings,
    }
    command = [sys.executable, "-c", DRIVER]
    given = json.dumps(
        [[*line, "--now", "2026-01-01"] if line[0] in ("check", "test", "why") else line for line in lines]
    )
    done = subprocess.run(
        command,
        input=given.encode(),
        capture_output=True,
        cwd=folder,
        env=environment,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


@pytest.fixture(scope="module")
def usual(folder) -> str:
    return told(folder, PYTHONHASHSEED="0")


def test_every_command_is_among_those_compared(usual):
    assert {line[0] for line in LINES} == {*COMMANDS, TABLE, "chek"}
    assert {line[7:] for line in usual.splitlines() if line.startswith("status ")} == set("0123")


# What the shell may set; every seed of the hashes comes with one of them.
SETTINGS: list[dict[str, str]] = [
    {},
    {"LC_ALL": "C"},
    {"LC_ALL": "C.UTF-8"},
    {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "C", "PYTHONUTF8": "0"},
    {"LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.ISO-8859-1"},
    {"TZ": "Asia/Kathmandu"},
    {"TZ": "America/St_Johns", "LC_TIME": "de_DE.UTF-8"},
    {"COLUMNS": "40", "TERM": "dumb", "USER": "someone", "HOME": "/nowhere"},
    {"PYTHONOPTIMIZE": "2", "PYTHONDONTWRITEBYTECODE": "1"},
    {"XDG_CACHE_HOME": os.devnull},
]


@pytest.fixture(scope="module")
def by_seed(folder) -> list[str]:
    """Run every seed in one of the settings, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        return list(
            pool.map(
                lambda seed: told(folder, PYTHONHASHSEED=str(seed), **SETTINGS[seed % len(SETTINGS)]), SEEDS
            )
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_no_seed_of_the_hashes_and_no_setting_of_the_shell_shows(by_seed, usual, seed):
    assert by_seed[seed] == usual, SETTINGS[seed % len(SETTINGS)]


LOCALES = sorted(
    {value for setting in SETTINGS for value in setting.values() if "_" in value and "." in value}
)


def is_installed(name: str) -> bool:
    """Can a process use the locale? One that cannot goes on in C, and says nothing."""
    code = "import locale, sys; locale.setlocale(locale.LC_ALL, sys.argv[1])"
    return (
        subprocess.run([sys.executable, "-c", code, name], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.parametrize("name", LOCALES)
def test_no_installed_locale_shows(folder, usual, name):
    if not is_installed(name):
        pytest.skip(f"the locale {name} is not installed: with it everything above ran in C")
    assert told(folder, LC_ALL=name) == usual


STARS = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "**", "Resource": "arn:aws:s3:::b/*"}]}'


def test_the_files_that_a_fix_writes_are_the_same(folder, tmp_path):
    """The diffs above say what would be written; this is what is."""
    written = []
    for seed in ("1", "2", "3"):
        mine = copytree(folder, tmp_path / seed)
        (mine / "few" / "stars.json").write_text(STARS, encoding="utf-8")
        line = ("lint", "few", "--select", "ALL", "--fix", "--unsafe-fixes")
        told(mine, lines=[line], PYTHONHASHSEED=seed)
        written.append({file.name: file.read_bytes() for file in (mine / "few").iterdir()})

    assert written[0] == written[1] == written[2]
    assert b'"Action": "*"' in written[0]["stars.json"]


def test_no_command_shows_in_those_after_it(folder, usual):
    """Once more in the same process, and backwards."""
    again = told(folder, lines=[*LINES, *LINES[::-1]])

    parts = again.split("$ ")[1:]
    assert usual == "".join(f"$ {part}" for part in parts[: len(LINES)])
    assert parts[: len(LINES)] == parts[len(LINES) :][::-1]


# Working directories


def test_the_folder_that_holds_the_files_does_not_show(folder, usual, tmp_path):
    elsewhere = copytree(folder, tmp_path / "a folder with a long name and spaces" / "x")

    assert told(elsewhere) == usual


def absolute(folder: Path) -> list[tuple[str, ...]]:
    names = {path.name for path in folder.iterdir()}
    whole = {one: str(folder / one) for line in LINES for one in line[1:] if one.partition("/")[0] in names}
    return [(line[0], *(whole.get(one, one) for one in line[1:])) for line in LINES]


def test_files_with_whole_names_are_the_same_from_everywhere(folder, tmp_path):
    lines = [
        line for line in absolute(folder) if "--generate" not in line
    ]  # it names files from where it stands
    assert lines[0] != LINES[0]

    assert told(tmp_path, lines=lines) == told(Path("/"), lines=lines)


def test_a_whole_name_changes_nothing_but_the_name(folder):
    """Values, not the layout of a text; cases tell their details as text."""
    lines, whole = (
        [line for line in some if line[-1] == "json" and line[0] != "test"]
        for some in (LINES, absolute(folder))
    )
    assert len(lines) == len(whole) > 4

    assert told(folder, lines=whole).replace(f"{folder}/", "") == told(folder, lines=lines)
