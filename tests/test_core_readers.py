"""Do all readers of the plans decide every case alike: index or none, remembered or not, closures or traces?"""

import pytest

from tests.fixture_cases import CASES, id_of
from tests.mutation.readers import complaint


@pytest.mark.parametrize("case", CASES, ids=id_of)
def test_every_reader_decides_as_the_case_says(case):
    assert complaint(case) is None
