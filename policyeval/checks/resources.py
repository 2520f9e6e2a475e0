"""Are the resources of a statement ARNs that can exist? (SEMANTICS §3)"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, partial

from policyeval.catalog.regions import PARTITIONS, REGIONS
from policyeval.checks.check import ERROR, LATER, OURS, SUGGESTION, WARNING, Change, Fix, Found, check
from policyeval.checks.meeting import formats_meeting
from policyeval.checks.subject import Entry, StatementView, Subject
from policyeval.diagnostics import did_you_mean
from policyeval.records import Record

_WILD = re.compile(r"[*?]|\$\{")
_ACCOUNT = re.compile(r"[0-9]{12}|aws|")
_VARIABLE_IN_HEAD = re.compile(r"[^:]*:([^:$]*:){0,3}[^:$]*\$\{")
_API_SHORT_FORM = "execute-api:/"
# Resources of AWS that everybody may use; their account is left empty: service and start of the resource.
_AWS_OWNED = ("ssm:", "resource-explorer-2:view/AWSServiceView")
_BUCKET_POLICY = {"Principal": {"AWS": "111122223333"}}


class ArnEntry(Record):
    """An entry of Resource that is an ARN with all six parts."""

    entry: Entry
    partition: str
    service: str
    region: str
    account: str
    resource: str

    def part(self, field: int) -> tuple[int, int]:
        """Say from where to where a part stands: 1 partition, 2 service, 3 region, 4 account, 5 resource."""
        parts = self.entry.text.split(":", 5)
        start = sum(len(one) + 1 for one in parts[:field])
        return start, start + len(parts[field])


def resource_entries(policy: Subject) -> Iterator[tuple[StatementView, Entry]]:
    """Walk every entry of Resource and NotResource that is not made of `*` alone."""
    for statement in policy.statements:
        for entry in statement.resource.entries if statement.resource else ():
            if entry.text.strip("*"):
                yield statement, entry


def arn_entries(policy: Subject) -> Iterator[ArnEntry]:
    """Walk the entries that are full ARNs with a known or variable partition."""
    for _, entry in resource_entries(policy):
        parts = entry.text.split(":", 5)
        if len(parts) == 6 and parts[0] == "arn" and not _VARIABLE_IN_HEAD.match(entry.text):
            yield ArnEntry(entry, *parts[1:])


def _known_formats(arn: ArnEntry) -> tuple[tuple[str, ...], ...]:
    """Give the formats that the resource part fits; nothing when the service is unknown or a pattern."""
    if _WILD.search(arn.service) or arn.service != arn.service.lower():
        return ()
    return formats_meeting(arn.service, arn.resource) or ()


def _is_variable(text: str) -> bool:
    return _WILD.search(text) is not None


@check(
    "INVALID_ARN_PREFIX", ERROR, "a resource that is no ARN",
    "A resource is `*` or an ARN, which starts with `arn:`. Anything else matches nothing.",
    bad={"Resource": "aws:s3:::logs/*"}, mark='"aws:s3:::logs/*"', good={},
)  # fmt: skip
def invalid_arn_prefix(policy: Subject) -> Iterator[Found]:
    """R-9."""
    for _, entry in resource_entries(policy):
        short = entry.text.startswith(_API_SHORT_FORM) and policy.layer == "resource"
        if entry.text.split(":", 1)[0] != "arn" and not short:
            help = "write `arn:partition:service:region:account:resource`, or `*`"
            yield Found(entry.path, f"`{entry.text}` is no ARN", help)


@check(
    "MISSING_ARN_FIELD", ERROR, "an ARN with fewer than six parts",
    "An ARN has six parts between colons: arn, partition, service, region, account, resource. What a shorter one "
    "matches depends on the policy type: in identity-based policies it is filled up with wildcards, elsewhere it "
    "matches nothing.",
    bad={"Resource": "arn:aws:s3:logs"}, mark='"arn:aws:s3:logs"', good={},
)  # fmt: skip
def missing_arn_field(policy: Subject) -> Iterator[Found]:
    """R-10."""
    for _, entry in resource_entries(policy):
        parts = entry.text.split(":", 5)
        if parts[0] == "arn" and len(parts) < 6:
            message = f"`{entry.text}` has {len(parts)} of an ARN's six parts"
            yield Found(entry.path, message, "write `arn:partition:service:region:account:resource`")


@check(
    "INVALID_PARTITION", ERROR, "an ARN of a partition that does not exist",
    "The partition is `aws`, `aws-cn`, `aws-us-gov` or one of the isolated ones.",
    bad={"Resource": "arn:amazon:s3:::logs/*"}, mark="amazon", good={"Resource": "arn:aws-cn:s3:::logs/*"},
)  # fmt: skip
def invalid_partition(policy: Subject) -> Iterator[Found]:
    """R-11."""
    for arn in arn_entries(policy):
        if arn.partition not in PARTITIONS and not _is_variable(arn.partition):
            near = did_you_mean(arn.partition, PARTITIONS)
            help = f"did you mean `{near}`?" if near else f"the partitions are {', '.join(PARTITIONS)}"
            yield Found(arn.entry.path, f"unknown partition `{arn.partition}`", help, part=arn.part(1))


@check(
    "INVALID_ARN_SERVICE_CASE", ERROR, "a service written in capitals in an ARN",
    "The service in an ARN is written in small letters.",
    bad={"Resource": "arn:aws:S3:::logs/*"}, mark="S3", good={},
)  # fmt: skip
def invalid_arn_service_case(policy: Subject) -> Iterator[Found]:
    """R-5: what is compared ignores the case, so that mending it is safe."""
    for arn in arn_entries(policy):
        lower = arn.service.lower()
        if arn.service != lower and "${" not in arn.service:
            start, end = arn.part(2)
            text = arn.entry.text[:start] + lower + arn.entry.text[end:]
            fix = Fix(f"write {lower}", (Change("replace", arn.entry.path, text),), safe=True)
            message = f"the service `{arn.service}` has capitals"
            yield Found(arn.entry.path, message, f"write `{lower}`", part=(start, end), fix=fix)


@check(
    "INVALID_ARN_RESOURCE", ERROR, "a resource part that fits no resource of the service",
    "The part of the ARN behind the account has a form of its own for each kind of resource of a service.",
    bad={"Action": "iam:GetRole", "Resource": "arn:aws:iam::111122223333:rolle/admin"}, mark="rolle/admin",
    good={"Action": "iam:GetRole", "Resource": "arn:aws:iam::111122223333:role/admin"},
)  # fmt: skip
def invalid_arn_resource(policy: Subject) -> Iterator[Found]:
    """R-11, on the data of all services."""
    for arn in arn_entries(policy):
        if _is_variable(arn.service) or arn.service != arn.service.lower() or _is_root(arn):
            continue
        if formats_meeting(arn.service, arn.resource) == () and _is_known_kind(arn):
            message = f"{arn.service} has no resource `{arn.resource}`"
            yield Found(arn.entry.path, message, _format_help(arn), part=arn.part(5))


@check(
    "UNKNOWN_RESOURCE_TYPE", WARNING, "a kind of resource that the data does not know",
    "The word in front of the first separator is none of the service's kinds of resources in the data, and resembles "
    "none. It may be newer than the data, or never have been listed.",
    bad={"Action": "iam:GetRole", "Resource": "arn:aws:iam::111122223333:hologram/admin"}, mark="hologram/admin",
    good={"Action": "iam:GetRole", "Resource": "arn:aws:iam::111122223333:role/admin"}, origin=OURS,
)  # fmt: skip
def unknown_resource_type(policy: Subject) -> Iterator[Found]:
    """What resembles a kind of resource is INVALID_ARN_RESOURCE."""
    for arn in arn_entries(policy):
        if _is_variable(arn.service) or arn.service != arn.service.lower() or _is_root(arn):
            continue
        if formats_meeting(arn.service, arn.resource) == () and not _is_known_kind(arn):
            message = f"{arn.service} has no resource `{arn.resource}` in the data"
            yield Found(arn.entry.path, message, _format_help(arn), part=arn.part(5))


def _is_known_kind(arn: ArnEntry) -> bool:
    """Is the word at the start a kind of resource, or nearly one?"""
    from policyeval.checks.actions import is_one_mistake
    from policyeval.checks.meeting import formats_of

    kinds = {_kind(parts[5]).lower() for parts in formats_of(arn.service) or ()}
    word = _kind(arn.resource).lower()
    return word in kinds or any(is_one_mistake(word, kind) for kind in kinds if kind)


def _kind(resource: str) -> str:
    """Take the first word of a resource part."""
    return next((word for word in re.split(r"[/:]", resource) if word), "")


def _is_root(arn: ArnEntry) -> bool:
    return arn.service == "iam" and arn.resource == "root"


def _format_help(arn: ArnEntry) -> str:
    from policyeval.checks.meeting import formats_of

    known = [parts[5] for parts in formats_of(arn.service) or ()]
    heads = {text: re.split(r"[/:$]", text, maxsplit=1)[0] for text in known}
    near = did_you_mean(
        re.split(r"[/:]", arn.resource, maxsplit=1)[0], sorted({h for h in heads.values() if h})
    )
    shown = [text for text in known if near and heads[text] == near] or known
    return f"its resources are `{'`, `'.join(sorted(set(shown))[:4])}`{' …' if len(set(shown)) > 4 else ''}"


@check(
    "INVALID_ARN_REGION", ERROR, "an ARN of a region that does not exist",
    "The region is one of AWS's, a pattern that matches one, or empty where the service has none.",
    bad={"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-easy-1:111122223333:jobs"}, mark="us-easy-1",
    good={"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:111122223333:jobs"},
)  # fmt: skip
def invalid_arn_region(policy: Subject) -> Iterator[Found]:
    """The list of regions is dated in catalog/regions.py."""
    for arn in arn_entries(policy):
        if arn.region and "${" not in arn.region and not is_region_pattern(arn.region):
            near = did_you_mean(arn.region, sorted(REGIONS))
            help = f"did you mean `{near}`?" if near else "write a region, or `*`"
            yield Found(arn.entry.path, f"there is no region `{arn.region}`", help, part=arn.part(3))


def is_region_pattern(text: str) -> bool:
    """Is the text a region, or a pattern that matches one?"""
    from policyeval.language.patterns import glob

    return text in REGIONS or (_is_variable(text) and any(map(glob(text).matches, REGIONS)))


@check(
    "INVALID_ARN_ACCOUNT", ERROR, "an account that is not twelve digits",
    "The account of an ARN is an id of twelve digits, `*`, `aws` for what AWS owns, or empty where the "
    "service has none.",
    bad={"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:1234:jobs"}, mark="1234",
    good={"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:111122223333:jobs"},
)  # fmt: skip
def invalid_arn_account(policy: Subject) -> Iterator[Found]:
    """A few services put a word in this place: what their format says is right."""
    for arn in arn_entries(policy):
        if _ACCOUNT.fullmatch(arn.account) or _is_variable(arn.account):
            continue
        if not any(parts[4] == arn.account for parts in _known_formats(arn)):
            message = f"the account `{arn.account}` is not twelve digits"
            yield Found(arn.entry.path, message, "write the account's id, or `*`", part=arn.part(4))


def _without(field: int, name: str) -> Callable[[Subject], Iterator[Found]]:
    """Make the check of a part that no resource of this form has."""

    def run(policy: Subject) -> Iterator[Found]:
        for arn in arn_entries(policy):
            value, formats = arn.entry.text.split(":", 5)[field], _known_formats(arn)
            if value.strip("*") and "${" not in value and formats and not any(one[field] for one in formats):
                message = (
                    f"the ARNs of this {arn.service} resource carry no {name}, but this one has `{value}`"
                )
                yield Found(arn.entry.path, message, f"leave the {name} empty", part=arn.part(field))

    return run


def _needed(field: int, name: str) -> Callable[[Subject], Iterator[Found]]:
    """Make the check of a part that every resource of this form has."""

    def run(policy: Subject) -> Iterator[Found]:
        for arn in arn_entries(policy):
            is_aws_owned = f"{arn.service}:{arn.resource}".startswith(_AWS_OWNED)
            formats = () if is_aws_owned else _known_formats(arn)
            if not arn.entry.text.split(":", 5)[field] and formats and all(one[field] for one in formats):
                start, end = arn.part(field)
                message = f"the ARNs of this {arn.service} resource carry the {name}, but it is empty here"
                part = (start - 1, end + 1)
                yield Found(arn.entry.path, message, f"write the {name}, or `*`", part=part)

    return run


ARN_PARTS = (
    check(
        "ARN_REGION_NOT_ALLOWED", ERROR, "a region in an ARN that has none",
        "The ARNs of global resources, such as those of IAM and of S3 buckets, leave the region empty.",
        bad={"Action": "iam:GetRole", "Resource": "arn:aws:iam:us-east-1:111122223333:role/app"}, mark="us-east-1",
        good={"Action": "iam:GetRole", "Resource": "arn:aws:iam::111122223333:role/app"},
    )(_without(3, "region")),
    check(
        "ARN_ACCOUNT_NOT_ALLOWED", ERROR, "an account in an ARN that has none",
        "The ARNs of S3 buckets and objects leave the account empty.",
        bad={"Resource": "arn:aws:s3::111122223333:logs/*"}, mark="111122223333", good={},
    )(_without(4, "account")),
    check(
        "MISSING_ARN_REGION", ERROR, "an ARN without the region that its resource has",
        "An empty region matches no resource whose ARN carries one.",
        bad={"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs::111122223333:jobs"}, mark="::",
        good={"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:111122223333:jobs"},
    )(_needed(3, "region")),
    check(
        "MISSING_ARN_ACCOUNT", ERROR, "an ARN without the account that its resource has",
        "An empty account matches no resource whose ARN carries one.",
        bad={"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1::jobs"}, mark="::",
        good={"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:*:jobs"}, origin=LATER,
    )(_needed(4, "account")),
)  # fmt: skip


@check(
    "WILDCARD_IN_SERVICE_NAME", SUGGESTION, "a wildcard in the service of an ARN",
    "It matches the ARNs of several services, which is rarely meant and hard to read.",
    bad={"Resource": "arn:aws:s*:::logs/*"}, mark="s*", good={},
)  # fmt: skip
def wildcard_in_service_name(policy: Subject) -> Iterator[Found]:
    """R-7. One `*` for every part in front of the resource is a common way to write any ARN."""
    for arn in arn_entries(policy):
        if re.search(r"[*?]", arn.service):
            message = f"the service `{arn.service}` of the ARN holds a wildcard"
            yield Found(arn.entry.path, message, "name the service", part=arn.part(2))


@check(
    "WILDCARD_IN_RESOURCE_TYPE", SUGGESTION, "a wildcard in front of the first slash or colon of a resource",
    "The word in front of the first separator says what kind of resource it is; a wildcard there reaches other kinds.",
    bad={"Action": "iam:GetRole", "Resource": "arn:aws:iam::111122223333:r*/app"}, mark="r*",
    good={"Action": "iam:GetRole", "Resource": "arn:aws:iam::111122223333:role/app*"}, origin=OURS,
)  # fmt: skip
def wildcard_in_resource_type(policy: Subject) -> Iterator[Found]:
    """R-6. S3 has no such word: there it is the bucket's name."""
    for arn in arn_entries(policy):
        head = re.match(r"[^/:]*(?=[/:])", arn.resource)
        if head and re.search(r"[*?]", head[0]) and not _starts_with_name(arn) and "${" not in head[0]:
            start, _ = arn.part(5)
            help = "name the kind of resource, and put wildcards behind the separator"
            message = f"the kind of resource `{head[0]}` holds a wildcard"
            yield Found(arn.entry.path, message, help, part=(start, start + len(head[0])))


def _starts_with_name(arn: ArnEntry) -> bool:
    """Do the resources start with a name of the user's, as buckets do, or with a scope?"""
    return arn.service == "s3" or any(parts[5].startswith("${") for parts in _known_formats(arn))


@check(
    "EMPTY_ARRAY_RESOURCE", SUGGESTION, "an empty list of resources",
    "The statement is about no resource: it does nothing. An empty NotResource is about all of them.",
    bad={"Resource": []}, mark="[]", good={},
)  # fmt: skip
def empty_array_resource(policy: Subject) -> Iterator[Found]:
    """L-14."""
    for statement in policy.statements:
        for name in ("Resource", "NotResource"):
            if statement.value.get(name) == []:
                help = "name at least one, or remove the statement"
                yield Found(statement.at(name), f"`{name}` is an empty list", help)


@check(
    "UNSUPPORTED_RESOURCE_ARN_IN_POLICY", ERROR, "a resource of another service in a resource-based policy",
    "A resource-based policy governs the resource that it is attached to. The ARN of anything else matches nothing, "
    "and some services refuse it.",
    bad=_BUCKET_POLICY | {"Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
    mark="kms", good=_BUCKET_POLICY, on="resource:bucket", layers=("resource",),
)  # fmt: skip
def unsupported_resource_arn(policy: Subject) -> Iterator[Found]:
    """R-45."""
    services = policy.type.services
    for arn in arn_entries(policy) if services else ():
        if arn.service.lower() not in services and not _is_variable(arn.service):
            message = f"{policy.title} is about no resource of {arn.service}"
            yield Found(
                arn.entry.path, message, "name the resource that the policy is attached to", part=arn.part(2)
            )


@check(
    "UNSUPPORTED_ACTION_IN_POLICY", ERROR, "an action of another service in a resource-based policy",
    "A resource-based policy is asked only about actions on its resource.",
    bad=_BUCKET_POLICY | {"Action": "kms:Decrypt"}, mark='"kms:Decrypt"', good=_BUCKET_POLICY,
    on="resource:bucket", layers=("resource",),
)  # fmt: skip
def unsupported_action_in_policy(policy: Subject) -> Iterator[Found]:
    """R-45."""
    services = policy.type.services
    for statement in policy.statements if services else ():
        for entry in statement.action.entries if statement.action else ():
            service = entry.text.partition(":")[0].lower()
            if ":" in entry.text and service not in services and "*" not in service:
                message = f"{policy.title} is about no action of {service}"
                yield Found(entry.path, message, f"its actions are those of {', '.join(services)}")


# Which resources do the actions take?


@check(
    "RESOURCE_MISMATCH", WARNING, "an action that takes none of the statement's resources",
    "Every action acts on resources of certain kinds. When no ARN of the statement can be one, the statement does "
    "nothing for that action: s3:ListBucket wants the bucket, s3:GetObject its objects; an action without resources "
    "wants `*`.",
    bad={"Resource": "arn:aws:s3:::logs"}, mark='"s3:GetObject"', good={}, origin=OURS,
)  # fmt: skip
def resource_mismatch(policy: Subject) -> Iterator[Found]:
    """R-40, R-42."""
    for statement in policy.statements:
        listed, actions = statement.resource, statement.action
        if listed is None or listed.negated or not listed.entries or actions is None or actions.negated:
            continue
        texts = listed.texts
        if all(_is_understood(text) for text in texts):
            fits_any = cache(partial(_fits_any, resources=texts))
            for entry in actions.entries:
                help = mismatch(entry.text, fits_any)
                if help is not None:
                    yield Found(entry.path, f"`{entry.text}` acts on none of the statement's resources", help)


def _is_understood(text: str) -> bool:
    """Is it a full ARN of a kind of resource that the data knows?"""
    parts = text.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and formats_meeting(parts[2], parts[5]) != ()


# AWS documents several services under each of these prefixes, some with actions of the same name: the data knows
# the resources and keys that the action has in one of them only.
SHARED_PREFIXES = ("elasticloadbalancing", "aws-marketplace", "ses")


def mismatch(action: str, fits_any: Callable[[str], bool]) -> str | None:
    """Say what an action acts on when no ARN fits that; None when one may, or it is not known."""
    from policyeval.catalog.services import is_service, resource_formats
    from policyeval.checks.actions import matching_actions

    service, _, name = action.partition(":")
    service = service.lower()
    if not name or not is_service(service) or service in SHARED_PREFIXES or _takes_any(action):
        return None
    names = list(matching_actions(service, name))
    formats = {format for name in names for format in resource_formats(service, name)}
    if not names or any(fits_any(format) for format in formats):
        return None
    if not formats:
        return "it takes no resource: write `*`"
    return f"it acts on `{'`, `'.join(sorted(formats)[:3])}`{' …' if len(formats) > 3 else ''}"


def _takes_any(action: str) -> bool:
    """D-5, ST-6: ListAllMyBuckets takes `arn:aws:s3:::*` as well, TagSession whatever the session is of."""
    return action.lower() in ("s3:listallmybuckets", "sts:tagsession") or action.endswith(":*")


def _fits_any(format: str, resources: tuple[str, ...]) -> bool:
    from policyeval.checks.meeting import entry_fits

    return any(entry_fits(text, format) for text in resources)
