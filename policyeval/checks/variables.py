"""Are policy variables written as they must be, and where they are replaced? (SEMANTICS 3.4, 5.8)"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policyeval.checks.check import ERROR, OURS, SUGGESTION, Change, Fix, Found, check
from policyeval.checks.operators import conditions
from policyeval.checks.subject import Entry, StatementView, Subject
from policyeval.language.parse import VERSIONS

_HOME = "arn:aws:s3:::home/${aws:username}/*"


def _texts(policy: Subject) -> Iterator[tuple[Entry, str, int]]:
    """Walk the variables of resources and condition values: the entry, what stands within, and where `${` is."""
    for statement in policy.statements:
        for entry in _replaced(statement):
            at = entry.text.find("${")
            while at >= 0:
                end = entry.text.find("}", at)
                yield entry, entry.text[at + 2 : end if end >= 0 else None], at
                at = entry.text.find("${", at + 2)


def _replaced(statement: StatementView) -> Iterator[Entry]:
    yield from statement.resource.entries if statement.resource else ()
    for condition in statement.conditions:
        yield from condition.values


@check(
    "MISSING_BRACE_IN_VARIABLE", ERROR, "a variable that is not closed",
    "A variable stands between `${` and `}`; without the closing brace it is plain text.",
    bad={"Resource": "arn:aws:s3:::home/${aws:username"}, mark="${aws:username", good={"Resource": _HOME},
)  # fmt: skip
def missing_brace(policy: Subject) -> Iterator[Found]:
    """C-91."""
    for entry, _, at in _texts(policy):
        if "}" not in entry.text[at:]:
            yield Found(entry.path, "the variable is not closed", "add `}`", part=(at, len(entry.text)))


def _closed(policy: Subject) -> Iterator[tuple[Entry, str, tuple[int, int]]]:
    for entry, inner, at in _texts(policy):
        if "}" in entry.text[at:]:
            yield entry, inner, (at, at + len(inner) + 3)


@check(
    "EMPTY_VARIABLE", ERROR, "a variable without a key",
    "Between `${` and `}` stands the condition key whose value is put there.",
    bad={"Resource": "arn:aws:s3:::home/${}/*"}, mark="${}", good={"Resource": _HOME},
)  # fmt: skip
def empty_variable(policy: Subject) -> Iterator[Found]:
    """C-91."""
    for entry, inner, part in _closed(policy):
        if not inner.strip():
            yield Found(
                entry.path, "the variable is empty", "write `${aws:username}`, for example", part=part
            )


@check(
    "MISSING_QUOTE_IN_VARIABLE", ERROR, "a default value without quotes",
    "The default of a variable stands in single quotes: `${aws:PrincipalTag/team, 'none'}`.",
    bad={"Resource": "arn:aws:s3:::home/${aws:PrincipalTag/team, none}/*"},
    mark="${aws:PrincipalTag/team, none}",
    good={"Resource": "arn:aws:s3:::home/${aws:PrincipalTag/team, 'none'}/*"},
)  # fmt: skip
def missing_quote(policy: Subject) -> Iterator[Found]:
    """R-34."""
    for entry, inner, part in _closed(policy):
        key, comma, default = inner.partition(",")
        if comma and not re.fullmatch(r"\s*'[^']*'\s*", default):
            help = f"write `${{{key.strip()}, '{default.strip().strip(chr(39))}'}}`"
            yield Found(entry.path, "the default of the variable has no quotes", help, part=part)


@check(
    "UNSUPPORTED_SPACE_IN_VARIABLE", ERROR, "white space within the key of a variable",
    "A variable with white space in its key is never replaced.",
    bad={"Resource": "arn:aws:s3:::home/${aws: username}/*"}, mark="${aws: username}", good={"Resource": _HOME},
)  # fmt: skip
def space_in_variable(policy: Subject) -> Iterator[Found]:
    """C-91."""
    for entry, inner, (start, end) in _closed(policy):
        key, comma, default = inner.partition(",")
        if key.strip() and re.search(r"\s", key):
            plain = re.sub(r"\s", "", key)
            text = entry.text[:start] + f"${{{plain}{comma}{default}}}" + entry.text[end:]
            fix = Fix("remove the space", (Change("replace", entry.path, text),))
            help = f"write `${{{plain}{comma}{default}}}`"
            yield Found(entry.path, "white space in the variable's key", help, part=(start, end), fix=fix)


@check(
    "VARIABLE_UNSUPPORTED_IN_ELEMENT", ERROR, "a variable where none is replaced",
    "Variables are replaced in resources and in the values of conditions, nowhere else: in an action, a principal, a "
    "Sid or the first five parts of an ARN they are plain text.",
    bad={"Action": "s3:${aws:username}"}, mark="${aws:username}", good={"Resource": _HOME},
)  # fmt: skip
def unsupported_element(policy: Subject) -> Iterator[Found]:
    """A-10, C-98, R-30."""
    for statement in policy.statements:
        listed = [*(statement.action.entries if statement.action else ())]
        listed += statement.principal.entries if statement.principal else ()
        if statement.sid:
            listed.append(Entry(statement.at("Sid"), statement.sid))
        for entry in listed:
            for found in re.finditer(r"\$\{[^}]*\}?", entry.text):
                yield Found(
                    entry.path, f"`{found[0]}` is plain text here", "write the text itself", part=found.span()
                )
        for condition in statement.conditions:
            for found in re.finditer(r"\$\{[^}]*\}?", condition.key):
                yield Found(
                    condition.path, f"`{found[0]}` is plain text in a key", "write the key", on_key=True
                )


@check(
    "VARIABLE_IN_ARN_HEAD", ERROR, "a variable in front of the resource part of an ARN",
    "In the partition, service, region and account of an ARN a variable is plain text, which matches nothing.",
    bad={"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:${aws:PrincipalAccount}:jobs"},
    mark="${aws:PrincipalAccount}",
    good={"Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:111122223333:${aws:username}"}, origin=OURS,
)  # fmt: skip
def variable_in_arn_head(policy: Subject) -> Iterator[Found]:
    """R-30."""
    for statement in policy.statements:
        for entry in statement.resource.entries if statement.resource else ():
            for found in re.finditer(r"\$\{[^}]*\}", entry.text):
                before = re.sub(r"\$\{[^}]*\}", "", entry.text[: found.start()])
                if entry.text.startswith("arn:") and before.count(":") < 5:
                    message = f"`{found[0]}` is plain text in front of the resource part"
                    yield Found(entry.path, message, "write the value, or `*`", part=found.span())


@check(
    "VARIABLE_UNSUPPORTED_IN_VERSION", ERROR, "a variable under the old version of the language",
    "Variables are replaced under Version 2012-10-17 only. Under 2008-10-17, or without Version, they are plain text "
    "that matches nothing.",
    bad={"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": _HOME}]},
    mark="${aws:username}", good={"Resource": _HOME},
)  # fmt: skip
def unsupported_version(policy: Subject) -> Iterator[Found]:
    """L-22. It is fixed by the version, which changes what the policy means."""
    if policy.resolves_variables or policy.version not in (None, VERSIONS[1]):
        return
    for entry, inner, part in _closed(policy):
        if ":" in inner or inner in ("*", "?", "$"):
            path = policy.base
            change = (
                Change("member", path, VERSIONS[0], "Version") if policy.version is None
                else Change("replace", (*path, "Version"), VERSIONS[0])
            )  # fmt: skip
            fix = Fix(f"write Version {VERSIONS[0]}", (change,))
            shown = policy.version or "none"
            message = f"`{entry.text[slice(*part)]}` is plain text: the policy's version is {shown}"
            yield Found(entry.path, message, f'write "Version": "{VERSIONS[0]}"', part=part, fix=fix)


@check(
    "INVALID_VARIABLE_FOR_OPERATOR", ERROR, "a variable under an operator that does not replace it",
    "Variables are replaced under String and Arn operators; numbers, dates, addresses, binary values and "
    "Null take none.",
    bad={"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::logs",
         "Condition": {"NumericEquals": {"s3:max-keys": "${aws:username}"}}}, mark='"${aws:username}"',
    good={"Condition": {"StringEquals": {"aws:PrincipalTag/owner": "${aws:username}"}}},
)  # fmt: skip
def variable_for_operator(policy: Subject) -> Iterator[Found]:
    """C-90; AWS's pages contradict each other about Bool (C-66)."""
    for _, condition in conditions(policy):
        row = condition.operator.row if condition.operator is not None else None
        for entry in condition.values if row is not None and not row.variables else ():
            if "${" in entry.text:
                message = f"{condition.name} does not replace `{entry.text}`"
                yield Found(entry.path, message, "use a String or Arn operator, or write the value")


@check(
    "VARIABLE_WITHOUT_VALUE", SUGGESTION, "a variable that half of the callers have no value for",
    "aws:username is set for IAM users only: for roles and federated users the entry matches nothing, and a Deny that "
    "should not apply to it does. Give a default, or use aws:PrincipalTag or aws:userid.",
    bad={"Effect": "Deny", "Resource": None, "NotResource": "arn:aws:s3:::home/${aws:username}/*"},
    mark="${aws:username}", good={"Resource": _HOME}, origin=OURS,
)  # fmt: skip
def variable_without_value(policy: Subject) -> Iterator[Found]:
    """R-22, R-33."""
    if not policy.resolves_variables:
        return
    for statement in policy.statements:
        listed = statement.resource
        for entry in listed.entries if listed is not None and listed.negated and statement.denies else ():
            found = re.search(r"\$\{aws:username\}", entry.text, re.IGNORECASE)
            if found:
                help = "give a default: `${aws:username, 'nobody'}`"
                message = "roles have no aws:username: for them the Deny covers everything"
                yield Found(entry.path, message, help, part=found.span())
