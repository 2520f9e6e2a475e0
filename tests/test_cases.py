"""Does the engine decide every case of every file in fixtures/ as the case says?"""

import pytest

from tests.fixture_cases import CASES, id_of


@pytest.mark.parametrize("case", CASES, ids=id_of)
def test_case_holds(case):
    outcome = case.run()

    assert outcome.passed, str(outcome)
