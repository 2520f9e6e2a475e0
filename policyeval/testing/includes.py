"""Which policies does a case file name? Fields of a policy set, or whole files: sets and single documents.

`policies: policies.yaml` takes the policies of a file; `{include: policies.yaml, boundary: b.json}` takes
them and overrides fields. Names are relative to the file that they stand in.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.diagnostics import did_you_mean
from policyeval.errors import CaseError, PolicyEvalError
from policyeval.language.documents import JsonValue, read_document
from policyeval.language.parse import recognised_type
from policyeval.policy_set import FIELDS, is_policy_set
from policyeval.records import Record, replace
from policyeval.source import Path, Source
from policyeval.sources.files import read_source
from policyeval.testing.case import beside

_NOTHING: Mapping[str, tuple[JsonValue, Path]] = {}
_HERE: Mapping[str, Source] = {}
_HOW = "write {identity: [policy.json]}, or name a file of policies"


class Fields(Record):
    """Fields of a policy set with the paths that they stand under, and the files of those that are included."""

    values: Mapping[str, tuple[JsonValue, Path]] = _NOTHING
    origins: Mapping[str, Source] = _HERE

    def overridden(self, by: Fields) -> Fields:
        """Replace field by field."""
        kept = {name: source for name, source in self.origins.items() if name not in by.values}
        return Fields({**self.values, **by.values}, {**kept, **by.origins})


def policy_fields(given: JsonValue, at: Path, source: Source) -> Fields:
    """Read `policies` of a file or a case.

    Raises CaseError at the place of what is wrong.
    """
    if given is None:
        return Fields()
    if isinstance(given, str):
        return _included(given, at, source)
    if not isinstance(given, dict):
        raise CaseError("`policies` is an object or the name of a file", source=source, path=at, help=_HOW)
    fields = Fields()
    for index, name in enumerate(_names(given.get("include"), at, source)):
        where = (*at, "include", index) if isinstance(given["include"], list) else (*at, "include")
        fields = _added(fields, _included(name, where, source))
    own = {name: (value, at) for name, value in given.items() if name != "include"}
    _refuse_unknown(own, at, source)
    return fields.overridden(Fields(own))


def _refuse_unknown(own: Mapping[str, object], at: Path, source: Source) -> None:
    known = ("include", *FIELDS)
    for name in own:
        if name not in FIELDS:
            near = did_you_mean(name, known)
            help = f"did you mean `{near}`?" if near else f"the fields are {', '.join(known)}"
            raise CaseError(
                f"unknown policy set field `{name}`", source=source, path=(*at, name), on_key=True, help=help
            )


def _names(given: JsonValue, at: Path, source: Source) -> list[str]:
    names = given if isinstance(given, list) else [] if given is None else [given]
    if not all(isinstance(name, str) for name in names):
        message = "`include` is the name of a file, or a list of names"
        raise CaseError(message, source=source, path=(*at, "include"), help="write `include: policies.yaml`")
    return [str(name) for name in names]


def _included(name: str, where: Path, source: Source) -> Fields:
    """Read the fields of a policy set's file, or place a single document by its type."""
    try:
        found = read_source(beside(source, name), CaseError)
        value = read_document(found, CaseError)
        if isinstance(value, dict) and is_policy_set(value):
            return Fields({field: (one, ()) for field, one in value.items()}, dict.fromkeys(value, found))
        layer = recognised_type(value).layer
    except PolicyEvalError as error:
        raise _placed(error, where, source) from None
    return Fields({layer: ([name], where)})


def _placed(error: PolicyEvalError, where: Path, source: Source) -> CaseError:
    """Point to the name of the file in messages that know no place of their own."""
    return CaseError.of(
        told if told.source is not None else replace(told, source=source, path=where)
        for told in error.diagnostics
    )


def _added(fields: Fields, more: Fields) -> Fields:
    """Join two files; documents of one layer stand side by side, as a principal's policies do."""
    joined = dict(more.values)
    for name, (value, path) in more.values.items():
        if name in fields.values and name not in more.origins and name not in fields.origins:
            before = fields.values[name][0]
            joined[name] = ([*(before if isinstance(before, list) else [before]),
                             *(value if isinstance(value, list) else [value])], path)  # fmt: skip
    return fields.overridden(Fields(joined, more.origins))
