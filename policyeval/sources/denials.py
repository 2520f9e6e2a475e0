"""What did AWS deny? From what it printed – a message, an SDK's error, a record – to who, what, where and why.

The sentences are those of SEMANTICS 8.2; their grammar is `grammar/denial.lark`. Records (CloudTrail, decoded
messages) are found inside any JSON around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from policyeval.catalog.operations import authorized_action, service_prefix
from policyeval.decision import Effect, Layer
from policyeval.errors import UsageError
from policyeval.limits import DENIAL_JSON, DENIAL_TEXT, Limit
from policyeval.sources.denial_facts import Facts, read_facts
from policyeval.sources.denial_records import json_value, records, strings
from policyeval.sources.denial_resources import resource_of

MAX_TEXT = DENIAL_TEXT.most


class Form(Enum):
    """The forms in which AWS tells of a denial."""

    MESSAGE = "message"
    ENCODED = "encoded-message"
    DECODED = "decoded-message"
    CLOUDTRAIL = "cloudtrail"
    S3 = "s3-access-denied"
    KMS = "kms"
    API_GATEWAY = "api-gateway"
    ERROR_CODE = "error-code"

    @property
    def title(self) -> str:
        """What the form is called."""
        return _TITLES[self]


_TITLES = {
    Form.MESSAGE: "an access denied message",
    Form.ENCODED: "an access denied message whose details are encoded",
    Form.DECODED: "a decoded authorization message",
    Form.CLOUDTRAIL: "a CloudTrail record",
    Form.S3: "S3's bare `Access Denied`",
    Form.KMS: "an answer of KMS that leaves the cause open",
    Form.API_GATEWAY: "an answer of API Gateway",
    Form.ERROR_CODE: "an error code without a reason",
}


@dataclass(frozen=True)
class Denial:
    """What AWS printed, taken apart; None where it does not say.

    `principal`, `action` and `resource` are as a request has them, where the text allows it. `caller` has
    more about the principal (UX §1), `notes` what a reader of the text should know.
    """

    form: Form
    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    layer: Layer | None = None
    effect: Effect | None = None
    policy_arn: str | None = None
    operation: str | None = None
    encoded: str | None = None
    caller: Mapping[str, Any] | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    time: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def service(self) -> str | None:
        """The prefix of the action's service."""
        return self.action.partition(":")[0].lower() if self.action else None

    def request(self) -> dict[str, Any]:
        """Give the request in the shape of UX §1, as far as it is known."""
        known = {
            "principal": self.caller or self.principal,
            "action": self.action,
            "resource": self.resource,
            "context": dict(self.context) or None,
            "time": self.time,
        }
        return {name: value for name, value in known.items() if value is not None}


def read_denial(text: str) -> Denial:
    """Recognise what AWS printed and take it apart.

    Raises UsageError when nothing in the text tells of a denial.
    """
    if len(text) > DENIAL_JSON.most:
        raise _too_long(len(text), DENIAL_JSON)
    value = json_value(text)
    found = records(value)
    if found:
        first = found[0]
        message = read_facts(first.message[:MAX_TEXT])[0] if first.message else Facts()
        denial = _from_record(first.shape, message, Form(first.form), first.effect)
        return replace(
            denial, notes=(*denial.notes, *first.notes, *_others(len(found), "records of denials"))
        )
    is_json = value is not None and text.lstrip()[:1] in ("{", "[")
    return _from_text("\n".join(strings(value)) if is_json else text, value)


def _too_long(length: int, limit: Limit) -> UsageError:
    return UsageError(limit.message(length), help=limit.help)


def _others(count: int, what: str) -> tuple[str, ...]:
    return (f"{count} {what} are in the text; the first is read",) if count > 1 else ()


# Texts


def _from_text(text: str, value: Any) -> Denial:
    if len(text) > MAX_TEXT:
        raise _too_long(len(text), DENIAL_TEXT)
    found = read_facts(text)
    if not found or not found[0].is_denial:
        raise _unrecognised(text, value, found[0].credentials if found else None)
    denial = _from_facts(found[0])
    different = {(one.caller, one.action, one.target, one.entity) for one in found}
    return replace(denial, notes=(*denial.notes, *_others(len(different), "denials")))


def _unrecognised(text: str, value: Any, credentials: str | None) -> UsageError:
    if credentials:
        help = "get new credentials, or mend the signature; `aws sts get-caller-identity` tells who you are"
        return UsageError(
            f"`{credentials}` is no denial by a policy: AWS did not accept the credentials", help=help
        )
    if isinstance(value, dict) and "Statement" in value:
        help = "put what AWS printed first: `policyeval why 'User: … is not authorized to perform: …' POLICY`"
        return UsageError("this is a policy, where the text of a denial is expected", help=help)
    if not text.strip():
        return UsageError(
            "the text is empty", help="paste what AWS printed: `User: … is not authorized to …`"
        )
    shown = " ".join(text[:200].split())
    shown = f"{shown[:60]}…" if len(shown) > 60 else shown
    help = "paste the whole error: `User: … is not authorized to perform: …`, a CloudTrail record or a decoded message"
    return UsageError(f"no denial is recognised in `{shown}`", help=help)


def _from_facts(facts: Facts) -> Denial:
    special = _SPECIAL.get(facts.statement or "")
    denial = _plain(facts, _form(facts))
    if special is not None:
        denial = special(denial, facts)
    elif denial.form is Form.ERROR_CODE and denial.service == "s3":
        denial = replace(denial, form=Form.S3)
    return _with_gateway(denial)


def _form(facts: Facts) -> Form:
    if facts.layer is None and facts.encoded is not None:
        return Form.ENCODED
    return Form.MESSAGE if facts.refused or facts.layer else Form.ERROR_CODE


def _plain(facts: Facts, form: Form) -> Denial:
    """Take over what is stated, in the words of a request."""
    action = facts.action or _action_of_operation(facts)
    return Denial(
        form, facts.caller, action, resource_of(facts, action), facts.layer, facts.effect, facts.policy_arn,
        facts.operation, facts.encoded or None, notes=_notes(facts),
    )  # fmt: skip


def _action_of_operation(facts: Facts) -> str | None:
    """Name the action behind an SDK's operation, if the service is known."""
    service = service_prefix(facts.service) if facts.service else None
    service = service or _SERVICE_OF_STATEMENT.get(facts.statement or "") or _service_of_address(facts)
    service = service or _SERVICE_OF_CODE.get(facts.code or "")
    return authorized_action(service, facts.operation) if service and facts.operation else None


# Only EC2 and its kin say UnauthorizedOperation; S3 has no text for HEAD requests, so SDKs print the status.
_SERVICE_OF_CODE = {"UnauthorizedOperation": "ec2", "Forbidden": "s3"}
_SERVICE_OF_STATEMENT = {"ACCESS_DENIED": "s3", "KMS_CIPHERTEXT": "kms", "KMS_UNCLEAR": "kms"}


def _service_of_address(facts: Facts) -> str | None:
    return next(("sqs" if "://sqs." in one else "s3" for one in facts.addresses), None)


def _notes(facts: Facts) -> tuple[str, ...]:
    notes = []
    if facts.policy_arn and "AWSCompromisedKeyQuarantine" in facts.policy_arn:
        notes.append("AWS has found these credentials in public and put them under quarantine: replace them")
    if any("***" in (named or "") for named in (facts.caller, facts.target)):
        notes.append("AWS, or somebody after it, has hidden names with stars: write them out")
    if facts.encoded == "":
        notes.append("the encoded message is cut off: it can only be decoded whole")
    return tuple(notes)


# Answers that stand for more than they say


def _bare(denial: Denial, facts: Facts) -> Denial:
    """S3 says `Access Denied` and no more, above all across accounts."""
    if facts.refused or facts.layer or (denial.service or "s3") != "s3":
        return denial
    return replace(denial, form=Form.S3)


def _ciphertext(denial: Denial, facts: Facts) -> Denial:
    return replace(denial, form=Form.KMS, action=denial.action or "kms:Decrypt")


def _unclear(denial: Denial, facts: Facts) -> Denial:
    """The key policy is silent, denies, or the key is elsewhere: KMS does not tell which."""
    return replace(denial, form=Form.KMS, layer=denial.layer or Layer.RESOURCE)


def _not_assumable(denial: Denial, facts: Facts) -> Denial:
    """`The role … cannot be assumed by Lambda`: the trust policy lacks the service."""
    service = (facts.words or "").rpartition(" ")[2].lower()
    return replace(
        denial, form=Form.MESSAGE, principal=denial.principal or f"{service}.amazonaws.com",
        action=denial.action or "sts:AssumeRole", layer=Layer.TRUST, effect=Effect.IMPLICIT_DENY,
    )  # fmt: skip


def _authorizer(denial: Denial, facts: Facts) -> Denial:
    """The policy that a Lambda authorizer returned denies, or does not allow."""
    return replace(
        denial, form=Form.API_GATEWAY, principal=denial.principal or "anonymous", action="execute-api:Invoke",
        layer=denial.layer or Layer.IDENTITY, effect=denial.effect or Effect.IMPLICIT_DENY,
    )  # fmt: skip


_SPECIAL = {
    "ACCESS_DENIED": _bare,
    "AUTHORIZER": _authorizer,
    "KMS_CIPHERTEXT": _ciphertext,
    "KMS_LAMBDA": _ciphertext,
    "KMS_UNCLEAR": _unclear,
    "NOT_ASSUMABLE": _not_assumable,
}


def _with_gateway(denial: Denial) -> Denial:
    """API Gateway names no layer; for an unsigned call only the API's resource policy is left."""
    if denial.service != "execute-api" or denial.principal != "anonymous" or denial.layer is not None:
        return denial
    effect = denial.effect or Effect.IMPLICIT_DENY
    return replace(denial, form=Form.API_GATEWAY, layer=Layer.RESOURCE, effect=effect)


# Records


def _from_record(shape: Mapping[str, Any], message: Facts, form: Form, effect: Effect | None) -> Denial:
    """Put a record's request and its message together; the message knows action and resource best."""
    stated = _from_facts(message) if message.is_denial else Denial(form)
    caller = {name: value for name, value in (shape.get("principal") or {}).items() if value is not None}
    named = next((str(caller[name]) for name in ("arn", "service") if name in caller), None)
    return replace(
        stated,
        form=form,
        principal=named or stated.principal,
        caller=caller if named and len(caller) > 1 else None,
        action=stated.action or shape.get("action"),
        resource=stated.resource or shape.get("resource"),
        effect=stated.effect or effect,
        operation=shape.get("operation") or stated.operation,
        context=shape.get("context") or {},
        time=shape.get("time"),
    )
