"""What is behind a code? The long text of a reason, operator, check or semantics option, made of its table's row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from policyeval.decision import REASONS, Effect, Reason, reason
from policyeval.diagnostics import did_you_mean
from policyeval.errors import UsageError
from policyeval.explain.hints import HINTS, Hint
from policyeval.operators import (
    OPERATORS,
    ConditionOperator,
    Example,
    Operator,
    SetOperator,
    operator_names,
    parse_operator,
)
from policyeval.semantics import CHOICES, Semantics

if TYPE_CHECKING:
    from policyeval.checks.check import Check

WIDTH = 96


@dataclass(frozen=True, slots=True)
class Entry:
    """What is told about a code: as text, and as values for programs."""

    text: str
    values: Any


def entry(code: str) -> Entry:
    """Tell about a code, or list a table: `reasons`, `operators`, `checks`, `semantics`.

    Raises UsageError for a code that is none, with the nearest one.
    """
    lower = code.lower()
    if lower in TABLES:
        return TABLES[lower]()
    row = reason(lower)
    if row is not None:
        return _reason(row)
    hint = next((one for one in HINTS if one.code == lower), None)
    if hint is not None:
        return _hint(hint)
    if lower in ERRORS:
        return _error(lower)
    if lower in CHOICES:
        return _option(lower)
    operator = parse_operator(code)
    if operator is not None:
        return _operator(operator)
    row_of_check = _checks_by_code().get(code.upper().replace("-", "_"))
    if row_of_check is not None:
        return _check(row_of_check)
    raise UsageError(f"unknown code `{code}`", help=_nearest(code))


def _nearest(code: str) -> str:
    known = [
        *TABLES,
        *(row.code for row in REASONS),
        *(one.code for one in HINTS),
        *ERRORS,
        *CHOICES,
        *operator_names(),
        *_checks_by_code(),
    ]
    near = did_you_mean(code, known)
    return f"did you mean `{near}`?" if near else f"`policyeval explain` lists {', '.join(TABLES)}"


def overview() -> Entry:
    """List everything that can be explained."""
    listed = [(name, table()) for name, table in TABLES.items()]
    return Entry("\n".join(one.text for _, one in listed), {name: one.values for name, one in listed})


# Errors

# code → when it is met, and what to do; the tree of classes stands in errors.py
ERRORS: dict[str, tuple[str, str, str]] = {
    "policy-error": (
        "a policy document or a policy set cannot be used",
        "The text is no JSON or YAML, an element is missing, misspelt or of the wrong kind, an operator is unknown, or the policy type forbids what stands there. Nothing is decided: a policy that AWS could not hold has no answer. The exit status is 2.",
        "The message names file, line and column, marks the smallest wrong part, and says what to write instead. `policyeval lint` lists all findings of a file at once.",
    ),
    "request-error": (
        "a request cannot be used",
        "The principal, the action or the resource is missing or has no known form, a field is unknown, or two inputs contradict each other, such as an ARN's account and `resource_account`. The exit status is 2.",
        "`policyeval schema request` describes the shape; `policyeval check --help` shows how to give a request by options.",
    ),
    "case-error": (
        "a case file cannot be used",
        "A field is unknown or missing, an expectation is none, or a variable is not defined. No case of the file is run. The exit status is 2.",
        "`policyeval schema cases` describes the shape; all mistakes of a file are told at once.",
    ),
    "usage-error": (
        "an option or a file cannot be used",
        "An option is unknown or lacks its value, two options exclude each other, a file does not exist or cannot be read or written. The exit status is 2.",
        "`policyeval COMMAND --help` lists the options with examples.",
    ),
    "internal-error": (
        "policyeval itself failed",
        "Something went wrong that should not. Nothing is decided, and never is anything allowed by mistake. The exit status is 70.",
        "Please report it; with POLICYEVAL_TRACEBACK=1 the whole traceback is shown.",
    ),
}


def _error(code: str) -> Entry:
    title, text, help = ERRORS[code]
    told = "\n".join([*wrap(text, WIDTH), "", *wrap(f"what to do: {help}", WIDTH)])
    return Entry(f"{code}: {title}\n\n{told}\n", {"code": code, "title": title, "text": text, "help": help})


def _errors() -> Entry:
    lines = [f"  {code:<16} {title}" for code, (title, _, _) in ERRORS.items()]
    return Entry("errors\n" + "\n".join(lines) + "\n", [_error(code).values for code in ERRORS])


# Hints


def _hint(row: Hint) -> Entry:
    return Entry(f"{row.code}: {row.title}\n\n" + "\n".join(wrap(row.text, WIDTH)) + "\n", _hint_values(row))


def _hint_values(row: Hint) -> dict[str, str]:
    return {"code": row.code, "title": row.title, "text": row.text}


def _hints() -> Entry:
    lines = [f"  {row.code:<26} {row.title}" for row in HINTS]
    return Entry("hints\n" + "\n".join(lines) + "\n", [_hint_values(row) for row in HINTS])


# Reasons


def _reason(row: Reason) -> Entry:
    facts = [("answer", _effect(row.effect)), ("layer", row.layer.title), ("what to do", row.advice)]
    if row.aws:
        said = f"… is not authorized to perform: ACTION … {row.aws.format(action='ACTION')}"
        facts.append(("AWS says", said))
    facts.append(("AWS's page", row.page))
    return Entry(_page(row.code, f"{_about_action(row.sentence)}.", row.text, facts), _reason_values(row))


def _reason_values(row: Reason) -> dict[str, str]:
    return {
        "code": row.code,
        "decision": row.effect.value,
        "layer": row.layer.value,
        "message": _about_action(row.sentence),
        "advice": row.advice,
        "text": row.text,
        "aws_message": row.aws,
        "page": row.page,
    }


def _effect(effect: Effect) -> str:
    return effect.value.replace("-", " ")


def _about_action(sentence: str) -> str:
    return sentence.replace("{action}", "the action")


def _reasons() -> Entry:
    rows = [(row.code, _about_action(row.sentence)) for row in REASONS]
    return Entry(_table("reasons: why a decision fell", rows), [_reason_values(row) for row in REASONS])


# Operators


def _operator(operator: ConditionOperator) -> Entry:
    row = operator.row
    text = " ".join(_operator_sentences(operator))
    wildcards = "`*` and `?` in the policy's value" if row.wildcards else "none: `*` is an ordinary character"
    facts = [
        ("wildcards", wildcards),
        ("variables", "`${…}` is replaced under Version 2012-10-17" if row.variables else "none"),
        *(("example", _example(row, one)) for one in row.examples),
    ]
    head = f"Holds when KEY {row.title} VALUE."
    page = _page(operator.name, head, text, facts)
    return Entry(page, _operator_values(row) | {"operator": operator.name, "text": f"{head} {text}"})


def _operator_sentences(operator: ConditionOperator) -> Iterator[str]:
    row = operator.row
    if row.negated:
        yield "Of several policy values none may match; a key that is absent matches none, so the condition holds."
    elif not row.is_null:
        yield "One of several policy values has to match; when the key is absent the condition does not hold."
    if operator.if_exists:
        yield "IfExists: when the key is absent the condition holds."
    if operator.set_operator is SetOperator.FOR_ALL_VALUES:
        yield "ForAllValues: every value of the request has to pass; with no value at all the condition holds, too."
    if operator.set_operator is SetOperator.FOR_ANY_VALUE:
        yield "ForAnyValue: at least one value of the request has to pass; with no value the condition does not hold."
    if row.can_be_malformed:
        yield "A value that cannot be read is malformed; in a Deny statement that closes the answer (`malformed`)."


def _example(row: Operator, example: Example) -> str:
    request = "the key is absent" if example.request is None else f"the request has `{example.request}`"
    return f"policy `{example.policy}`, {request}: {'holds' if example.holds else 'does not hold'}"


def _operator_values(row: Operator) -> dict[str, Any]:
    return {
        "operator": row.name,
        "negated": row.negated,
        "wildcards": row.wildcards,
        "variables": row.variables,
        "examples": [
            {"policy": one.policy, "request": one.request, "holds": one.holds} for one in row.examples
        ],
    }


def _operators() -> Entry:
    rows = [(row.name, _example(row, row.examples[0])) for row in OPERATORS]
    text = _table("operators: what a condition compares", rows)
    more = "each but Null also as …IfExists, and all with ForAllValues: or ForAnyValue: before the name"
    return Entry(f"{text}  {more}\n", [_operator_values(row) for row in OPERATORS])


# Checks


def _checks_by_code() -> dict[str, Check]:
    """Import the checks only when they are asked for."""
    from policyeval.checks.table import BY_CODE

    return BY_CODE


def _check(row: Check) -> Entry:
    facts = [
        ("type", row.type.words),
        ("from", row.origin.value),
        ("wrong", _sample(row.bad)),
        ("right", _sample(row.good)),
        ("see", row.url),
    ]
    if not row.default:
        facts.insert(2, ("runs", f"only when it is asked for: --extend-select {row.code}"))
    return Entry(_page(row.code, row.sentence, row.text, facts), _check_values(row))


def _sample(sample: dict[str, Any] | str) -> str:
    """Show what differs from an ordinary statement."""
    text = sample if isinstance(sample, str) else json.dumps(sample, ensure_ascii=False)
    return (text if len(text) <= 240 else f"{text[:239]}…") if sample else "an ordinary statement"


def _check_values(row: Check) -> dict[str, Any]:
    return {
        "code": row.code,
        "type": row.type.value,
        "title": row.title,
        "text": row.text,
        "origin": row.origin.value,
        "default": row.default,
        "policy_types": list(row.layers),
        "url": row.url,
    }


def _checks() -> Entry:
    rows = _checks_by_code().values()
    text = _table("checks: what `policyeval lint` finds", [(row.code, row.title) for row in rows])
    return Entry(text, [_check_values(row) for row in rows])


# Semantics options


def _option(name: str) -> Entry:
    values, about = CHOICES[name]
    facts = [
        ("values", ", ".join(values)),
        ("default", getattr(Semantics(), name)),
        ("use", f"--semantics {name}={values[1]}"),
    ]
    return Entry(_page(name, f"{about}.", "", facts), _option_values(name))


def _option_values(name: str) -> dict[str, Any]:
    values, about = CHOICES[name]
    return {"option": name, "values": list(values), "default": getattr(Semantics(), name), "text": about}


def _semantics() -> Entry:
    rows = [(f"{name}={'|'.join(values)}", about) for name, (values, about) in CHOICES.items()]
    text = _table("semantics: readings of disputed points, the default first", rows)
    return Entry(text, [_option_values(name) for name in CHOICES])


# table → its list
TABLES: dict[str, Callable[[], Entry]] = {
    "reasons": _reasons,
    "hints": _hints,
    "errors": _errors,
    "operators": _operators,
    "checks": _checks,
    "semantics": _semantics,
}


# Layout


def _page(code: str, head: str, text: str, facts: Iterable[tuple[str, str]]) -> str:
    listed = list(facts)
    width = max(len(name) for name, _ in listed)
    blocks = [[code], wrap(head, WIDTH, initial_indent="  ", subsequent_indent="  ")]
    if text:
        blocks.append(["", *wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")])
    blocks.append([""])
    blocks += [_hanging(f"  {name:<{width}}  ", value) for name, value in listed]
    return "\n".join(line for block in blocks for line in block) + "\n"


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    listed = list(rows)
    width = min(max(len(name) for name, _ in listed), 40)
    lines = [line for name, value in listed for line in _hanging(f"  {name:<{width}}  ", value)]
    return "\n".join([title, *lines]) + "\n"


def _hanging(start: str, text: str) -> list[str]:
    found = wrap(text, max(40, WIDTH - len(start)), break_long_words=False, break_on_hyphens=False)
    return [(start if number == 0 else " " * len(start)) + line for number, line in enumerate(found or [""])]
