"""Do AWS and we give the same answer? What AWS printed beside the explanation of the same call (SEMANTICS M-1, M-3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from policyeval.decision import Effect, Layer
from policyeval.explain.reports import Verdict

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation


class Agreement(Enum):
    """How our answer stands to AWS's."""

    AGREES = "agrees"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Comparison:
    """The result, what it means in sentences, and the layer that AWS named though nobody gave it."""

    agreement: Agreement
    sentences: tuple[str, ...]
    missing: Layer | None = None


def compare(layer: Layer | None, effect: Effect | None, explanation: Explanation) -> Comparison:
    """Compare layer and kind of AWS's denial with our answer."""
    missing = layer if layer is not None and not _is_given(layer, explanation) else None
    if explanation.allowed:
        return Comparison(Agreement.DIFFERS, tuple(_allowed(layer, explanation)), missing)
    ours = explanation.decision
    if layer is None:
        return Comparison(Agreement.AGREES, (_unnamed(effect, ours.effect, ours.layer_),))
    if not _same(layer, ours.layer_):
        return Comparison(Agreement.DIFFERS, tuple(_elsewhere(layer, explanation)), missing)
    if effect is None or effect is ours.effect:
        return Comparison(Agreement.AGREES, (f"AWS and policyeval agree: {_told(ours.effect, ours.layer_)}",))
    return _other_kind(layer, effect, ours.effect)


def _told(effect: Effect | None, layer: Layer) -> str:
    kind = "" if effect is None else f"{effect.value.replace('-', ' ')}, "
    return f"{kind}{layer.title}"


def _same(layer: Layer, ours: Layer) -> bool:
    """AWS also calls a trust policy a resource-based policy."""
    kin = (Layer.RESOURCE, Layer.TRUST)
    return layer is ours or (layer in kin and ours in kin)


def _is_given(layer: Layer, explanation: Explanation) -> bool:
    present = [one.layer for one in explanation.layers if one.verdict is not Verdict.NOT_PRESENT]
    return any(_same(layer, one) for one in present)


def _allowed(layer: Layer | None, explanation: Explanation) -> Iterator[str]:
    yield "AWS denied the call, but the policies given here allow it"
    if layer is not None and not _is_given(layer, explanation):
        yield _not_given(layer)
        return
    if layer is not None:
        yield f"the {layer.title} given here is not the one that AWS evaluated, or the call carried other context"
    else:
        missing = [
            one for one in (Layer.RESOURCE, Layer.BOUNDARY, Layer.SCP) if not _is_given(one, explanation)
        ]
        if missing:
            yield f"not given, and perhaps the cause: {', '.join(one.title for one in missing)}"
    keys = [one.key for one in explanation.missing_keys if one.could_change_decision]
    if keys:
        yield f"keys that the policies read and the request lacks: {', '.join(keys)}"


def _not_given(layer: Layer) -> str:
    return f"AWS names a {layer.title}, and none was given: collect it, then ask again"


def _unnamed(effect: Effect | None, ours: Effect, layer: Layer) -> str:
    if effect is not None and effect is not ours:
        return f"both deny, but AWS says {effect.value.replace('-', ' ')}; policyeval finds: {_told(ours, layer)}"
    return f"AWS does not name a layer; policyeval finds: {_told(ours, layer)}"


def _elsewhere(layer: Layer, explanation: Explanation) -> Iterator[str]:
    ours = explanation.decision
    yield f"both deny, but AWS names the {layer.title}, and policyeval finds: {_told(ours.effect, ours.layer_)}"
    if not _is_given(layer, explanation):
        yield _not_given(layer)
    elif any(_same(layer, one.layer_) for one in explanation.blockers):
        yield f"the {layer.title} blocks the call here as well: AWS names one layer only, even if several deny"
    else:
        yield f"the {layer.title} given here does not deny: it is not the one that AWS evaluated, or the call " \
              "carried other context"  # fmt: skip


def _other_kind(layer: Layer, effect: Effect, ours: Effect) -> Comparison:
    if layer is Layer.SCP and effect is Effect.EXPLICIT_DENY:
        sentence = (
            "both name the service control policies: AWS may say `explicit deny` where a level does not allow"
        )
        return Comparison(Agreement.AGREES, (sentence,))
    said, found = effect.value.replace("-", " "), ours.value.replace("-", " ")
    sentence = f"both name the {layer.title}, but AWS says {said}, and policyeval finds: {found}"
    return Comparison(
        Agreement.DIFFERS, (sentence, "a statement is missing here, or a condition reads other context")
    )
