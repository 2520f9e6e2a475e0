"""Which findings are told, and how grave are they? Codes that are chosen, overridden, suppressed or known already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from hashlib import sha256
from typing import Any

from policyeval.checks.check import FindingType, Origin
from policyeval.checks.lint import Finding
from policyeval.checks.subject import SCP_DIALECTS
from policyeval.checks.table import BY_CODE, CHECKS
from policyeval.diagnostics import did_you_mean
from policyeval.errors import UsageError
from policyeval.records import Record, replace
from policyeval.source import path_text

GROUPS = ("ALL", "AWS", "POLICYEVAL", *(type.value for type in FindingType))
FAIL_LEVELS = {"error": 0, "security-warning": 1, "warning": 2, "suggestion": 3, "never": -1}


class Suppression(Record):
    """A finding that is meant to be there: its code, why, and where: file, Sid, or path; empty means any."""

    code: str
    reason: str
    file: str = "*"
    sid: str = ""
    path: str = ""

    def covers(self, finding: Finding) -> bool:
        """Is the finding the one that is meant?"""
        return (
            self.code in (finding.code, "ALL")
            and matches_file(finding.file, self.file)
            and (not self.sid or finding.sid == self.sid)
            and (not self.path or _leads_to(self.path, path_text(finding.path)))
        )


def _leads_to(path: str, place: str) -> bool:
    """Is the place at the path, or below it?"""
    return place == path or place.startswith((f"{path}.", f"{path}["))


class Selection(Record):
    """What the configuration and the command line say."""

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, FindingType], ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    suppress: tuple[Suppression, ...] = ()
    policy_types: tuple[tuple[str, str], ...] = ()
    scp_dialect: str = SCP_DIALECTS[0]
    fail_level: str = "suggestion"
    baseline: str | None = None

    def codes(self) -> frozenset[str]:
        """List the codes that are chosen."""
        chosen = {code for name in self.select for code in codes_of(name)}
        if not self.select:
            chosen = {row.code for row in CHECKS if row.default}
        chosen |= {code for name in self.extend_select for code in codes_of(name)}
        return frozenset(chosen) - {code for name in self.ignore for code in codes_of(name)}

    def type_of(self, file: str) -> str | None:
        """Tell the policy type that the configuration gives a file."""
        return next((kind for pattern, kind in self.policy_types if matches_file(file, pattern)), None)

    def kept(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Leave out what is ignored in its file, or suppressed, and give the others their severity."""
        severity = dict(self.severity)
        for finding in findings:
            ignored = any(
                finding.code in codes_of(name)
                for pattern, names in self.per_file_ignores
                if matches_file(finding.file, pattern)
                for name in names
            )
            if not ignored and not any(one.covers(finding) for one in self.suppress):
                yield replace(finding, type=severity.get(finding.code, finding.type))

    def fails(self, finding: Finding) -> bool:
        """Is the finding grave enough to fail the run?"""
        return finding.type.rank <= FAIL_LEVELS[self.fail_level]


def matches_file(file: str, pattern: str) -> bool:
    """Does a pattern match a file name, whole or from any of its folders on?"""
    name = file.replace("\\", "/").removeprefix("./")
    return fnmatch(name, pattern) or fnmatch(name, f"*/{pattern}")


def codes_of(name: str) -> tuple[str, ...]:
    """Give the codes that a code, a pattern or a group stands for.

    Raises UsageError for a name that is none.
    """
    upper = name.upper().replace("-", "_")
    if upper in BY_CODE:
        return (upper,)
    found = tuple(row.code for row in CHECKS if _is_in_group(row.code, upper) or fnmatch(row.code, upper))
    if not found:
        near = did_you_mean(upper, (*BY_CODE, *GROUPS))
        help = (
            f"did you mean `{near}`?" if near else f"it is a code, a pattern, or one of {', '.join(GROUPS)}"
        )
        raise UsageError(f"there is no check `{name}`", help=help)
    return found


def _is_in_group(code: str, group: str) -> bool:
    row = BY_CODE[code]
    ours = row.origin is Origin.OURS
    return (
        group == "ALL"
        or group == row.type.value
        or (group == "POLICYEVAL" and ours)
        or (group == "AWS" and not ours)
    )


# Baselines


def fingerprint(finding: Finding) -> str:
    """Name a finding so that it is known again when lines move: file, code, Sid or statement, and the words."""
    where = [str(step) for step in finding.path if not isinstance(step, int)]
    parts = (finding.file, finding.code, finding.sid or "", ".".join(where), finding.message)
    return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def baseline_of(findings: Iterable[Finding]) -> dict[str, Any]:
    """Write down what is there today, as JSON-ready values."""
    counts = Counter((finding.file, finding.code, fingerprint(finding)) for finding in findings)
    listed = [
        {"file": file, "code": code, "fingerprint": print, "count": count}
        for (file, code, print), count in sorted(counts.items())
    ]
    return {"version": 1, "findings": listed}


def beyond_baseline(findings: Sequence[Finding], baseline: Mapping[str, int]) -> list[Finding]:
    """Leave out the findings that a baseline knows, each as often as it knows it."""
    left = Counter(baseline)
    new = []
    for finding in findings:
        name = fingerprint(finding)
        if left[name] > 0:
            left[name] -= 1
        else:
            new.append(finding)
    return new
