"""How is AWS's denial told? What it says, where to look, what to collect; with policies, how our answer compares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from policyeval.decision import Layer
from policyeval.errors import RequestError
from policyeval.explain.collect import DeniedCall
from policyeval.explain.comparison import Agreement, Comparison
from policyeval.explain.why import advice, check_command, reason_of, suspects
from policyeval.principal import Principal, read_principal
from policyeval.render.formats import Look
from policyeval.render.json_text import json_text
from policyeval.source import printable
from policyeval.sources.denials import Denial, Form

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation
    from policyeval.explain.report import Line


@dataclass(frozen=True)
class Why:
    """A denial, and the explanation of the same call where policies were given."""

    denial: Denial
    explanation: Explanation | None = None
    comparison: Comparison | None = None

    @property
    def call(self) -> DeniedCall:
        """The call, as far as it is known."""
        denial = self.denial
        return DeniedCall(_caller(denial), denial.action, denial.resource, denial.policy_arn, denial.context)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers to look at, the likeliest first."""
        return suspects(self.call, self.denial.layer)


def _caller(denial: Denial) -> Principal | None:
    """Read the caller; some texts hide it or shorten it."""
    try:
        return read_principal(denial.caller or denial.principal)
    except RequestError:
        return None


def render_why(why: Why, look: Look) -> str:
    """Write everything as text."""
    from policyeval.render.text import colored, render_text

    blocks = [_facts(why, look.width)]
    if why.comparison is not None:
        blocks.append(_comparison(why.comparison, look.width))
        missing = why.comparison.missing
        blocks += [_section(why, missing, look.width)] if missing else []
    else:
        blocks += [_decoding(why.denial)] if why.denial.encoded else []
        blocks += [_section(why, layer, look.width) for layer in why.layers]
        blocks.append(_then(why))
    blocks.append(_notes(why, look.width))
    found: list[Line] = []
    for block in blocks:
        written = list(block)
        found += ([[]] if found and written else []) + written
    text = colored(found) if look.color else _plain(found)
    return text if why.explanation is None else f"{text}\n{render_text([why.explanation], look)}"


def _plain(lines: list[Line]) -> str:
    return "".join("".join(printable(text) for text, _ in line).rstrip() + "\n" for line in lines)


def _facts(why: Why, width: int) -> Iterator[Line]:
    denial = why.denial
    head, form = f"AWS DENIED  {_kind(denial)}", denial.form.title
    yield [(head, "bad"), (" " * max(2, width - len(head) - len(form)), ""), (form, "dim")]
    sentence = _sentence(denial)
    yield from _wrapped(f"{sentence}.", width, "  ", "title")
    for name, value in (
        ("who", denial.principal), ("what", denial.action or denial.operation), ("on", denial.resource),
        ("policy", denial.policy_arn),
    ):  # fmt: skip
        if value is not None:
            yield [(f"  {name:<8}", "dim"), (printable(value), "")]


def _kind(denial: Denial) -> str:
    kind = denial.effect.value.replace("-", " ") if denial.effect else "kind not told"
    return f"{kind} · {denial.layer.title if denial.layer else 'layer not told'}"


_SENTENCES = {
    Form.ENCODED: "AWS keeps the reason in an encoded message",
    Form.S3: "S3 does not tell who denied, nor which kind of policy",
    Form.KMS: "KMS does not tell whether the key is missing, elsewhere, or its policy refuses",
    Form.ERROR_CODE: "The error has a code, but no reason",
    Form.DECODED: "The decoded message tells the kind of denial, but not the kind of policy",
}


def _sentence(denial: Denial) -> str:
    if denial.form is Form.API_GATEWAY and denial.layer is Layer.IDENTITY:
        return "The policy that the Lambda authorizer returned does not let the call pass"
    row = reason_of(denial.layer, denial.effect) if denial.layer else None
    if row is not None:
        return row.sentence.format(action=denial.action or "the action")
    return _SENTENCES.get(denial.form, "AWS does not say which kind of policy denied")


def _comparison(comparison: Comparison, width: int) -> Iterator[Line]:
    agrees = comparison.agreement is Agreement.AGREES
    for number, sentence in enumerate(comparison.sentences):
        mark = ("✓" if agrees else "✗") if number == 0 else " "
        yield from _wrapped(sentence, width, f"  {mark} ", "ok" if agrees else "bad" if number == 0 else "")


def _section(why: Why, layer: Layer, width: int) -> Iterator[Line]:
    """Tell about one layer: where it is, who owns it, what can be done, and how to get its policies."""
    known = advice(layer, why.call)
    if len(why.layers) > 1:
        yield [(f"  {why.layers.index(layer) + 1}  the {layer.title}", "title")]
    yield from _wrapped(known.place, width, "  look    ")
    yield from _wrapped(known.owner, width, "  owner   ")
    row = reason_of(why.denial.layer, why.denial.effect) if why.denial.layer else None
    if row is not None:
        yield from _wrapped(row.advice, width, "  help    ", "help")
    for command in known.commands(why.call):
        yield [("    # ", "dim"), (command.about, "dim")]
        yield [("    ", ""), (command.line, "code")]


def _decoding(denial: Denial) -> Iterator[Line]:
    yield [("  decode it first (the action is sts:DecodeAuthorizationMessage)", "title")]
    yield [(f"    {_decode_command(denial)}", "code")]


def _decode_command(denial: Denial) -> str:
    decode = f"aws sts decode-authorization-message --encoded-message {denial.encoded}"
    return f"{decode} --query DecodedMessage --output text | policyeval why -"


def _then(why: Why) -> Iterator[Line]:
    yield [("  then ask", "title")]
    for line in check_command(why.call, why.layers).split("\n"):
        yield [(f"    {line}", "code")]


def _notes(why: Why, width: int) -> Iterator[Line]:
    for note in notes(why):
        yield from _wrapped(note, width, "  note: ", "note")


def notes(why: Why) -> list[str]:
    """List what a reader of the denial should know."""
    denial = why.denial
    found = list(denial.notes)
    if denial.layer is not None:
        found += advice(denial.layer, why.call).notes
        found.append("AWS names one kind of policy only, even if several deny")
    if denial.form is Form.API_GATEWAY and denial.layer is Layer.RESOURCE:
        found += _GATEWAY_NOTES
    return [*found, *_FORM_NOTES.get(denial.form, ())]


_GATEWAY_NOTES = (
    "a call without a signature is anonymous: use AWS_IAM authorization, and sign the call",
    "a changed resource policy counts once the API is deployed again",
)


_FORM_NOTES = {
    Form.S3: (
        "S3 says the same of an object that does not exist, unless the caller may s3:ListBucket",
        "an object encrypted with a KMS key needs kms:Decrypt on the key as well",
        "an object that another account has put may have an owner who is not the bucket's",
    ),
    Form.KMS: (
        "the key must exist, in the region of the call, and its key policy must agree in any case",
    ),
}  # fmt: skip


def _wrapped(text: str, width: int, start: str, style: str = "") -> Iterator[Line]:
    parts = wrap(printable(text), max(20, width - len(start)), break_long_words=False, break_on_hyphens=False)
    for number, part in enumerate(parts or [""]):
        yield [(start if number == 0 else " " * len(start), ""), (part, style)]


# JSON


def why_json(why: Why) -> str:
    """Write everything as JSON; names are stable, changes only add."""
    return json_text(as_dict(why))


def as_dict(why: Why) -> dict[str, Any]:
    """Give everything as JSON-ready values."""
    denial, comparison = why.denial, why.comparison
    return {
        "form": denial.form.value,
        "principal": denial.principal,
        "action": denial.action,
        "resource": denial.resource,
        "layer": denial.layer.value if denial.layer else None,
        "decision": denial.effect.value if denial.effect else None,
        "policy_arn": denial.policy_arn,
        "operation": denial.operation,
        "encoded_message": denial.encoded,
        "message": _sentence(denial),
        "request": denial.request(),
        "advice": [_advice(layer, why.call) for layer in why.layers],
        "decode": _decode_command(denial) if denial.encoded else None,
        "check": check_command(why.call, why.layers),
        "notes": notes(why),
        "agreement": comparison.agreement.value if comparison else None,
        "comparison": list(comparison.sentences) if comparison else [],
        "explanation": why.explanation.to_dict() if why.explanation else None,
    }


def _advice(layer: Layer, call: DeniedCall) -> dict[str, Any]:
    known = advice(layer, call)
    commands = [{"about": one.about, "command": one.line} for one in known.commands(call)]
    return {"layer": layer.value, "place": known.place, "owner": known.owner, "collect": commands}
