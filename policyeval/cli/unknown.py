"""`policyeval check --unknown`: what is the answer when some keys are unknown?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from json import dumps

from policyeval.cli.output import Destination
from policyeval.cli.remarks import remarked_answer
from policyeval.cli.requests import AskedRequest
from policyeval.cli.status import ExitStatus, worst
from policyeval.engine import Engine
from policyeval.errors import RequestError, UsageError
from policyeval.explain.unknown import UnknownAnswer, answer_unknown
from policyeval.render.json_text import json_text
from policyeval.render.look import Look
from policyeval.source import printable
from policyeval.sources.costs import refuse_costly, refuse_many_unknown

EVERY_MISSING_KEY = "all"


def _check_key(text: str) -> None:
    if text == EVERY_MISSING_KEY or ":" in text.strip(":"):
        return
    help = "name a key such as `aws:SourceIp`, or `all` for every key that is not given"
    raise UsageError(f"`--unknown` cannot be `{text}`", help=help)


def answers_of(
    engine: Engine, asked: Sequence[AskedRequest], options: argparse.Namespace
) -> list[UnknownAnswer]:
    """Decide every request for all values of the unknown keys.

    Raises UsageError for what is no condition key.
    """
    if options.fix:
        raise UsageError("`--fix` and `--unknown` exclude each other", help="leave one of them out")
    if options.redact:
        help = "leave one of them out; `--no-redact` outweighs a configuration"
        raise UsageError("`--redact` does not reach the answers of `--unknown`", help=help)
    for key in options.unknown:
        _check_key(key)
    return [remarked_answer(_answer(engine, one, options.unknown), options.remarks) for one in asked]


def _answer(engine: Engine, asked: AskedRequest, keys: Sequence[str]) -> UnknownAnswer:
    try:
        refuse_costly(engine.policies, asked.request)
        refuse_many_unknown(engine.policies, keys)
        return answer_unknown(engine.situation, asked.request, keys)
    except RequestError as error:
        raise asked.located(error) from None


def rendered(place: Destination, answers: Sequence[UnknownAnswer], look: Look) -> str:
    """Write the answers in a format.

    Raises UsageError for a format that cannot show them.
    """
    if place.format not in _FORMATS:
        help = f"with `--unknown` the formats are {', '.join(_FORMATS)}"
        raise UsageError(f"`{place.format}` cannot show undecided answers", help=help)
    return _FORMATS[place.format](answers, look)


def _text(answers: Sequence[UnknownAnswer], look: Look) -> str:
    from policyeval.render.text import styled

    blocks = []
    for number, answer in enumerate(answers, 1):
        request = answer.request
        name = request.name or f"{request.action} on {request.resource}"
        title = f"request {number} of {len(answers)}: {printable(name)}"
        lines = answer.lines(look.width)
        blocks.append(styled([[(title, "title")], *lines] if len(answers) > 1 else lines, look))
    return "\n".join(blocks)


def _json(answers: Sequence[UnknownAnswer], _: Look) -> str:
    found = [answer.to_dict() for answer in answers]
    return json_text(found[0] if len(found) == 1 else found)


def _jsonl(answers: Sequence[UnknownAnswer], _: Look) -> str:
    return "".join(f"{dumps(answer.to_dict())}\n" for answer in answers)


_FORMATS: dict[str, Callable[[Sequence[UnknownAnswer], Look], str]] = {
    "text": _text, "json": _json, "jsonl": _jsonl,
}  # fmt: skip


def judged(expected: str | None, answers: Sequence[UnknownAnswer], *, quiet: bool) -> ExitStatus:
    """Combine the answers, or compare each with what is expected; an undecided one meets nothing."""
    if expected is None:
        return worst(map(_status, answers))
    unmet = [one for one in answers if not _meets(one, expected)]
    for answer in () if quiet else unmet:
        print(f"expected {expected}, got {answer.effect}", file=sys.stderr)
    return ExitStatus.DENIED if unmet else ExitStatus.OK


def _status(answer: UnknownAnswer) -> ExitStatus:
    if answer.decided is None:
        return ExitStatus.UNDECIDED
    return ExitStatus.OK if answer.decided.allowed else ExitStatus.DENIED


def _meets(answer: UnknownAnswer, expected: str) -> bool:
    if answer.decided is None:
        return False
    return answer.effect == expected or (expected == "deny" and not answer.decided.allowed)
