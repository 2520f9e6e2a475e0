"""Where do variables of a case file stand? `${vars.NAME}` in any text; a text of its own takes the value as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from policyeval.diagnostics import did_you_mean
from policyeval.language.documents import JsonValue
from policyeval.records import Record
from policyeval.source import Path

_PLACE = re.compile(r"\$\{vars\.([^}]*)\}")


class Tell(Protocol):
    """Takes note of a mistake."""

    def __call__(self, message: str, path: Path, help: str, *, on_key: bool = False) -> None: ...


def uses_variables(text: str) -> bool:
    """Does a text hold a placeholder?"""
    return "${vars." in text


class Substitution(Record):
    """Puts the values of variables into a value; `tell` hears of those that are not defined."""

    variables: Mapping[str, JsonValue]
    tell: Tell

    def of(self, value: JsonValue, path: Path) -> JsonValue:
        """Make the value without placeholders."""
        if isinstance(value, dict):
            return {
                str(self._text(key, (*path, key), on_key=True)): self.of(one, (*path, key))
                for key, one in value.items()
            }
        if isinstance(value, list):
            return [self.of(one, (*path, index)) for index, one in enumerate(value)]
        if isinstance(value, str) and uses_variables(value):
            return self._text(value, path)
        return value

    def _text(self, text: str, path: Path, *, on_key: bool = False) -> JsonValue:
        whole = _PLACE.fullmatch(text)
        if whole is not None and not on_key:
            return self._value(whole[1], path, on_key)
        return _PLACE.sub(self._inside(path, on_key), text)

    def _inside(self, path: Path, on_key: bool) -> Callable[[re.Match[str]], str]:
        def written(found: re.Match[str]) -> str:
            value = self._value(found[1], path, on_key)
            if isinstance(value, str):
                return str(value)
            help = "only a text of its own takes a list, an object or nothing"
            self.tell(f"`{found[1]}` is no text and stands inside one", path, help, on_key=on_key)
            return found[0]

        return written

    def _value(self, name: str, path: Path, on_key: bool) -> JsonValue:
        if name in self.variables:
            return self.variables[name]
        near = did_you_mean(name, self.variables)
        known = ", ".join(self.variables) or "none is"
        help = f"did you mean `${{vars.{near}}}`?" if near else f"define it under `vars`; defined: {known}"
        self.tell(f"the variable `{name}` is not defined", path, help, on_key=on_key)
        return f"${{vars.{name}}}"
