"""May this principal do this action on this resource? A policy set in, decisions and explanations out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from policyeval.decision import Decision
from policyeval.dockets import Docket
from policyeval.errors import PolicyError
from policyeval.language.policy import Policy
from policyeval.policy_set import PolicySet
from policyeval.request import CallKey, Request
from policyeval.steps import Situation

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation
    from policyeval.explain.unknown import UnknownAnswer

# More than these are not remembered at a time.
_MOST_DOCKETS = 2048
_MOST_REQUESTS = 65_536


class Engine:
    """Evaluates requests against a policy set.

    `policies` is a PolicySet, a single policy, or the file shape of either (UX §1). `now` is the time
    of requests that tell none, in seconds since 1970; by default the clock's.
    """

    def __init__(self, policies: PolicySet | Policy | Mapping[str, Any], *, now: float | None = None) -> None:
        self.policies = policy_set_of(policies)
        self.situation = Situation(self.policies, now)
        self._dockets: dict[CallKey | None, Docket] = {}

    def decide(self, request: Request | Mapping[str, Any]) -> Decision:
        """Decide a request: allowed only if every check that it consists of is (R-41, A-13).

        Raises RequestError when the request cannot be used, PolicyError when it contradicts the policies.
        """
        asked = request if request.__class__ is Request else Request.from_dict(request)
        docket = self._dockets.get(asked._call) or self._docket(asked)
        decision = None if docket is None else docket.answer(asked).decision
        return self.situation.in_full(asked) if decision is None else decision

    def _docket(self, request: Request) -> Docket | None:
        """Find or open the docket of a request's call; None when each of its requests is decided in full."""
        call = request.call
        if call is None or not self.situation.requests_are_alike(call):
            return None
        if call not in self._dockets:
            if len(self._dockets) >= _MOST_DOCKETS:
                self._dockets.clear()
            self._dockets[call] = Docket(self.situation, request)
        return self._dockets[call]

    def decide_many(self, requests: Iterable[Request | Mapping[str, Any]]) -> Iterator[Decision]:
        """Decide requests one after the other; the same Request object is decided once while it is remembered."""
        known: dict[Any, Decision] = {}
        for request in requests:
            decision = known.get(request) if request.__class__ is Request else None
            yield self._decide_once(request, known) if decision is None else decision

    def _decide_once(self, request: Request | Mapping[str, Any], known: dict[Any, Decision]) -> Decision:
        """Decide a request, and remember the decision unless another time could bring another one."""
        asked = Request.from_dict(request)
        docket = self._dockets.get(asked._call) or self._docket(asked)
        if docket is None or request is not asked:
            return self.decide(asked)
        found = docket.answer(asked)
        is_dated = asked.time is not None or self.situation.now is not None
        if found.decision is None:
            return self.situation.in_full(asked)
        if found.follows_clock and not is_dated:
            return found.decision
        if len(known) >= _MOST_REQUESTS:
            known.clear()
        known[asked] = found.decision
        return found.decision

    def decide_table(
        self, table: Any, *, carry: Iterable[str] = (), progress: Callable[[int], object] | None = None
    ) -> Any:
        """Decide every row of an Arrow table, or of a stream of record batches (docs/batch.md; extra `batch`).

        Gives it back with the columns `allowed`, `effect`, `reason` and `layer`. `carry` names columns that
        are no part of the requests; `progress` is called with the number of rows that were decided.
        """
        from policyeval.batch import decide_table

        return decide_table(self, table, carry=carry, progress=progress)

    def allowed(
        self, principal: Any, action: str, resource: str = "*", context: Mapping[str, Any] | None = None
    ) -> bool:
        """Tell whether a call is allowed."""
        return self.decide(Request(principal, action, resource, context)).allowed

    def explain(self, request: Request | Mapping[str, Any]) -> Explanation:
        """Decide a request and tell everything that led to the answer."""
        from policyeval.explain.explanation import explain

        return explain(self.situation, Request.from_dict(request))

    def explain_unknown(self, request: Request | Mapping[str, Any], keys: Iterable[str]) -> UnknownAnswer:
        """Decide a request of which some context keys are unknown; `all` stands for every key that is read."""
        from policyeval.explain.unknown import answer_unknown

        return answer_unknown(self.situation, Request.from_dict(request), tuple(keys))


def policy_set_of(policies: PolicySet | Policy | Mapping[str, Any]) -> PolicySet:
    """Make a policy set of what callers give; a single policy goes to the layer of its type."""
    from policyeval.policy_set import is_policy_set

    if isinstance(policies, PolicySet):
        return policies
    if isinstance(policies, Mapping):
        if is_policy_set(policies):
            return PolicySet.from_dict(policies)
        policies = Policy.parse(policies)
    if not isinstance(policies, Policy):
        help = "give a PolicySet, a Policy, or the values of either; policyeval.load reads files"
        raise PolicyError("these are no policies", help=help)
    return PolicySet.from_dict({policies.type.layer: [policies]})


def check(
    policy: Policy | PolicySet | Mapping[str, Any], request: Request | Mapping[str, Any]
) -> Explanation:
    """Decide and explain one request against one policy or policy set."""
    return Engine(policy).explain(request)
