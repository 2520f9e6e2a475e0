"""Hold the oracle to every case file, so that the two evaluators and the cases agree."""

from pathlib import Path

import pytest

from . import __main__ as runner

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FILES = sorted(path for folder in ("decisions", "notes") for path in (FIXTURES / folder).glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_oracle_answers_as_the_cases_say(path: Path) -> None:
    runner.prepare_loader()

    assert runner.run(path)[1] == 0
