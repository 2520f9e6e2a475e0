"""What AWS refuses to store (SEMANTICS 0.4, R-11): raised only when asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .documents import (
    ARN_BASES,
    IAM_MANAGED,
    IAM_RESOURCES,
    IDENTITY_LIKE,
    PARTITIONS,
    Document,
    actions_of,
    as_list,
    matches_all_actions,
    resources_of,
    split_operator,
)
from .errors import require
from .text import ALL_STARS, scalar_text, split_arn
from .values import boolean, date, decoded, network, number


def check_save(document: Document) -> None:
    """0.4: what AWS refuses to store."""
    if document.kind in IAM_MANAGED:
        for text in all_text(document.body):
            require(
                all(allowed_character(each) for each in text), "a character that IAM does not take"
            )  # L-13
        check_sids(document)
    for statement in document.statements:
        check_saved_statement(statement, document)


def all_text(value: Any) -> Iterator[str]:
    """Every string of a document, keys included."""
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from all_text(each)
    if isinstance(value, list):
        for each in value:
            yield from all_text(each)


def allowed_character(character: str) -> bool:
    """L-13: tab, line feed, carriage return, U+0020 to U+00FF."""
    return character in "\t\n\r" or " " <= character <= "\u00ff"


def check_sids(document: Document) -> None:
    """L-31: letters and digits, unique."""
    sids = [statement["Sid"] for statement in document.statements if statement.get("Sid")]
    require(all(re.fullmatch(r"[A-Za-z0-9]+", sid) for sid in sids), "a Sid with other characters")
    require(len(sids) == len(set(sids)), "a Sid stands twice")


def check_saved_statement(statement: dict[str, Any], document: Document) -> None:
    """A-5, L-14, R-9 to R-11, P-5, P-7, P-21, L-10, L-40, L-41, C-18."""
    kind = document.kind
    for action in actions_of(statement):
        require(matches_all_actions(action) or action.count(":") == 1, f"`{action}` needs one colon")
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        if kind in IAM_MANAGED:
            require(statement.get(element) != [], f"`{element}` is empty")  # L-14
    for resource in resources_of(statement):
        check_saved_resource(resource, kind)
    if kind in ("resource", "endpoint"):
        require("Principal" in statement or "NotPrincipal" in statement, "missing `Principal`")  # L-40
    if kind == "endpoint":
        require("Resource" in statement or "NotResource" in statement, "missing `Resource`")  # L-41
    if kind == "rcp" and statement["Effect"] == "Deny":
        require("*" not in actions_of(statement), "`*` alone is no action of an RCP")
    require(
        not (statement["Effect"] == "Allow" and "NotPrincipal" in statement), "`Allow` with `NotPrincipal`"
    )
    for element in ("Principal", "NotPrincipal"):
        check_saved_principal(statement.get(element, "*"))
    for operator, keys in statement.get("Condition", {}).items():
        names = [key.lower() for key in keys]
        require(len(names) == len(set(names)), "a key stands twice with different case")  # L-10
        for values in keys.values():
            for value in as_list(values):
                check_saved_value(operator, str(scalar_text(value)), document.variables())


def check_saved_principal(value: Any) -> None:
    """P-5, P-7: no partial wildcards, no groups."""
    if not isinstance(value, dict):
        return
    for entries in value.values():
        for entry in as_list(entries):
            require(entry == "*" or ("*" not in entry and "?" not in entry), f"wildcard in `{entry}`")
            parts = split_arn(entry)
            require(parts is None or not (parts[2] == "iam" and parts[5].startswith("group/")), "a group")


def check_saved_resource(resource: str, kind: str) -> None:
    """R-9, R-10, R-11: what a Resource entry may look like when it is saved."""
    if ALL_STARS.match(resource):
        return
    if kind == "resource" and resource.startswith("execute-api:/"):
        return
    require(resource.startswith("arn:"), f"`{resource}` is no ARN")
    parts = resource.split(":", 5)
    if len(parts) < 6:
        require(kind != "rcp", "a short ARN in an RCP")
        require(kind != "scp" or parts[-1].endswith("*"), "a short ARN in an SCP")
    if kind in IDENTITY_LIKE:
        check_saved_arn(resource, parts)


def check_saved_arn(resource: str, parts: list[str]) -> None:
    """R-11: the checks of ARNs in identity, boundary and session policies."""
    require(parts[1] == "*" or parts[1] in PARTITIONS, f"unknown partition in `{resource}`")
    require(len(parts) > 2 and parts[2] != "", f"no service in `{resource}`")
    require(len(parts) == 6 or "::" not in resource, f"`{resource}` is cut short")
    service, region = parts[2], parts[3] if len(parts) > 3 else ""
    of_region = ("accesspoint/", "access-grants/", "job/", "storage-lens/", "storage-lens-group/", "*")
    access_point = len(parts) == 6 and parts[5].startswith(of_region)
    if service == "iam" or (service == "s3" and not access_point):
        require(region == "", f"a region in `{resource}`")
    if service == "iam" and len(parts) == 6:
        good = parts[5] in ("*", "root") or parts[5].startswith(tuple(IAM_RESOURCES))
        require(good, f"no IAM resource in `{resource}`")


def check_saved_value(operator: str, value: str, variables: bool) -> None:
    """C-18: a value that the operator cannot read."""
    _, base, _ = split_operator(operator)
    if base is None or (variables and "${" in value and base in ("Bool", *ARN_BASES)):
        return
    require(well_formed(base, value), f"`{value}` is no value for `{operator}`")


def well_formed(base: str, value: str) -> bool:
    """C-56, C-60, C-65, C-68, C-70, C-81, C-83: the policy side can read the value."""
    if base.startswith("Numeric"):
        return number(value) is not None
    if base.startswith("Date"):
        return date(value) is not None
    if base == "Bool":
        return boolean(value) is not None
    if base == "BinaryEquals":
        return decoded(value) is not None
    if base in ("IpAddress", "NotIpAddress"):
        return network(value) is not None
    if base in ARN_BASES:
        return value == "*" or split_arn(value) is not None
    return True
