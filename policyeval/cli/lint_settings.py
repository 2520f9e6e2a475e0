"""What does `[tool.policyeval.lint]` say? Pydantic checks it; the tables of the checks tell which names there are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from policyeval.checks.check import FindingType
from policyeval.checks.selection import FAIL_LEVELS, Selection, Suppression, codes_of
from policyeval.checks.subject import SCP_DIALECTS
from policyeval.cli.configuration import Configuration
from policyeval.cli.settings import Table, choice, ours, validated
from policyeval.errors import UsageError
from policyeval.language.policy_types import policy_type


def read_selection(configuration: Configuration) -> Selection:
    """Read the settings; without the table everything is as usual.

    Raises UsageError for settings that are none.
    """
    read = validated(LintTable, configuration.part("lint"), configuration.where("lint"))
    return read.selection(Path(configuration.file).parent)


# What stands in the table


def _suppressed(code: str) -> None:
    if code.upper() != "ALL":
        codes_of(code)


def _severities(given: Mapping[str, str]) -> dict[str, FindingType]:
    return {code: _type(text) for name, text in given.items() for code in codes_of(name)}


def _type(text: str) -> FindingType:
    upper = text.upper().replace("-", "_")
    if upper not in FindingType.__members__:
        names = ", ".join(type.value.lower().replace("_", "-") for type in FindingType)
        raise UsageError(f"`{text}` is no severity", help=f"it is one of {names}")
    return FindingType[upper]


def _kinds(given: Mapping[str, str]) -> dict[str, str]:
    return {file: policy_type(kind).name for file, kind in given.items()}


def _text(example: str, default: Any = ..., least: int = 0) -> Any:
    return Field(default=default, min_length=least, description="a text", examples=[example])


def _names(name: str) -> Any:
    return Field(default=[], description="a list of codes", examples=[f'{name} = ["CODE"]'])


def _table(name: str, rows: str) -> Any:
    return Field(default={}, description=f"a table of {rows}", examples=[f"[tool.policyeval.lint.{name}]"])


Names = list[Annotated[str, ours(codes_of)]]


class SuppressTable(Table):
    """A finding that is meant to be there: its code, why, and where; what is left out is any."""

    code: Annotated[str, ours(_suppressed)] = _text('code = "CODE"', least=1)
    reason: str = _text('reason = "…"', least=1)
    file: str = _text('file = "legacy/*.json"', "*")
    sid: str = _text('sid = "Read"', "")
    path: str = _text('path = "Statement[0]"', "")

    def suppression(self) -> Suppression:
        """Make the suppression."""
        return Suppression(self.code.upper(), self.reason, self.file, self.sid, self.path)


class LintTable(Table):
    """`[tool.policyeval.lint]`: which findings are told, and how grave they are."""

    listed: ClassVar = {"suppress": SuppressTable}

    select: Names = _names("select")
    extend_select: Names = _names("extend-select")
    ignore: Names = _names("ignore")
    severity: Annotated[dict[str, str], ours(_severities)] = _table("severity", "codes and types")
    per_file_ignores: dict[str, Names] = _table("per-file-ignores", "files and lists of codes")
    suppress: list[SuppressTable] = Field(
        default=[],
        description="a list of tables, and each names a code and a reason",
        examples=[
            '[[tool.policyeval.lint.suppress]] with code = "…", reason = "…", and where: file, sid, path'
        ],
    )
    policy_types: Annotated[dict[str, str], ours(_kinds)] = _table("policy-types", "files and policy types")
    scp_dialect: Annotated[str, choice(SCP_DIALECTS)] = _text('scp-dialect = "2023"', SCP_DIALECTS[0])
    fail_level: Annotated[str, choice(tuple(FAIL_LEVELS))] = _text('fail-level = "warning"', "suggestion")
    baseline: str | None = Field(
        default=None, description="the name of a file", examples=['baseline = "known.json"']
    )

    def selection(self, folder: Path) -> Selection:
        """Make the selection; the baseline's name is relative to the folder of the configuration."""
        return Selection(
            tuple(self.select),
            tuple(self.extend_select),
            tuple(self.ignore),
            tuple(_severities(self.severity).items()),
            tuple((file, tuple(names)) for file, names in self.per_file_ignores.items()),
            tuple(one.suppression() for one in self.suppress),
            tuple(_kinds(self.policy_types).items()),
            self.scp_dialect,
            self.fail_level,
            None if self.baseline is None else str(folder / self.baseline),
        )
