"""How are the policies behind a denial collected? The commands of the AWS CLI, filled in as far as the call is known.

Words in capitals are left to the reader. Everything that comes from AWS's text is quoted for the shell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from shlex import quote
from typing import Any

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
    def assumes_role(self) -> bool:
        """Does a trust policy decide about it?"""
        return self.service == "sts" and "assumerole" in (self.action or "").lower()

    @property
    def by_identity_provider(self) -> bool:
        """Does the caller come from an identity provider, so without AWS credentials?"""
        return self.assumes_role and (self.action or "").lower().endswith(("withsaml", "withwebidentity"))

    @property
    def has_policies(self) -> bool:
        """Does the caller have policies of its own, as far as one can tell?"""
        unknown = self.principal is None and not self.by_identity_provider
        return unknown or (self.principal is not None and self.principal.is_account_member)

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


def identity_commands(call: DeniedCall) -> Iterator[Command]:
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


def boundary_commands(call: DeniedCall) -> Iterator[Command]:
    if call.policy_arn and _is_iam_policy(call.policy_arn):
        yield Command("the policy that AWS named", _managed(call.policy_arn, "boundary.json"))
        return
    is_user = call.principal is not None and call.principal.kind is PrincipalKind.USER
    kind = "user" if is_user else "role"
    name = quote(call.principal.name) if call.principal and call.principal.name else kind.upper()
    query = f"{kind.title()}.PermissionsBoundary.PermissionsBoundaryArn"
    yield Command("its ARN", f"aws iam get-{kind} --{kind}-name {name} --query {query} --output text")
    yield Command("the policy", _managed("POLICY_ARN", "boundary.json"))


def session_commands(call: DeniedCall) -> Iterator[Command]:
    yield Command(
        "what was passed when the session began (requestParameters.policy and policyArns)",
        "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRole",
    )


def organization_commands(
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


# Other services whose resources may have policies; how to read them differs too much.
_WITH_RESOURCE_POLICIES = frozenset({
    "acm-pca", "aoss", "backup", "bedrock", "codeartifact", "codebuild", "elasticfilesystem", "es", "glue", "iot",
    "kafka", "kinesis", "lex", "logs", "mediastore", "s3-outposts", "s3express", "s3tables", "ses", "sts",
    "vpc-lattice",
})  # fmt: skip


def has_resource_policies(call: DeniedCall) -> bool:
    """May the resource have a policy? An unknown service's may."""
    return not call.service or call.service in _RESOURCE_POLICIES or call.service in _WITH_RESOURCE_POLICIES


def resource_commands(call: DeniedCall) -> Iterator[Command]:
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


def trust_commands(call: DeniedCall) -> Iterator[Command]:
    arn = call.arn
    name = quote(arn.resource.rpartition("/")[2]) if arn is not None else "ROLE"
    query = "--query Role.AssumeRolePolicyDocument"
    yield Command("the role's trust policy", f"aws iam get-role --role-name {name} {query} > trust.json")


def endpoint_commands(call: DeniedCall) -> Iterator[Command]:
    region = (call.arn.region if call.arn else "") or "REGION"
    values = quote(f"Name=service-name,Values=com.amazonaws.{region}.{call.service or 'SERVICE'}")
    line = f"aws ec2 describe-vpc-endpoints --filters {values} --query 'VpcEndpoints[0].PolicyDocument' --output text"
    yield Command("the policy of the endpoint in the caller's VPC", f"{line} > endpoint.json")


def authorizer_commands(call: DeniedCall) -> Iterator[Command]:
    test = "aws apigateway test-invoke-authorizer --rest-api-id {} --authorizer-id AUTHORIZER_ID"
    line = f"{test.format(_words(call)['first'])} --headers Authorization=TOKEN --query policy --output text"
    yield Command("what the authorizer returns for a token", f"{line} > authorizer.json")
