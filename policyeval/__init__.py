"""Offline evaluation of AWS IAM policies: may this principal do this action on this resource, and if not, why not?

The names below are the public ones; everything else may change. They are imported when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policyeval.context import Context as Context
    from policyeval.decision import Decision as Decision
    from policyeval.decision import Effect as Effect
    from policyeval.decision import Layer as Layer
    from policyeval.decision import Reason as Reason
    from policyeval.engine import Engine as Engine
    from policyeval.engine import check as check
    from policyeval.errors import CaseError as CaseError
    from policyeval.errors import PolicyError as PolicyError
    from policyeval.errors import PolicyEvalError as PolicyEvalError
    from policyeval.errors import RequestError as RequestError
    from policyeval.errors import UsageError as UsageError
    from policyeval.explain.explanation import Explanation as Explanation
    from policyeval.language.policy import Policy as Policy
    from policyeval.policy_set import PolicySet as PolicySet
    from policyeval.principal import Principal as Principal
    from policyeval.request import Request as Request
    from policyeval.semantics import Semantics as Semantics
    from policyeval.sources.files import load as load
    from policyeval.testing.cases import Case as Case
    from policyeval.testing.cases import Outcome as Outcome
    from policyeval.testing.cases import load_cases as load_cases

_HOME = {
    "Case": "testing.cases",
    "CaseError": "errors",
    "Context": "context",
    "Decision": "decision",
    "Effect": "decision",
    "Engine": "engine",
    "Explanation": "explain.explanation",
    "Layer": "decision",
    "Outcome": "testing.cases",
    "Policy": "language.policy",
    "PolicyError": "errors",
    "PolicyEvalError": "errors",
    "PolicySet": "policy_set",
    "Principal": "principal",
    "Reason": "decision",
    "Request": "request",
    "RequestError": "errors",
    "Semantics": "semantics",
    "UsageError": "errors",
    "check": "engine",
    "load": "sources.files",
    "load_cases": "testing.cases",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOME:
        raise AttributeError(f"module `policyeval` has no `{name}`")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*globals(), *_HOME]
