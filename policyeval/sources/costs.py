"""What would it cost to decide a request? What would take very long is refused by name before it is decided."""

from __future__ import annotations

from collections.abc import Sequence

from policyeval.errors import RequestError
from policyeval.limits import COMPARISONS, EXPLAINED, READ_KEYS, UNKNOWN_KEYS, Limit
from policyeval.policy_set import PolicySet
from policyeval.request import Request


def refuse_costly(policies: PolicySet, request: Request, *, explained: bool = True) -> None:
    """Raise RequestError for a request that is too much for these policies; to explain it costs more."""
    details = request.details
    checks = len(request.actions) * len(request.resources) + len(details.via) + len(details.also)
    texts, keys = policies.amounts
    _refuse(COMPARISONS, checks * texts * _most_values(request))
    if explained:
        _refuse(EXPLAINED, checks * texts)
        _refuse(READ_KEYS, keys * texts)


def refuse_many_unknown(policies: PolicySet, names: Sequence[str]) -> None:
    """Raise RequestError for more unknown keys than can be searched; `all` stands for every key that is read."""
    _refuse(UNKNOWN_KEYS, policies.amounts[1] if "all" in names else len(names))


def _most_values(request: Request) -> int:
    """Count the values of the key that has most."""
    details = request.details
    further = (*(hop.context for hop in details.via), *(check.context for check in details.also))
    given = (value for context in (request.context, *further) for _, value in context.items())
    return max([1, *(len(value) for value in given if isinstance(value, tuple))])


def _refuse(limit: Limit, found: int) -> None:
    if found > limit.most:
        raise RequestError(limit.message(found), path=(), help=limit.help)
