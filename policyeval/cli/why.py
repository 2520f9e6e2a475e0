"""`policyeval why`: what AWS printed, and where to look."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from policyeval.cli.arguments import Parser, add_output_options, key_and_value
from policyeval.cli.check import LAYER_OPTIONS, moment, policy_arguments, width
from policyeval.cli.output import Destination, destinations, uses_color, write_all
from policyeval.cli.remarks import remarked, tell_hidden_remarks
from policyeval.cli.requests import Overrides
from policyeval.cli.status import ExitStatus
from policyeval.engine import Engine
from policyeval.errors import UsageError
from policyeval.explain.comparison import compare
from policyeval.language.arn import is_account_id, parse_arn
from policyeval.render.formats import Look
from policyeval.render.why import Why, render_why, why_json
from policyeval.request import Request
from policyeval.sources.costs import refuse_costly
from policyeval.sources.denials import Denial, Form, read_denial
from policyeval.sources.files import STANDARD_INPUT, read_source
from policyeval.sources.policy_arguments import read_policies
from policyeval.sources.requests import read_request

ABOUT = """\
Read what AWS printed when it denied a call: the message, an SDK's error, a CloudTrail record, or a
decoded authorization message. Without policies it says which layer to look at and what to collect;
with policies it decides the same call and says whether the answers agree.

TEXT is the text itself, a file, or `-` for standard input (also when it is left out)."""

EXAMPLES = """\
  policyeval why 'User: arn:aws:iam::111122223333:user/ana is not authorized to perform: …'
  policyeval why denial.txt
  terraform apply 2>&1 | policyeval why
  policyeval why denial.txt app.json --scp org/

exit status: 0 recognised; with policies, allowed · 1 with policies, denied · 2 not recognised, wrong
usage or bad input · 70 internal error"""

FORMATS = ("text", "json")


def parser() -> Parser:
    """Make the parser of the command."""
    made = Parser("why", ABOUT, EXAMPLES, usage="policyeval why [TEXT] [POLICY…] [OPTION…]")
    made.add_argument(
        "given", nargs="*", metavar="TEXT, POLICY", help="what AWS printed; then policies, as for `check`"
    )
    layers = made.add_argument_group("policies by layer")
    for option, layer, metavar, help in LAYER_OPTIONS:
        layers.add_argument(
            option, action="append", metavar=metavar, dest=f"layer_{layer}", default=[], help=help
        )
    request = made.add_argument_group("request, where the text hides or lacks something")
    request.add_argument("--principal", metavar="ARN", help="the caller")
    request.add_argument("--action", metavar="SERVICE:NAME", help="the action")
    request.add_argument("--resource", metavar="ARN", help="the resource")
    request.add_argument("--context", action="append", default=[], metavar="KEY=VALUE",
                         type=key_and_value("--context", "aws:SourceIp=203.0.113.7"),
                         help="a context key; repeat it for several values")  # fmt: skip
    decision = made.add_argument_group("decision")
    decision.add_argument("--now", type=moment, metavar="TIME",
                          help="time of the call, where the text tells none: 2026-11-23T12:00:00Z")  # fmt: skip
    decision.add_argument("--semantics", action="append", default=[], metavar="NAME=VALUE",
                          type=key_and_value("--semantics", "notprincipal_chain=any"),
                          help="choose a reading of a disputed point; see `policyeval explain semantics`")  # fmt: skip
    add_output_options(made, FORMATS, redact=True)
    return made


def run(options: argparse.Namespace) -> ExitStatus:
    """Recognise the denial, decide the same call if policies are given, and write the answer."""
    places = destinations(options.formats, options.output, FORMATS, quiet=options.quiet)
    text, options.policies = _text_and_policies(options.given)
    policies = list(policy_arguments(options))
    if [text or STANDARD_INPUT, *(one.name for one in policies)].count(STANDARD_INPUT) > 1:
        raise UsageError("standard input is named twice", help="give the text or the policy as a file")
    denial = _overridden(read_denial(_content(text)), options)
    why, status = Why(denial), ExitStatus.OK
    if policies:
        engine = Engine(read_policies(policies, dict(options.semantics)), now=options.now)
        request = _request(denial)
        refuse_costly(engine.policies, request)
        explanation = remarked(engine.explain(request), options.remarks)
        tell_hidden_remarks(options, places, [explanation])
        why = Why(denial, explanation, compare(denial.layer, denial.effect, explanation))
        status = ExitStatus.OK if explanation.allowed else ExitStatus.DENIED
    write_all([(place.file, _rendered(place, why, options)) for place in places])
    return status


def _text_and_policies(given: Sequence[str]) -> tuple[str | None, list[str]]:
    """Part the text from the policies; words that a shell has parted are put together again."""
    is_parted = len(given) > 1 and " " not in given[0] and not _names_text(given[0])
    if is_parted and not any(_is_file(one.rpartition(":")[2]) for one in given[1:]):
        return " ".join(given), []
    return (given[0], list(given[1:])) if given else (None, [])


def _names_text(text: str) -> bool:
    return text == STANDARD_INPUT or _is_file(text)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


def _content(text: str | None) -> str:
    """Read the text: from standard input, from a file, or as it is given."""
    if text is None and sys.stdin is not None and sys.stdin.isatty():
        raise UsageError(
            "no text is given", help="paste what AWS printed: `policyeval why 'User: … is not …'`"
        )
    if text is None or text == STANDARD_INPUT or _is_file(text):
        return read_source(text or STANDARD_INPUT).text
    if " " not in text and Path(text).suffix in (".txt", ".json", ".log", ".yaml", ".yml"):
        read_source(text)  # raises: it names no file
    return text


def _overridden(denial: Denial, options: argparse.Namespace) -> Denial:
    """Put what the options say over what the text says."""
    given = Overrides(
        options.principal, tuple(filter(None, [options.action])), tuple(filter(None, [options.resource])),
        tuple(options.context),
    ).checked()  # fmt: skip
    return replace(
        denial,
        principal=options.principal or denial.principal,
        caller=None if options.principal else denial.caller,
        action=options.action or denial.action,
        resource=options.resource or denial.resource,
        context=given.over(denial.request()).get("context", {}),
    )


def _request(denial: Denial) -> Request:
    """Make the request that AWS denied.

    Raises UsageError for what neither the text nor the options tell.
    """
    shape = denial.request()
    for name, question in (("principal", "who called"), ("action", "what was asked for")):
        if name not in shape:
            raise UsageError(f"AWS's text does not say {question}", help=f"add `--{name} {_EXAMPLES[name]}`")
    if denial.resource is None and denial.form in _SILENT_ON_RESOURCES:
        help = "add `--resource ARN`, or `--resource '*'`"
        raise UsageError("AWS's text does not say on which resource", help=help)
    _refuse_hidden(denial.resource or "*")
    return read_request(shape)


_EXAMPLES = {"principal": "arn:aws:iam::111122223333:user/ana", "action": "s3:GetObject"}
_SILENT_ON_RESOURCES = (Form.S3, Form.KMS, Form.ERROR_CODE, Form.API_GATEWAY, Form.ENCODED)


def _refuse_hidden(resource: str) -> None:
    """API Gateway hides the account of its ARNs, IAM names some resources without one."""
    arn = parse_arn(resource)
    if resource != "*" and arn is None:
        raise UsageError(f"`{resource}` is no ARN, though AWS printed it", help="add `--resource ARN`")
    if arn is not None and "*" in arn.account and not is_account_id(arn.account):
        raise UsageError(
            f"AWS hides the account in `{resource}`", help="add `--resource ARN` with the whole ARN"
        )


def _rendered(place: Destination, why: Why, options: argparse.Namespace) -> str:
    color = uses_color(options.color, is_file=place.file is not None)
    look = Look(options.verbose, color, width(place))
    text = why_json(why) if place.format == "json" else render_why(why, look)
    return _redacted(text, why) if options.redact else text


def _redacted(text: str, why: Why) -> str:
    from policyeval.render.hiding import Hiding
    from policyeval.render.redact import hiding_for

    if why.explanation is not None:
        text = hiding_for([why.explanation])(text)
    denial = why.denial
    return Hiding([denial.principal or "", denial.resource or "", denial.policy_arn or "", text])(text)
