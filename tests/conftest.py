"""What every test may rely on: the same examples on every run, and the same output whoever runs it."""

import os

import pytest
from hypothesis import settings

# Case files that are wrong on purpose; with the plugin installed, pytest would run them.
collect_ignore_glob = ["mistakes/*"]

# INVARIANT: the same code gives the same test result; `--hypothesis-profile explore` looks for new examples.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None, max_examples=2_000)
settings.load_profile("repeatable")

# Colour, width, and what makes pytest print summaries in full (`CI`, `BUILD_NUMBER`) come from outside otherwise.
for name in (
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "CI",
    "BUILD_NUMBER",
    "GITHUB_ACTIONS",
    "TERM",
    "PYTEST_ADDOPTS",
):
    os.environ.pop(name, None)


@pytest.fixture
def run(folder, capsys):
    """Run a command line in this process, in the module's own `folder`: exit status, standard output and error."""
    from policyeval.cli import main

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(list(arguments))
        out, err = capsys.readouterr()
        return status, out, err

    return run
