"""Which settings does `[tool.policyeval]` have? Pydantic checks them; its complaints become ours.

A setting's description says what it is, its example how it is written: both are parts of messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from policyeval.cli.configuration import Configuration
from policyeval.cli.output import COLORS
from policyeval.diagnostics import Diagnostic, did_you_mean
from policyeval.errors import UsageError
from policyeval.semantics import Semantics

# those of all commands together; a command passes over those that it lacks
FORMATS = (
    "text", "json", "jsonl", "html", "markdown", "sarif", "junit", "github", "simulator", "access-analyzer",
)  # fmt: skip
# options that stand on the command line only (docs/decisions/0017) → what to do
_NO_SETTINGS = {
    "output": "say where an answer goes on the command line: `-o FILE`",
    "quiet": "say it on the command line: `-q`",
    "now": "say it on the command line: `--now TIME`",
    "expect": "say it on the command line: `--expect EFFECT`, or in a case file",
}
_UNUSABLE = "unusable"
_INCOMPLETE = ("missing", "string_too_short")


class Table(BaseModel):
    """A table of settings: nothing is converted, nothing unknown is passed over."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-")
    )
    listed: ClassVar[Mapping[str, type[Table]]] = {}  # settings that are lists of tables
    refused: ClassVar[Mapping[str, str]] = {}  # options that are no settings → what to do


T = TypeVar("T", bound=Table)


def ours(check: Callable[[Any], object]) -> AfterValidator:
    """Make a validator of a function that raises UsageError; its words reach the user, the value stays."""

    def checked(value: Any) -> Any:
        try:
            check(value)
        except UsageError as error:
            told = error.diagnostics[0]
            words = {"message": told.message, "help": told.help}
            raise PydanticCustomError(_UNUSABLE, "{message}", words) from None
        return value

    return AfterValidator(checked)


def choice(choices: Sequence[str]) -> AfterValidator:
    """Make a validator that accepts one of the choices."""

    def check(text: str) -> None:
        if text not in choices:
            raise UsageError(f"it cannot be `{text}`", help=_help(text, choices, "it is one of"))

    return ours(check)


def _help(word: str, known: Sequence[str], listed: str) -> str:
    near = did_you_mean(word, known)
    return f"did you mean `{near}`?" if near else f"{listed} {', '.join(known)}"


def _format(text: str) -> None:
    name, names_file, _ = text.partition("=")
    if name not in FORMATS:
        raise UsageError(f"unknown format `{name}`", help=_help(name, FORMATS, "the formats are"))
    if names_file:
        raise UsageError(f"`{text}` names a file", help=f"name files on the command line: `-f {text}`")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Settings(Table):
    """What holds for every command that has the option; the table of a command is read by the command."""

    refused: ClassVar = _NO_SETTINGS

    format: Annotated[list[Annotated[str, ours(_format)]], BeforeValidator(_listed)] = Field(
        default=[], description="a format, or a list of formats", examples=['format = "json"']
    )
    color: Annotated[str, choice(COLORS)] = Field(
        default="auto", description="a text", examples=['color = "never"']
    )
    verbose: bool = Field(default=False, description="true or false", examples=["verbose = true"])
    redact: bool = Field(default=False, description="true or false", examples=["redact = true"])
    semantics: Annotated[dict[str, Any], ours(Semantics.from_dict)] = Field(
        default={}, description="a table", examples=["[tool.policyeval.semantics]"]
    )
    lint: dict[str, Any] = Field(default={}, description="a table", examples=["[tool.policyeval.lint]"])

    def readings(self) -> dict[str, str]:
        """Give the chosen readings of disputed points as `--semantics` would."""
        read = Semantics.from_dict(self.semantics)
        return {name: getattr(read, name) for name in self.semantics}


def read_settings(configuration: Configuration) -> Settings:
    """Read what holds for every command.

    Raises UsageError for settings that are none.
    """
    return validated(Settings, configuration.table, configuration.where())


def validated(table: type[T], values: Mapping[str, Any], where: str) -> T:
    """Check a table of settings; every mistake is told, with the setting, the file and a way out.

    Raises UsageError for settings that are none.
    """
    try:
        return table.model_validate(values)
    except ValidationError as error:
        told = (_told(problem, problem["loc"], table, where) for problem in error.errors(include_url=False))
        raise UsageError.of(dict.fromkeys(told)) from None


def _told(problem: ErrorDetails, place: Sequence[int | str], table: type[Table], where: str) -> Diagnostic:
    """Word a complaint of pydantic as ours."""
    name, kind = str(place[0]), problem["type"]
    if name in table.listed and len(place) > 2 and kind not in _INCOMPLETE:
        return _told(problem, place[2:], table.listed[name], f"`{name}` of {where}")
    fields = {str(field.alias): field for field in table.model_fields.values()}
    if kind == "extra_forbidden":
        help = table.refused.get(name) or _help(name, tuple(fields), "the settings are")
        return Diagnostic(f"unknown setting `{name}` of {where}", help=help)
    if kind == _UNUSABLE:
        words = problem["ctx"]
        return Diagnostic(f"`{name}` of {where}: {words['message']}", help=words["help"])
    field = fields[name]
    example = field.examples[0] if field.examples else name
    return Diagnostic(f"`{name}` of {where} is {field.description}", help=f"write {example}")
