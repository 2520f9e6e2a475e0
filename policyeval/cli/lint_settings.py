"""What does `[tool.policyeval.lint]` say? The nearest pyproject.toml, or the file that --config names."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from policyeval.checks.check import FindingType
from policyeval.checks.selection import FAIL_LEVELS, Selection, Suppression, codes_of
from policyeval.checks.subject import SCP_DIALECTS
from policyeval.diagnostics import did_you_mean
from policyeval.errors import UsageError
from policyeval.language.policy_types import policy_type

_FIELDS = (
    "select", "extend-select", "ignore", "severity", "per-file-ignores", "suppress", "policy-types", "scp-dialect",
    "fail-level", "baseline",
)  # fmt: skip
_SUPPRESSION = ("code", "reason", "file", "sid", "path")


def read_selection(config: str | None) -> Selection:
    """Read the settings; without a file, or without the table in it, everything is as usual.

    Raises UsageError for what cannot be read, and for settings that are none.
    """
    path = Path(config) if config is not None else _nearest(Path.cwd())
    if path is None:
        return Selection()
    table = _table(path, named=config is not None)
    where = f"[tool.policyeval.lint] in `{path}`"
    _known(table, _FIELDS, where)
    baseline = _baseline_name(table, where)
    return Selection(
        _names(table, "select", where),
        _names(table, "extend-select", where),
        _names(table, "ignore", where),
        tuple(_severities(table, where)),
        tuple(
            (file, _names({file: names}, file, where))
            for file, names in _mapping(table, "per-file-ignores", where)
        ),
        tuple(_suppressions(table, where)),
        tuple((file, policy_type(str(kind)).name) for file, kind in _mapping(table, "policy-types", where)),
        _choice(table, "scp-dialect", SCP_DIALECTS, where),
        _choice(table, "fail-level", tuple(FAIL_LEVELS), where, "suggestion"),
        None if baseline is None else str(path.parent / baseline),
    )


def _nearest(folder: Path) -> Path | None:
    places = (one / "pyproject.toml" for one in (folder, *folder.parents))
    return next((place for place in places if place.is_file()), None)


def _table(path: Path, *, named: bool) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found: Any = tomllib.load(file)
    except FileNotFoundError:
        raise UsageError(f"there is no file `{path}`", help="check the spelling and the folder") from None
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise UsageError(f"`{path}` cannot be read: {reason}", help="check its permissions") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        help = (
            "mend it, or leave out `--config`" if named else "mend it, or name another file with `--config`"
        )
        raise UsageError(f"`{path}` is not TOML: {problem}", help=help) from None
    for step, of in (("tool", ""), ("policyeval", "tool."), ("lint", "tool.policyeval.")):
        found = found.get(step, {})
        if not isinstance(found, dict):
            raise UsageError(f"`{step}` of `{path}` is a table", help=f"write [{of}{step}]")
    table: dict[str, Any] = found
    return table


def _known(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for name in table:
        if name not in known:
            near = did_you_mean(name, known)
            help = f"did you mean `{near}`?" if near else f"the settings are {', '.join(known)}"
            raise UsageError(f"unknown setting `{name}` of {where}", help=help)


def _names(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    listed = table.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise UsageError(f"`{name}` of {where} is a list of codes", help=f'write {name} = ["CODE"]')
    for one in listed:
        codes_of(one)
    return tuple(listed)


def _mapping(table: Mapping[str, Any], name: str, where: str) -> list[tuple[str, Any]]:
    value = table.get(name, {})
    if not isinstance(value, dict):
        raise UsageError(f"`{name}` of {where} is a table", help=f"write [tool.policyeval.lint.{name}]")
    return list(value.items())


def _severities(table: Mapping[str, Any], where: str) -> Iterator[tuple[str, FindingType]]:
    for name, text in _mapping(table, "severity", where):
        for code in codes_of(name):
            yield code, _type(text, where)


def _type(text: Any, where: str) -> FindingType:
    upper = str(text).upper().replace("-", "_")
    if upper not in FindingType.__members__:
        names = ", ".join(type.value.lower().replace("_", "-") for type in FindingType)
        raise UsageError(f"`{text}` is no severity in {where}", help=f"it is one of {names}")
    return FindingType[upper]


def _choice(
    table: Mapping[str, Any], name: str, choices: tuple[str, ...], where: str, usual: str | None = None
) -> str:
    value = str(table.get(name, usual or choices[0]))
    if value not in choices:
        raise UsageError(
            f"`{name}` of {where} cannot be `{value}`", help=f"it is one of {', '.join(choices)}"
        )
    return value


def _suppressions(table: Mapping[str, Any], where: str) -> Iterator[Suppression]:
    listed = table.get("suppress", [])
    if not isinstance(listed, list):
        raise UsageError(
            f"`suppress` of {where} is a list of tables", help="write [[tool.policyeval.lint.suppress]]"
        )
    yield from (_suppression(one, where) for one in listed)


def _baseline_name(table: Mapping[str, Any], where: str) -> str | None:
    name = table.get("baseline")
    if name is not None and not isinstance(name, str):
        raise UsageError(f"`baseline` of {where} is the name of a file", help='write baseline = "known.json"')
    return name


def _suppression(value: Any, where: str) -> Suppression:
    if not isinstance(value, dict) or not value.get("code") or not value.get("reason"):
        help = '{code = "…", reason = "…"}, and where: file, sid, path'
        raise UsageError(f"`suppress` of {where} names a code and a reason", help=f"write {help}")
    _known(value, _SUPPRESSION, f"`suppress` of {where}")
    code = str(value["code"]).upper()
    if code != "ALL":
        codes_of(code)
    words = {name: str(value[name]) for name in ("file", "sid", "path") if name in value}
    return Suppression(code, str(value["reason"]), **words)


def read_baseline(name: str) -> dict[str, int]:
    """Read how often a baseline knows each finding.

    Raises UsageError for a file that is none.
    """
    from policyeval.sources.files import read_source

    try:
        found: Counter[str] = Counter()
        for one in json.loads(read_source(name).text)["findings"]:
            found[str(one["fingerprint"])] += int(one["count"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"`{name}` is no baseline", help="write one with `--write-baseline FILE`") from None
    return dict(found)
