"""What can a test ask? `Iam` holds policies and answers calls; an `Answer` can explain itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from policyeval.decision import Decision, Layer
from policyeval.diagnostics import did_you_mean
from policyeval.engine import Engine, policy_set_of
from policyeval.errors import UsageError
from policyeval.explain.explanation import Explanation
from policyeval.language.policy import Policy
from policyeval.policy_set import FIELDS, PolicySet
from policyeval.request import Request
from policyeval.sources.files import load as load_file

LAYERS = tuple(layer.value for layer in Layer if layer is not Layer.NONE)
_REQUEST_FIELDS = (
    "resource_account", "resource_organization", "resource_tags", "time", "endpoint", "endpoint_type", "via", "also",
)  # fmt: skip

Policies = PolicySet | Policy | Mapping[str, Any]


class Answer:
    """The answer to a call. `bool(answer)` raises: say `.allowed` or `.denied`."""

    __slots__ = ("explanation",)

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation

    @property
    def decision(self) -> Decision:
        """The decision."""
        return self.explanation.decision

    @property
    def allowed(self) -> bool:
        """Is the call allowed?"""
        return self.decision.allowed

    @property
    def denied(self) -> bool:
        """Is the call denied, explicitly or because nothing allows it?"""
        return not self.allowed

    @property
    def effect(self) -> str:
        """`allow`, `explicit-deny` or `implicit-deny`."""
        return self.decision.effect.value

    @property
    def reason(self) -> str:
        """The code of the reason."""
        return self.decision.reason.code

    @property
    def layer(self) -> str:
        """The layer that decided; `none` for an allow."""
        return self.decision.layer

    def text(self) -> str:
        """Explain the answer."""
        return self.explanation.text(verbose=True)

    def __bool__(self) -> bool:
        raise TypeError("an answer is neither true nor false: ask for `.allowed` or `.denied`")

    def __repr__(self) -> str:
        return f"<{self.effect} ({self.reason}): {self.explanation.message}>"

    def __str__(self) -> str:
        return self.text()


class Iam:
    """Policies, and the calls that they allow; what a test fixture is made of."""

    def __init__(
        self, policies: Policies | None = None, *, folder: Path | str = ".", now: float | None = None
    ) -> None:
        self.folder = Path(folder)
        self.now = now
        self.last: Answer | None = None
        self._engine = None if policies is None else Engine(policies, now=now)

    @property
    def engine(self) -> Engine:
        """The engine of the policies.

        Raises UsageError when none are loaded.
        """
        if self._engine is None:
            raise UsageError("no policies are loaded", help='call `iam.load("policy.json")` first')
        return self._engine

    def __repr__(self) -> str:
        found: list[Policy] = []
        if self._engine is not None:
            self._engine.policies.mapped(lambda policy: _noted(policy, found))
        return f"<iam: {', '.join(Path(policy.name).name for policy in found) or 'no policies'}>"

    def load(self, *policies: str | Path | Policies, **layers: Any) -> Iam:
        """Load policies in place of those before: files, documents or sets, and layers by name.

        Files are relative to the folder of the test. Gives itself, so that calls can be chained.
        """
        self._engine = Engine(combined([*map(self._read, policies)], self._layers(layers)), now=self.now)
        return self

    def _layers(self, layers: Mapping[str, Any]) -> dict[str, Any]:
        for name in layers:
            if name not in FIELDS:
                near = did_you_mean(name, FIELDS)
                help = f"did you mean `{near}`?" if near else f"they are {', '.join(FIELDS)}"
                raise UsageError(f"there is no layer `{name}`", help=help)
        return {name: self._layer(name, value) for name, value in layers.items()}

    def _layer(self, name: str, value: Any) -> Any:
        """Read the files that a layer names, wherever they stand in its lists."""
        if isinstance(value, (str, Path)):
            return load_file(self.folder / value, name) if name in LAYERS else value
        if isinstance(value, (list, tuple)):
            return [self._layer(name, one) for one in value]
        return value

    def _read(self, policies: str | Path | Policies) -> PolicySet:
        if isinstance(policies, (str, Path)):
            return policy_set_of(load_file(self.folder / policies))
        return policy_set_of(policies)

    def can(self, principal: Any, action: str, resource: str = "*", **context: Any) -> Answer:
        """Ask whether a call is allowed.

        `context` holds condition keys, `aws_SourceIp="…"` for `aws:SourceIp`, and fields of a request such as
        `resource_account` or `time`. What has other signs goes in as `**{"aws:PrincipalTag/team": "red"}`.
        """
        return self.ask(request_of(principal, action, resource, context))

    def ask(self, request: Request | Mapping[str, Any]) -> Answer:
        """Ask whether a request is allowed, in the shape of request files."""
        self.last = Answer(self.engine.explain(request))
        return self.last

    def assert_allowed(self, principal: Any, action: str, resource: str = "*", **context: Any) -> Answer:
        """Raise AssertionError with the explanation when a call is denied."""
        __tracebackhide__ = True
        answer = self.can(principal, action, resource, **context)
        refuse_unless_allowed(answer)
        return answer

    def assert_denied(
        self,
        principal: Any,
        action: str,
        resource: str = "*",
        *,
        by: str | None = None,
        explicitly: bool | None = None,
        **context: Any,
    ) -> Answer:
        """Raise AssertionError with the explanation when a call is allowed, or denied otherwise.

        `by` names the layer that must have decided; `explicitly` tells a Deny from a missing Allow.
        """
        __tracebackhide__ = True
        answer = self.can(principal, action, resource, **context)
        refuse_unless_denied(answer, by=by, explicitly=explicitly)
        return answer


def _noted(policy: Policy, found: list[Policy]) -> Policy:
    found.append(policy)
    return policy


def combined(sets: Iterable[PolicySet], layers: Mapping[str, Any]) -> PolicySet:
    """Join policy sets, of which later ones add to the lists of a principal's policies; named layers replace."""
    fields: dict[str, Any] = {}
    empty = PolicySet()
    for one in sets:
        for name in FIELDS:
            value = getattr(one, name)
            if value == getattr(empty, name):
                continue
            before = fields.get(name)
            fields[name] = (*before, *value) if name in ("identity", "session") and before else value
    return PolicySet(**{**fields, **layers})


def request_of(principal: Any, action: str, resource: str, given: Mapping[str, Any]) -> Request:
    """Make a request of a call's parts; what is no field of a request is a condition key."""
    fields = {name: value for name, value in given.items() if name in _REQUEST_FIELDS}
    context = {_key(name): value for name, value in given.items() if name not in _REQUEST_FIELDS}
    if "context" in context:
        context = {**dict(context.pop("context")), **context}
    return Request(principal, action, resource, context, **fields)


def _key(name: str) -> str:
    """Read `aws_SourceIp` as `aws:SourceIp`.

    Raises UsageError for a name that is no condition key.
    """
    if ":" in name or name == "context":
        return name
    service, underscore, key = name.partition("_")
    if not underscore or not key:
        near = did_you_mean(name, _REQUEST_FIELDS)
        help = f"did you mean `{near}`?" if near else "write `aws_SourceIp=…` for the key `aws:SourceIp`"
        raise UsageError(f"`{name}` is no condition key", help=help)
    return f"{service}:{key}"


def refuse_unless_allowed(answer: Answer) -> None:
    """Raise AssertionError with the explanation when an answer is no."""
    __tracebackhide__ = True
    if answer.denied:
        raise AssertionError(f"expected allow, got {answer.effect} ({answer.reason})\n\n{answer.text()}")


def refuse_unless_denied(answer: Answer, *, by: str | None = None, explicitly: bool | None = None) -> None:
    """Raise AssertionError with the explanation when an answer is yes, or another no than the wanted one."""
    __tracebackhide__ = True
    if by is not None and by not in LAYERS:
        near = did_you_mean(by, LAYERS)
        help = f"did you mean `{near}`?" if near else f"the layers are {', '.join(LAYERS)}"
        raise UsageError(f"there is no layer `{by}`", help=help)
    wanted = {None: "a denial", True: "explicit-deny", False: "implicit-deny"}[explicitly]
    fits = answer.denied and explicitly in (None, answer.effect == "explicit-deny")
    if not fits or by not in (None, answer.layer):
        where = f" by the layer {by}" if by is not None else ""
        got = f"{answer.effect} ({answer.reason})"
        raise AssertionError(f"expected {wanted}{where}, got {got}\n\n{answer.text()}")
