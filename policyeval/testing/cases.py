"""Which cases does a file hold? (UX §1)"""

from __future__ import annotations

from pathlib import Path

from policyeval.errors import CaseError
from policyeval.sources.files import read_source
from policyeval.testing.case import EXPECTATIONS as EXPECTATIONS
from policyeval.testing.case import Case as Case
from policyeval.testing.case import Outcome as Outcome
from policyeval.testing.reading import read_cases


def load_cases(name: str | Path) -> list[Case]:
    """Read the cases of a file.

    Raises CaseError with the place of everything that is wrong.
    """
    return read_cases(read_source(name, CaseError))
