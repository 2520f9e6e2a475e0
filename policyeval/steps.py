"""Which single checks does a request consist of, and which policies bear on each of them?

A request may assume roles on the way (`via`), name several actions and resources, and carry further
checks (`also`); services add checks of their own (ServiceRules.companions). Every one is a `Step`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from policyeval.authorizers import rules_of
from policyeval.authorizers.s3 import S3Rules
from policyeval.compiler import CompiledPolicy, compile_policy
from policyeval.context import Context
from policyeval.decision import Decision, Effect, Layer
from policyeval.errors import PolicyError
from policyeval.evaluation import ServiceRules, decide
from policyeval.language.arn import parse_arn
from policyeval.language.policy import Policy
from policyeval.layers import Run, is_role_assumption
from policyeval.names import ActionName, ResourceName, parse_action, parse_resource
from policyeval.policy_set import ByAccount, Levels, Policies, PolicySet, RolePolicies
from policyeval.principal import Organization, Principal, PrincipalKind
from policyeval.records import Record, replace
from policyeval.request import CallKey, Hop, Request
from policyeval.request_context import Check
from policyeval.slices import Attached

Tags = tuple[tuple[str, str], ...]
_MOST_CALLERS = 16_384


class StepKind(Enum):
    """Why a check is made."""

    HOP = "hop"
    REQUEST = "request"
    ALSO = "also"
    COMPANION = "companion"


class Step(Record, eq=False):
    """One check with the policies that bear on it, and the service's rules.

    Every hop of a chain is a stage of its own, the request the last one: a stage that is denied ends it.
    """

    kind: StepKind
    check: Check
    attached: Mapping[Layer, Attached]
    rules: ServiceRules
    resource_check: Check | None = None
    stage: int = 0


class Caller(Record):
    """A principal with the policies that are its own."""

    principal: Principal
    layers: Mapping[Layer, Attached]


_ASSUME_ROLE = parse_action("sts:AssumeRole")
_ASSUMING = {
    PrincipalKind.SAML: parse_action("sts:AssumeRoleWithSAML"),
    PrincipalKind.WEB_IDENTITY: parse_action("sts:AssumeRoleWithWebIdentity"),
}


class Situation:
    """A policy set, compiled piece by piece as requests need it."""

    def __init__(self, policies: PolicySet, now: float | None = None) -> None:
        self.policies = policies
        self.now = now
        self._compiled: dict[int, CompiledPolicy] = {}
        self._attached: dict[object, Attached] = {}
        self._rules: dict[str, ServiceRules] = {}
        self._callers: dict[Principal, Caller] = {}

    # The steps of a request

    def steps(self, request: Request) -> Iterator[Step]:
        """Give the checks of a request in the order in which AWS makes them."""
        caller = self.caller(request)
        for stage, hop in enumerate(request.via):
            for step in self._hop(request, caller, hop):
                yield replace(step, kind=StepKind.HOP, stage=stage)
            caller = self._session(caller, hop, _first_account(request))
        for step in self._calls(request, caller):
            yield replace(step, stage=len(request.via)) if request.via else step

    def check(self, request: Request, caller: Caller) -> Check:
        """Make the check of a request that consists of one action on one resource."""
        return self._check(request, caller, request.actions[0], request.resources[0])

    def steps_of_call(self, check: Check, caller: Caller) -> Iterator[Step]:
        """Give the steps of a request that consists of one action on one resource."""
        return self._with_companions(StepKind.REQUEST, check, caller)

    def requests_are_alike(self, call: CallKey) -> bool:
        """Do the requests of a call differ by resource and context only? Roles of `roles` have tags of their own."""
        return not (self.policies.roles and call.head is not None and call.head.segments[1] == "iam")

    def in_full(self, request: Request) -> Decision:
        """Decide a request: allowed only if every check that it consists of is (R-41, A-13)."""
        return overall(decided(self.steps(request)))[1]

    def _calls(self, request: Request, caller: Caller) -> Iterator[Step]:
        for action in request.actions:
            for resource in request.resources:
                check = self._check(request, caller, action, resource)
                yield from self._with_companions(StepKind.REQUEST, check, caller)
        for also in request.also:
            check = self._check(
                request, caller, parse_action(also.action), parse_resource(also.resource),
                request.context.merged(also.context), also.resource_account or "",
            )  # fmt: skip
            yield from self._with_companions(StepKind.ALSO, check, caller)

    def _check(
        self,
        request: Request,
        caller: Caller,
        action: ActionName,
        resource: ResourceName,
        context: Context | None = None,
        owner: str | None = None,
    ) -> Check:
        """Make a check; an owner given as text (also an empty one) replaces the request's."""
        details = request.details
        return Check(
            caller.principal, action, resource, request.context if context is None else context,
            owner=(details.resource_account if owner is None else owner) or None,
            owner_organization=details.resource_organization,
            resource_tags=self._resource_tags(request, caller.principal, action, resource),
            time=request.time, now=self.now, endpoint=details.endpoint, endpoint_type=details.endpoint_type,
            boundary_attached=Layer.BOUNDARY in caller.layers,
        )  # fmt: skip

    def _resource_tags(
        self, request: Request, caller: Principal, action: ActionName, resource: ResourceName
    ) -> Tags:
        if not self.rules(action.service).sees_resource_tags(action):
            return ()
        role = self.policies.roles.get(resource.text)
        tags = dict(request.details.resource_tags or (role.tags if role is not None else ()))
        if action.lower == _ASSUME_ROLE.lower:
            inherited = {name.lower(): value for name, value in caller.transitive_tags}
            # §11: an inherited tag replaces the role's own of the same name
            tags = {name: inherited.get(name.lower(), value) for name, value in tags.items()}
        return tuple(tags.items())

    def _with_companions(self, kind: StepKind, check: Check, caller: Caller) -> Iterator[Step]:
        step = self._step(kind, check, caller)
        yield step
        for companion in step.rules.companions(step.check):
            yield self._step(StepKind.COMPANION, companion, caller)
        if isinstance(step.rules, S3Rules):
            yield from self._bucket_behind_access_point(step, caller)

    def _step(self, kind: StepKind, check: Check, caller: Caller) -> Step:
        rules = self.rules(check.service)
        check = rules.completed(check)
        attached = self._attached_to(check, caller, rules, self._resource_policies(check))
        view = rules.resource_view(check)
        return Step(kind, check, attached, rules, None if view is check else view)

    def _bucket_behind_access_point(self, step: Step, caller: Caller) -> Iterator[Step]:
        """S3-6: the bucket's own policy must agree to a request through an access point."""
        rules = step.rules
        view = rules.bucket_view(step.check) if isinstance(rules, S3Rules) else None
        if view is not None:
            name = self._name_of_policies(view)
            policies = None if name is None else self.policies.resources[name]
            attached = self._attached_to(step.check, caller, rules, policies, view)
            yield Step(StepKind.COMPANION, step.check, attached, rules, view)

    # Callers

    def caller(self, request: Request) -> Caller:
        """Give the caller who makes a request, or its first hop, with the policies that are the caller's own."""
        principal = request.principal
        if principal not in self._callers:
            if len(self._callers) >= _MOST_CALLERS:
                self._callers.clear()
            self._callers[principal] = self._caller(principal)
        return self._callers[principal]

    def _caller(self, principal: Principal) -> Caller:
        policies, role = self.policies, self._listed_role(principal)
        if policies.session and principal.account is not None and not principal.session_policy_is_possible:
            raise PolicyError(f"a session policy is given, but {principal} has no session that could carry one",
                              help="remove it, or let a role session or a federated user call")  # fmt: skip
        if role is not None and not principal.tags:
            principal = replace(principal, tags=role.tags)
        identity = policies.identity or (role.identity if role else ())
        boundary = policies.boundary if policies.boundary is not None or role is None else role.boundary
        session = self._one_level(policies.session) if policies.session else None
        return Caller(principal, self._caller_layers(principal, identity, boundary, session, True))

    def _caller_layers(
        self,
        principal: Principal,
        identity: Policies,
        boundary: Policies | None,
        session: Attached | None,
        first: bool,
    ) -> dict[Layer, Attached]:
        layers = {Layer.IDENTITY: self._one_level(identity)}
        if boundary is not None:
            layers[Layer.BOUNDARY] = self._one_level(boundary)
        if session is not None:
            layers[Layer.SESSION] = session
        levels = _levels_of(self.policies.scp, principal.account, first)
        if levels:
            layers[Layer.SCP] = self._levels(levels)
        return layers

    def _listed_role(self, principal: Principal) -> RolePolicies | None:
        """Find the role of a session in `roles`: by its ARN, else by account and name."""
        if principal.kind is not PrincipalKind.ROLE_SESSION:
            return None
        if principal.role_arn is not None:
            return self.policies.roles.get(principal.role_arn)
        for text, role in self.policies.roles.items():
            arn = parse_arn(text)
            named = arn is not None and (arn.partition, arn.account) == (
                principal.partition,
                principal.account,
            )
            if arn is not None and named and arn.resource.rpartition("/")[2] == principal.name:
                return role
        return None

    # Chains of roles

    def _hop(self, request: Request, caller: Caller, hop: Hop) -> Iterator[Step]:
        """Check that the caller may assume the role; endpoint and RCPs of the request's own resource stay out."""
        action = _ASSUMING.get(caller.principal.kind, _ASSUME_ROLE)
        call = Request(caller.principal, action.text, hop.role, _hop_context(hop),
                       time=request.time)  # fmt: skip
        check = self._check(call, caller, action, parse_resource(hop.role))
        unrelated = {Layer.ENDPOINT}
        if not isinstance(self.policies.rcp, Mapping) and check.owner != _owner_of(request):
            unrelated.add(Layer.RCP)
        for step in self._with_companions(StepKind.HOP, check, caller):
            yield replace(
                step, attached={layer: it for layer, it in step.attached.items() if layer not in unrelated}
            )

    def _session(self, caller: Caller, hop: Hop, first_account: str) -> Caller:
        """Make the session that a hop gives."""
        arn, before = hop.arn, caller.principal
        role = self.policies.roles.get(hop.role, RolePolicies())
        name = arn.resource.rpartition("/")[2]
        principal = Principal(
            PrincipalKind.ROLE_SESSION,
            f"arn:{arn.partition}:sts::{arn.account}:assumed-role/{name}/{hop.session_name}",
            arn.account, arn.partition, name, role_arn=hop.role, session_name=hop.session_name, tags=role.tags,
            session_tags=tuple((dict(hop.tags) | dict(before.transitive_tags)).items()),
            transitive_tags=_passed_on(hop, before),
            source_identity=hop.source_identity or before.source_identity,
            organization=_organization_of_session(before, arn.account),
        )  # fmt: skip
        given = () if hop.session_policy is None else PolicySet(session=hop.session_policy).session or ()
        # The request's own policies are not kept: another request may bring others.
        compiled = tuple(compile_policy(policy, self.policies.semantics) for policy in given)
        session = Attached((compiled,)) if compiled else None
        layers = self._caller_layers(
            principal, role.identity, role.boundary, session, first=arn.account == first_account
        )
        return Caller(principal, layers)

    # Layers

    def rules(self, service: str) -> ServiceRules:
        """Give the rules of a service for this policy set."""
        if service not in self._rules:
            self._rules[service] = rules_of(service, self.policies.settings, self.policies.semantics)
        return self._rules[service]

    def _attached_to(
        self,
        check: Check,
        caller: Caller,
        rules: ServiceRules,
        resource: Policies | None,
        view: Check | None = None,
    ) -> dict[Layer, Attached]:
        layers = dict(caller.layers)
        extra = rules.resource_policies(view or check)
        if resource is not None or extra:
            name = Layer.TRUST if is_role_assumption(check) else Layer.RESOURCE
            layers[name] = self._one_level((resource or ()) + extra)
        rcp = self._rcp_levels(check)
        if rcp:
            layers[Layer.RCP] = self._levels(rcp)
        if self.policies.endpoint is not None:
            layers[Layer.ENDPOINT] = self._one_level(self.policies.endpoint)
        return {layer: attached for layer, attached in layers.items() if rules.applies(layer, check)}

    def _rcp_levels(self, check: Check) -> Levels:
        """The RCPs of the owner's account, of the caller's for calls without resource (§11); all if unknown."""
        given, caller = self.policies.rcp, check.principal
        account = check.owner or (caller.account if caller.is_account_member else None)
        if isinstance(given, Mapping) and account is None:
            return tuple(level for levels in given.values() for level in levels)
        return _levels_of(given, account, True)

    def _resource_policies(self, check: Check) -> Policies | None:
        """Find the policy of the resource: a role's trust policy, else by ARN, else the one given (UX §1)."""
        policies = self.policies
        if is_role_assumption(check):
            role = policies.roles.get(check.resource.text) if policies.roles else None
            given = (role.trust if role else None, policies.trust, policies.resource)
            return next((found for found in given if found is not None), None)
        name = check.ask(self._name_of_policies) if policies.resources else None
        return policies.resource if name is None else policies.resources[name]

    def _name_of_policies(self, check: Check) -> str | None:
        """Look in `resources` for the ARN itself, or for the resource that it is a part of."""
        named, resource = self.policies.resources, check.resource
        if resource.head is None or resource.text in named:
            return resource.text if resource.head is not None else None
        return next((arn for arn in _containers(resource.text) if arn in named), None)

    def _one_level(self, policies: Policies) -> Attached:
        return self._levels((policies,))

    def _levels(self, levels: Levels) -> Attached:
        key = tuple(tuple(id(policy) for policy in level) for level in levels)
        if key not in self._attached:
            self._attached[key] = Attached(tuple(tuple(map(self._compile, level)) for level in levels))
        return self._attached[key]

    def _compile(self, policy: Policy) -> CompiledPolicy:
        if id(policy) not in self._compiled:
            self._compiled[id(policy)] = compile_policy(policy, self.policies.semantics)
        return self._compiled[id(policy)]


def _containers(arn: str) -> Iterator[str]:
    """Name what a resource may be a part of: `…:bucket/key` of the bucket, `…table/T/index/I` of the table."""
    for separator in ("/object/", "/index/", "/stream/", ":log-stream:"):
        head, found, _ = arn.partition(separator)
        if found:
            yield head
    if ":s3:::" in arn or ":execute-api:" in arn:
        yield arn.partition("/")[0]


def _levels_of(given: Levels | ByAccount | None, account: str | None, is_listed: bool) -> Levels:
    """Choose the levels of an account; a bare list is about the account at hand."""
    if isinstance(given, Mapping):
        return given.get(account or "", ())
    return (given or ()) if is_listed else ()


def _owner_of(request: Request) -> str:
    """The account whose RCPs a bare list holds: the owner of the request's own resource (R-43)."""
    head = request.resources[0].head
    return request.details.resource_account or (head and head.account_id) or request.via[-1].account


def _first_account(request: Request) -> str:
    """The account whose SCPs a bare list holds: the first caller's, or that of the first role."""
    principal = request.principal
    return (principal.account if principal.is_account_member else None) or request.via[0].account


def _organization_of_session(before: Principal, account: str) -> Organization | None:
    """A role of the caller's own account is in the caller's organization; of other accounts nothing is known."""
    return before.organization if before.account == account else None


def _passed_on(hop: Hop, before: Principal) -> Tags:
    """Transitive tags stay with the chain; a hop adds its own (ST-7)."""
    transitive = {key.lower() for key in hop.transitive_tags}
    added = {key: value for key, value in hop.tags if key.lower() in transitive}
    return tuple((added | dict(before.transitive_tags)).items())


def _hop_context(hop: Hop) -> Context:
    """What the AssumeRole call of a hop carries (ST-6, ST-13)."""
    given: dict[str, object] = {"sts:RoleSessionName": hop.session_name}
    given |= {f"aws:RequestTag/{key}": value for key, value in hop.tags}
    if hop.tags:
        given["aws:TagKeys"] = [key for key, _ in hop.tags]
    if hop.transitive_tags:
        given["sts:TransitiveTagKeys"] = list(hop.transitive_tags)
    if hop.source_identity:
        given["sts:SourceIdentity"] = hop.source_identity
    return Context(given).merged(hop.context)


def decided(steps: Iterable[Step]) -> Iterator[tuple[Step, Decision]]:
    """Decide steps as they come."""
    for step in steps:
        yield step, decide(Run(step.check, step.attached, step.resource_check), step.rules)


def overall(decisions: Iterable[tuple[Step, Decision]]) -> tuple[Step, Decision]:
    """Combine the decisions of a request's steps (R-41, A-13).

    The first stage that is denied ends it: by an explicit deny if any is, else by the first deny. What
    is allowed is allowed by the first step of the last stage.
    """
    found: tuple[Step, Decision] | None = None
    for step, decision in decisions:
        if found is not None and step.stage != found[0].stage:
            if not found[1].allowed:
                return found
            found = None
        if found is None or _outweighs(decision, found[1]):
            found = step, decision
    if found is None:
        raise AssertionError("a request has at least one step")
    return found


def _outweighs(decision: Decision, other: Decision) -> bool:
    if other.effect is Effect.ALLOW:
        return decision.effect is not Effect.ALLOW
    return decision.effect is Effect.EXPLICIT_DENY and other.effect is not Effect.EXPLICIT_DENY
