"""Is a value of an input file of the shape that is needed? An object, a list or a text, or an error at its path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from policyeval.errors import PolicyEvalError
from policyeval.language.arn import same_case
from policyeval.source import Path, path_text


def an_object(value: Any, path: Path, error: type[PolicyEvalError]) -> Mapping[str, Any]:
    """Expect an object; nothing at all counts as an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise error(f"`{_name(path)}` is an object", path=path, help="write {name: value}")
    return value


def an_object_in(
    value: Mapping[str, Any], path: Path, error: type[PolicyEvalError], base: Path = ()
) -> Mapping[str, Any]:
    """Give the object behind some fields; what is not there is empty."""
    for index, name in enumerate(path):
        value = an_object(value.get(str(name)), (*base, *path[: index + 1]), error)
    return value


def an_object_by_arn(value: Any, path: Path, error: type[PolicyEvalError]) -> dict[str, tuple[Any, Path]]:
    """Expect an object whose keys are ARNs; give each value and its place by the ARN as it is compared (R-5)."""
    found: dict[str, tuple[Any, Path]] = {}
    for name, given in an_object(value, path, error).items():
        arn, at = same_case(str(name)), (*path, str(name))
        if arn in found:
            help = "keep one; the letter case of an ARN's first parts does not count"
            raise error(f"`{name}` is there twice", path=at, on_key=True, help=help)
        found[arn] = given, at
    return found


def a_list(value: Any, path: Path, error: type[PolicyEvalError]) -> Sequence[Any]:
    """Expect a list; nothing at all counts as an empty one."""
    if value is None:
        return ()
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        raise error(f"`{_name(path)}` is a list", path=path, help="write [one, another]")
    return tuple(value)


def texts(value: Any, path: Path, error: type[PolicyEvalError]) -> tuple[str, ...]:
    """Expect a text, or a list of them."""
    listed = (value,) if isinstance(value, str) else a_list(value, path, error)
    for index, one in enumerate(listed):
        a_text(one, (*path, index), error)
    return tuple(str(one) for one in listed)


def a_text(value: Any, path: Path, error: type[PolicyEvalError]) -> str | None:
    """Expect a text; nothing at all stays nothing."""
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    raise error(f"`{_name(path)}` is a string", path=path, help="put it in quotes")


def scalar_text(value: Any) -> str | None:
    """Spell a text, number, boolean or date as the value of a context key; None for anything else."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return repr(value)
    return None


def _name(path: Path) -> str:
    return path_text(path[-1:]) if path and isinstance(path[-1], str) else path_text(path)
