"""Is there anything that the evaluator refuses, and no other check reports?"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.checks.check import ERROR, OURS, Found, check
from policyeval.checks.subject import Subject


@check(
    "UNUSABLE_POLICY", ERROR, "a policy that cannot be evaluated",
    "The evaluator refuses the policy; the message is the one that `policyeval check` prints. It is reported only when "
    "no other error explains it.",
    bad='["a policy is an object"]', mark="[", good={}, origin=OURS,
)  # fmt: skip
def unusable_policy(policy: Subject) -> Iterator[Found]:
    """0.4; checks/lint.py drops it when another error is found."""
    from policyeval.errors import PolicyError
    from policyeval.language.parse import parse_document

    try:
        parse_document(policy.value, policy.type, policy.source, policy.base)
    except PolicyError as error:
        for one in error.diagnostics:
            yield Found(one.path or policy.base, one.message, one.help, on_key=one.on_key)
