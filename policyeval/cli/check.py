"""`policyeval check`: is the request allowed, and why?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from policyeval.cli.arguments import Parser, add_output_options, key_and_value, one_of
from policyeval.cli.output import Destination, destinations, uses_color, write_all
from policyeval.cli.remarks import remarked, tell_hidden_remarks
from policyeval.cli.requests import AskedRequest, Overrides, asked_requests
from policyeval.cli.status import ExitStatus, worst
from policyeval.decision import Decision
from policyeval.engine import Engine
from policyeval.errors import RequestError, UsageError
from policyeval.language.values import MALFORMED, read_date
from policyeval.policy_set import PolicySet
from policyeval.render.formats import FORMATS
from policyeval.render.look import Look
from policyeval.sources.costs import refuse_costly
from policyeval.sources.files import STANDARD_INPUT
from policyeval.sources.policy_arguments import PolicyArgument, read_policies

if TYPE_CHECKING:
    from policyeval.explain.explanation import Explanation

ABOUT = """\
Decide whether a request is allowed, and explain the answer.

POLICY is a policy document or a policy set. The kind of a document is recognised by its content
(a Principal makes it a resource-based policy), or named: identity:FILE, boundary:FILE, scp:DIR,
resource:bucket:FILE, session:FILE, trust:FILE, endpoint:FILE, rcp:DIR. `-` is standard input."""

EXAMPLES = """\
  policyeval check policy.json --request request.json
  policyeval check app.json --boundary boundary.json --scp org/ --request request.json
  policyeval check policy.json --principal arn:aws:iam::111122223333:user/ana \\
      --action s3:GetObject --resource arn:aws:s3:::logs/a.txt --context aws:SourceIp=203.0.113.7
  policyeval check policies.yaml --request requests.jsonl -f jsonl
  policyeval check policy.json --request request.json --unknown aws:SourceIp --unknown aws:SourceVpce
  policyeval check policy.json --request request.json --expect explicit-deny -q
  policyeval check policy.json --request request.json --fix --yes

exit status: 0 all allowed, or as expected · 1 denied, or not as expected · 2 wrong usage or bad
input · 3 undecided (only with --unknown) · 70 internal error"""

EXPECTATIONS = ("allow", "deny", "explicit-deny", "implicit-deny")
MIN_WIDTH, WIDTH, MAX_WIDTH = 60, 100, 120

# option → layer, what it is, whether it may be repeated is decided by sources/policy_arguments
LAYER_OPTIONS = (
    ("--identity", "identity", "FILE", "identity-based policy of the caller"),
    ("--resource-policy", "resource", "FILE", "policy of the resource"),
    ("--boundary", "boundary", "FILE", "permissions boundary of the caller"),
    ("--session-policy", "session", "FILE", "session policy"),
    ("--scp", "scp", "FILE|DIR", "service control policies, once per level, root first; or a directory of levels"),
    ("--rcp", "rcp", "FILE|DIR", "resource control policies, likewise"),
    ("--endpoint-policy", "endpoint", "FILE", "VPC endpoint policy"),
    ("--trust-policy", "trust", "FILE", "trust policy of the role in sts:AssumeRole"),
)  # fmt: skip


def parser() -> Parser:
    """Make the parser of the command."""
    made = Parser("check", ABOUT, EXAMPLES, usage="policyeval check POLICY… --request FILE [OPTION…]")
    made.add_argument(
        "policies", nargs="*", metavar="POLICY", help="policy document, KIND:FILE, or policy set"
    )
    layers = made.add_argument_group("policies by layer")
    for option, layer, metavar, help in LAYER_OPTIONS:
        layers.add_argument(
            option, action="append", metavar=metavar, dest=f"layer_{layer}", default=[], help=help
        )
    request = made.add_argument_group("request")
    request.add_argument("--request", action="append", default=[], metavar="FILE",
                         help="request file: one, a list, or JSON Lines")  # fmt: skip
    request.add_argument("--principal", metavar="ARN", help="the caller")
    request.add_argument("--action", action="append", default=[], metavar="SERVICE:NAME",
                         help="the action; repeat it for several")  # fmt: skip
    request.add_argument("--resource", action="append", default=[], metavar="ARN",
                         help="the resource; repeat it for several")  # fmt: skip
    request.add_argument("--context", action="append", default=[], metavar="KEY=VALUE",
                         type=key_and_value("--context", "aws:SourceIp=203.0.113.7"),
                         help="a context key; repeat it for several values")  # fmt: skip
    request.add_argument("--unknown", action="append", default=[], metavar="KEY",
                         help="a context key that may have any value; `all`: every key that is not given")  # fmt: skip
    decision = made.add_argument_group("decision")
    decision.add_argument("--expect", type=one_of("--expect", EXPECTATIONS), metavar="EFFECT",
                          help=f"succeed only with this answer: {', '.join(EXPECTATIONS)}")  # fmt: skip
    decision.add_argument("--now", type=moment, metavar="TIME",
                          help="time of requests that tell none: 2026-11-23T12:00:00Z")  # fmt: skip
    decision.add_argument("--semantics", action="append", default=[], metavar="NAME=VALUE",
                          type=key_and_value("--semantics", "notprincipal_chain=any"),
                          help="choose a reading of a disputed point; see `policyeval explain semantics`")  # fmt: skip
    decision.add_argument("--fix", action="store_true",
                          help="write the smallest change that allows the request into the policy's file")  # fmt: skip
    decision.add_argument("--yes", action="store_true", help="with --fix: do not ask")
    add_output_options(made, tuple(FORMATS), redact=True)
    return made


def moment(text: str) -> float:
    seconds = read_date(text)
    if seconds is MALFORMED:
        help = "write `2026-11-23T12:00:00Z`, or seconds since 1970"
        raise UsageError(f"`--now` cannot be `{text}`", help=help)
    return float(seconds)


def run(options: argparse.Namespace) -> ExitStatus:
    """Decide every request that is asked, then write the answers."""
    places = destinations(options.formats, options.output, tuple(FORMATS), quiet=options.quiet)
    _refuse_second_standard_input(options)
    engine = Engine(_policies(options), now=options.now)
    asked = asked_requests(options.request, _overrides(options))
    if options.unknown:
        return _with_unknown_keys(engine, asked, places, options)
    if not places and not options.fix:
        return _judged(options.expect, [_decided(engine, one) for one in asked], asked, quiet=True)
    explanations = [remarked(_explained(engine, one), options.remarks) for one in asked]
    rendered = [(place.file, _rendered(place, explanations, options)) for place in places]
    fixed = options.fix and not explanations[0].allowed and _fixed(explanations, options)
    tell_hidden_remarks(options, places, explanations)
    write_all(rendered)
    if fixed:
        return ExitStatus.OK
    return _judged(options.expect, [one.decision for one in explanations], asked, quiet=options.quiet)


def _with_unknown_keys(
    engine: Engine, asked: Sequence[AskedRequest], places: Sequence[Destination], options: argparse.Namespace
) -> ExitStatus:
    from policyeval.cli import unknown

    answers = unknown.answers_of(engine, asked, options)
    write_all([(place.file, unknown.rendered(place, answers, _look(place, options))) for place in places])
    return unknown.judged(options.expect, answers, quiet=options.quiet)


def _fixed(explanations: Sequence[Explanation], options: argparse.Namespace) -> bool:
    from policyeval.cli.fixing import write_fix

    return write_fix(explanations, yes=options.yes)


def _overrides(options: argparse.Namespace) -> Overrides:
    given = Overrides(
        options.principal, tuple(options.action), tuple(options.resource), tuple(options.context)
    )
    return given.checked()


def _decided(engine: Engine, asked: AskedRequest) -> Decision:
    try:
        refuse_costly(engine.policies, asked.request, explained=False)
        return engine.decide(asked.request)
    except RequestError as error:
        raise asked.located(error) from None


def _explained(engine: Engine, asked: AskedRequest) -> Explanation:
    try:
        refuse_costly(engine.policies, asked.request)
        return engine.explain(asked.request)
    except RequestError as error:
        raise asked.located(error) from None


def _policies(options: argparse.Namespace) -> PolicySet:
    arguments = list(policy_arguments(options))
    if not arguments:
        help = "name a policy file: `policyeval check policy.json --request request.json`"
        raise UsageError("no policy is given", help=help)
    return read_policies(arguments, dict(options.semantics))


def policy_arguments(options: argparse.Namespace) -> Iterator[PolicyArgument]:
    yield from map(PolicyArgument.of, options.policies)
    for _, layer, _, _ in LAYER_OPTIONS:
        yield from (PolicyArgument(name, layer) for name in getattr(options, f"layer_{layer}"))


def _refuse_second_standard_input(options: argparse.Namespace) -> None:
    names = [one.name for one in policy_arguments(options)] + options.request
    if names.count(STANDARD_INPUT) > 1:
        raise UsageError("standard input is named twice", help="give the policy or the request as a file")


def _rendered(place: Destination, explanations: Sequence[Explanation], options: argparse.Namespace) -> str:
    look = _look(place, options)
    if options.redact:
        from policyeval.render.redact import render_redacted

        return render_redacted(FORMATS[place.format], explanations, look)
    return FORMATS[place.format](explanations, look)


def _look(place: Destination, options: argparse.Namespace) -> Look:
    color = uses_color(options.color, is_file=place.file is not None)
    return Look(options.verbose, color, width(place))


def width(place: Destination) -> int:
    """Take the terminal's width; files and pipes get the same bytes on every machine."""
    if place.file is not None or sys.stdout is None or not sys.stdout.isatty():
        return WIDTH
    import shutil

    return min(max(shutil.get_terminal_size((WIDTH, 24)).columns, MIN_WIDTH), MAX_WIDTH)


def _judged(
    expected: str | None, decisions: Sequence[Decision], asked: Sequence[AskedRequest], *, quiet: bool
) -> ExitStatus:
    """Combine the answers, or compare each with what is expected."""
    if expected is None:
        return worst(ExitStatus.OK if one.allowed else ExitStatus.DENIED for one in decisions)
    unmet = [(number, one) for number, one in enumerate(decisions, 1) if not _meets(one, expected)]
    for number, decision in () if quiet else unmet:
        where = f"request {number} of {len(asked)}: " if len(asked) > 1 else ""
        got = f"{decision.effect.value} ({decision.reason.code})"
        print(f"{where}expected {expected}, got {got}", file=sys.stderr)
    return ExitStatus.DENIED if unmet else ExitStatus.OK


def _meets(decision: Decision, expected: str) -> bool:
    return decision.effect.value == expected or (expected == "deny" and not decision.allowed)
