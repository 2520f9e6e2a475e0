"""AWS named a layer: where is it, who owns it, what is to be collected? One row per layer, commands included.

The commands are those of the AWS CLI; what they need of a denial is filled in, words in capitals are left to
the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from shlex import quote
from typing import Any

from policyeval.decision import Effect, Layer, Reason, reason
from policyeval.language.arn import Arn, parse_arn
from policyeval.principal import Principal, PrincipalKind


@dataclass(frozen=True)
class DeniedCall:
    """What is known of a call that AWS denied, and the policy that it named."""

    principal: Principal | None = None
    action: str | None = None
    resource: str | None = None
    policy_arn: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arn(self) -> Arn | None:
        """The resource's ARN."""
        return parse_arn(self.resource or "")

    @property
    def service(self) -> str:
        """The prefix of the action's service."""
        return (self.action or "").partition(":")[0].lower()

    @property
    def account(self) -> str:
        """The caller's account, or a word in its place."""
        return (self.principal.account if self.principal else None) or "CALLER_ACCOUNT"

    @property
    def owner(self) -> str:
        """The resource's account, or a word in its place."""
        return (self.arn.account_id if self.arn else None) or "RESOURCE_ACCOUNT"


@dataclass(frozen=True)
class Command:
    """A command of the AWS CLI, and what it is for."""

    about: str
    line: str


@dataclass(frozen=True)
class Advice:
    """What to know about a layer: where it is, whose it is, how to get it, and how to give it to `check`."""

    place: str
    owner: str
    option: str
    file: str
    commands: Callable[[DeniedCall], Iterator[Command]]
    notes: tuple[str, ...] = ()


def advice(layer: Layer, call: DeniedCall) -> Advice:
    """Find what to know about a layer; a layer that AWS never names is looked at like the resource's policy."""
    if layer is Layer.IDENTITY and call.service == "execute-api" and _is_anonymous(call):
        return _AUTHORIZER
    return _ADVICE.get(layer, _ADVICE[Layer.RESOURCE])


def _is_anonymous(call: DeniedCall) -> bool:
    return call.principal is not None and call.principal.is_anonymous


def reason_of(layer: Layer, effect: Effect | None) -> Reason | None:
    """Find our row of reasons for what AWS said."""
    kind = {Effect.EXPLICIT_DENY: "explicit-deny", Effect.IMPLICIT_DENY: "no-allow"}.get(
        effect or Effect.ALLOW
    )
    return reason(f"{layer.value}-{kind}") if kind else None


def suspects(call: DeniedCall, layer: Layer | None) -> tuple[Layer, ...]:
    """List the layers whose policies to collect: the one that AWS named, else those that deny most often."""
    if layer is not None:
        return (layer,)
    caller = call.principal
    has_policies = caller is None or caller.is_account_member
    own = (Layer.IDENTITY, Layer.BOUNDARY, Layer.SCP) if has_policies else ()
    if call.service == "sts" and call.arn is not None:
        return (*own[:1], Layer.TRUST, *own[1:])
    return (*own[:1], Layer.RESOURCE, *own[1:])


def check_command(call: DeniedCall, layers: tuple[Layer, ...]) -> str:
    """Write the command line that decides the call once the policies are there."""
    caller = call.principal
    needs_identity = Layer.IDENTITY not in layers and (caller is None or caller.is_account_member)
    files = [*([Layer.IDENTITY] if needs_identity else []), *layers]
    parts = [_file_option(advice(layer, call), call) for layer in files]
    parts.append(f"--principal {quote(_shown(caller))}")
    parts.append(f"--action {quote(call.action or 'SERVICE:ACTION')}")
    parts.append(f"--resource {quote(call.resource or 'RESOURCE_ARN')}")
    for key, value in call.context.items():
        values = value if isinstance(value, (list, tuple)) else [value]
        parts += [f"--context {quote(f'{key}={one}')}" for one in values]
    return "policyeval check " + " \\\n  ".join(parts)


def _file_option(known: Advice, call: DeniedCall) -> str:
    """Name the file that the commands made; of an organization's policies a directory, unless AWS named one."""
    named = call.policy_arn is not None and ":organizations:" in call.policy_arn
    file = known.file if named else known.file.replace("scp.json", "scp/").replace("rcp.json", "rcp/")
    return f"{known.option} {file}".strip()


def _shown(caller: Principal | None) -> str:
    if caller is None:
        return "CALLER_ARN"
    return (caller.role_arn or str(caller)) if caller.is_unknown_session else str(caller)


# How to get the policies of each layer


def _managed(arn: str, file: str) -> str:
    """Write the command for the default version of a managed policy."""
    shown = arn if arn == "POLICY_ARN" else quote(arn)
    version = f'"$(aws iam get-policy --policy-arn {shown} --query Policy.DefaultVersionId --output text)"'
    return (
        f"aws iam get-policy-version --policy-arn {shown} --version-id {version} "
        f"--query PolicyVersion.Document > {file}"
    )


def _is_iam_policy(arn: str | None) -> bool:
    found = parse_arn(arn or "")
    return found is not None and found.service == "iam" and found.resource.startswith("policy/")


def _identity(call: DeniedCall) -> Iterator[Command]:
    if call.policy_arn and _is_iam_policy(call.policy_arn):
        yield Command("the policy that AWS named", _managed(call.policy_arn, "identity.json"))
        return
    caller = call.principal
    kind, name = (
        ("user", "USER") if caller is not None and caller.kind is PrincipalKind.USER else ("role", "ROLE")
    )
    name = quote(caller.name) if caller is not None and caller.name else name
    option = f"--{kind}-name {name}"
    yield Command("the managed policies", f"aws iam list-attached-{kind}-policies {option}")
    yield Command("each of them", _managed("POLICY_ARN", "identity.json"))
    yield Command("the inline policies", f"aws iam list-{kind}-policies {option}")
    inline = f"aws iam get-{kind}-policy {option} --policy-name NAME --query PolicyDocument > inline.json"
    yield Command("each of them", inline)
    if kind == "user":
        yield Command("its groups, which have policies, too", f"aws iam list-groups-for-user {option}")


def _boundary(call: DeniedCall) -> Iterator[Command]:
    if call.policy_arn and _is_iam_policy(call.policy_arn):
        yield Command("the policy that AWS named", _managed(call.policy_arn, "boundary.json"))
        return
    is_user = call.principal is not None and call.principal.kind is PrincipalKind.USER
    kind = "user" if is_user else "role"
    name = quote(call.principal.name) if call.principal and call.principal.name else kind.upper()
    query = f"{kind.title()}.PermissionsBoundary.PermissionsBoundaryArn"
    yield Command("its ARN", f"aws iam get-{kind} --{kind}-name {name} --query {query} --output text")
    yield Command("the policy", _managed("POLICY_ARN", "boundary.json"))


def _session(call: DeniedCall) -> Iterator[Command]:
    yield Command(
        "what was passed when the session began (requestParameters.policy and policyArns)",
        "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRole",
    )


def _organization(
    file: str, filter: str, account: Callable[[DeniedCall], str]
) -> Callable[..., Iterator[Command]]:
    describe = "aws organizations describe-policy --policy-id {} --query Policy.Content --output text > {}"

    def commands(call: DeniedCall) -> Iterator[Command]:
        named = parse_arn(call.policy_arn or "")
        if named is not None and named.service == "organizations":
            policy = named.resource.rpartition("/")[2]
            about = f"the policy that AWS named, with credentials of account {named.account}"
            yield Command(about, describe.format(quote(policy), f"{file}.json"))
            return
        target = account(call)
        about = "those of the account, with credentials of the management account"
        listed = f"aws organizations list-policies-for-target --filter {filter} --target-id"
        yield Command(about, f"{listed} {target}")
        yield Command("what is above it: once more for each, up to the root",
                      f"aws organizations list-parents --child-id {target}")  # fmt: skip
        yield Command("each policy, a directory for each level, root first",
                      describe.format("POLICY_ID", f"{file}/1-root/POLICY_ID.json"))  # fmt: skip

    return commands


# service → how its policies are read; the words in braces are those of `_words`
_RESOURCE_POLICIES = {
    "dynamodb": "aws dynamodb get-resource-policy --resource-arn {arn} --query Policy --output text",
    "ecr": "aws ecr get-repository-policy --repository-name {name} --query policyText --output text",
    "events": "aws events describe-event-bus --name {name} --query Policy --output text",
    "execute-api": "aws apigateway get-rest-api --rest-api-id {first} --query policy --output text",
    "glacier": "aws glacier get-vault-access-policy --account-id - --vault-name {name} --query policy.Policy "
               "--output text",
    "kms": "aws kms get-key-policy --key-id {arn} --policy-name default --query Policy --output text",
    "lambda": "aws lambda get-policy --function-name {arn} --query Policy --output text",
    "s3": "aws s3api get-bucket-policy --bucket {first} --query Policy --output text",
    "secretsmanager": "aws secretsmanager get-resource-policy --secret-id {arn} --query ResourcePolicy --output text",
    "sns": "aws sns get-topic-attributes --topic-arn {arn} --query Attributes.Policy --output text",
    "sqs": "aws sqs get-queue-attributes --queue-url {queue} --attribute-names Policy --query Attributes.Policy "
           "--output text",
}  # fmt: skip


def _resource(call: DeniedCall) -> Iterator[Command]:
    template = _RESOURCE_POLICIES.get(call.service)
    if template is None:
        return
    about = (
        f"with credentials of account {call.owner}"
        if call.owner.isdigit()
        else "with credentials of its owner"
    )
    yield Command(f"the resource's policy, {about}", f"{template.format(**_words(call))} > resource.json")
    if call.service == "s3":
        bucket = _words(call)["first"]
        line = f"aws s3api get-public-access-block --bucket {bucket}"
        yield Command("whether public access is blocked", line)
        line = f"aws s3api get-bucket-ownership-controls --bucket {bucket}"
        yield Command("whether ACLs count", line)


def _words(call: DeniedCall) -> dict[str, str]:
    """Give the words that commands about a resource need."""
    arn = call.arn
    if arn is None:
        return dict.fromkeys(("arn", "queue"), "RESOURCE_ARN") | dict.fromkeys(("first", "name"), "NAME")
    queue = f"https://sqs.{arn.region}.amazonaws.com/{arn.account}/{arn.resource}"
    first, _, rest = arn.resource.partition("/")
    return {
        "arn": quote(arn.text),
        "first": quote(first),
        "name": quote(rest or first),
        "queue": quote(queue),
    }


def _trust(call: DeniedCall) -> Iterator[Command]:
    arn = call.arn
    name = quote(arn.resource.rpartition("/")[2]) if arn is not None else "ROLE"
    query = "--query Role.AssumeRolePolicyDocument"
    yield Command("the role's trust policy", f"aws iam get-role --role-name {name} {query} > trust.json")


def _endpoint(call: DeniedCall) -> Iterator[Command]:
    region = (call.arn.region if call.arn else "") or "REGION"
    values = quote(f"Name=service-name,Values=com.amazonaws.{region}.{call.service or 'SERVICE'}")
    line = f"aws ec2 describe-vpc-endpoints --filters {values} --query 'VpcEndpoints[0].PolicyDocument' --output text"
    yield Command("the policy of the endpoint in the caller's VPC", f"{line} > endpoint.json")


def _authorizer(call: DeniedCall) -> Iterator[Command]:
    test = "aws apigateway test-invoke-authorizer --rest-api-id {} --authorizer-id AUTHORIZER_ID"
    line = f"{test.format(_words(call)['first'])} --headers Authorization=TOKEN --query policy --output text"
    yield Command("what the authorizer returns for a token", f"{line} > authorizer.json")


_AUTHORIZER = Advice(
    "the policy that the API's Lambda authorizer returned for this token",
    "whoever wrote the authorizer function", "", "api.yaml", _authorizer,
    ("api.yaml is a policy set: {identity: authorizer.json, settings: {apigateway: {authorizer: LAMBDA}}}",
     "an authorizer's answer is remembered for its TTL, for all methods: let it name every method of the API"),
)  # fmt: skip

_ORGANIZATION = "the administrators of the organization; nobody in the account can change it"

_ADVICE = {
    Layer.IDENTITY: Advice(
        "the policies attached to the caller: managed and inline ones, and those of a user's groups",
        "whoever administers the caller in its account", "--identity", "identity.json", _identity,
        ("a role's session has the policies of the role",),
    ),
    Layer.RESOURCE: Advice(
        "the policy on the resource itself: bucket policy, key policy, queue policy …",
        "the owner of the resource, which may be another account", "--resource-policy", "resource.json", _resource,
    ),
    Layer.TRUST: Advice(
        "the trust policy of the role that is to be assumed",
        "whoever administers the role, in the role's account", "--trust-policy", "trust.json", _trust,
        ("across accounts and in one, the caller must be named there, or its account",),
    ),
    Layer.BOUNDARY: Advice(
        "the permissions boundary of the user or role, one managed policy",
        "whoever sets the boundaries in the caller's account, often a platform team", "--boundary", "boundary.json",
        _boundary, ("a boundary grants nothing: an identity-based policy must allow the call as well",),
    ),
    Layer.SESSION: Advice(
        "the policy that was passed when the session began (AssumeRole, GetFederationToken, IAM Identity Center)",
        "whoever makes the session: the code, tool or broker that assumes the role", "--session-policy", "session.json",
        _session, ("a session policy grants nothing: the role's policies must allow the call as well",),
    ),
    Layer.SCP: Advice(
        "the service control policies of the caller's account, of each OU above it and of the root",
        _ORGANIZATION, "--scp", "scp.json", _organization("scp", "SERVICE_CONTROL_POLICY", lambda call: call.account),
        ("AWS may say `explicit deny` of service control policies also where none of a level allows the action",),
    ),
    Layer.RCP: Advice(
        "the resource control policies of the resource's account, of each OU above it and of the root",
        _ORGANIZATION, "--rcp", "rcp.json", _organization("rcp", "RESOURCE_CONTROL_POLICY", lambda call: call.owner),
    ),
    Layer.ENDPOINT: Advice(
        "the policy of the VPC endpoint that the call came through",
        "whoever administers the VPC, often a network team", "--endpoint-policy", "endpoint.json", _endpoint,
    ),
}  # fmt: skip
