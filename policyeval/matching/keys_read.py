"""Which context keys does a test read?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyeval.language.variables import Template
from policyeval.matching.conditions import Requirement
from policyeval.matching.resources import ResourcePattern
from policyeval.plan import Test


def keys_of(test: Test) -> Iterator[str]:
    """Name the context keys that a test reads, also by its variables, as the policy writes them."""
    operand = test.operand
    if isinstance(operand, Requirement):
        yield operand.key
        templates: Iterable[Template] = operand.templates
    else:
        is_template = isinstance(operand, ResourcePattern) and isinstance(operand.tail, Template)
        templates = (operand.tail,) if is_template else ()
    for template in templates:
        yield from (variable.key for variable in template.variables if variable.key is not None)
