"""One check: a caller, an action, a resource and everything around them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from .callers import Caller, Organization
from .context import Context
from .documents import Document
from .principals import ASSUME, ASSUME_HELPERS
from .semantics import Semantics
from .text import split_arn


@dataclass(frozen=True)
class Answer:
    """What AWS would answer."""

    effect: str
    reason: str
    layer: str


ALLOWED = Answer("allow", "allowed", "none")


def no_allow(layer: str) -> Answer:
    """A missing Allow of a layer."""
    return Answer("implicit-deny", f"{layer}-no-allow", layer)


@dataclass(frozen=True)
class Policies:
    """The policy set as it stands for one check; None is an absent layer."""

    identity: list[Document] | None = None
    boundary: list[Document] | None = None
    session: list[Document] | None = None
    scp: list[list[Document]] | None = None
    rcp: list[list[Document]] | None = None
    endpoint: list[Document] | None = None
    resource: list[Document] | None = None
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One (action, resource) of a request."""

    caller: Caller
    action: str
    resource: str
    owner: str | None
    context: Context
    policies: Policies
    semantics: Semantics
    endpoint_type: str | None = None
    governed: str | None = None
    """The resource as its own policies see it: the bucket behind an access point."""
    owner_organization: Organization = field(default_factory=Organization)

    @property
    def service(self) -> str:
        """The action's prefix."""
        return self.action.lower().partition(":")[0]

    @property
    def name(self) -> str:
        """The action's name in lower case."""
        return self.action.lower().partition(":")[2]

    @property
    def own_resource(self) -> str:
        """What the resource's own policies govern."""
        return self.governed or self.resource

    @property
    def resource_part(self) -> str:
        """The last part of the resource's ARN."""
        parts = split_arn(self.resource)
        return parts[5] if parts is not None else ""

    @property
    def resource_service(self) -> str:
        """The service of the resource's ARN."""
        parts = split_arn(self.resource)
        return parts[2] if parts is not None else ""

    @property
    def assumes_role(self) -> bool:
        """7.3: sts:AssumeRole* on a role, with the permission-only actions that go with it (ST-6)."""
        on_role = self.resource_service == "iam" and self.resource_part.startswith("role/")
        return on_role and self.action.lower() in (*ASSUME, *ASSUME_HELPERS)

    @property
    def uses_key(self) -> bool:
        """7.3: a KMS action on a key."""
        return (
            self.service == "kms" and self.resource_service == "kms" and self.resource_part.startswith("key/")
        )

    @property
    def resource_layer(self) -> str:
        """0.2: the resource-based layer of sts:AssumeRole* is the trust policy."""
        return "trust" if self.assumes_role else "resource"

    @property
    def same_account(self) -> bool:
        """7.1: the caller's account owns the resource."""
        return self.caller.account is not None and self.caller.account == self.owner

    def having(self, **changes: Any) -> Call:
        """Give the same call with something changed."""
        return replace(self, **changes)
