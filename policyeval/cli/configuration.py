"""Where is `[tool.policyeval]`? In the nearest pyproject.toml that has it, or in the file that --config names.

Where no file has the table, their texts are all that is looked at, and tomllib is not imported.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from policyeval.errors import UsageError
from policyeval.limits import DOCUMENT_BYTES

if TYPE_CHECKING:
    from policyeval.source import Source

FILE_NAME = "pyproject.toml"
TABLE = "tool.policyeval"
# `[tool.policyeval`, `[[tool.policyeval.`, or `tool.policyeval.` at the beginning of a line, blanks and quotes allowed;
# no two runs of blanks touch, so that a hostile file costs no more than its length
_HEADER = rb"""(?m)^[ \t]*(?:\[+[ \t]*)?["']?tool["']?[ \t]*\.[ \t]*["']?policyeval(?![\w-])"""


class Configuration(NamedTuple):
    """A file, and what stands in its table `[tool.policyeval]`."""

    file: str
    table: Mapping[str, Any]

    def where(self, *part: str) -> str:
        """Name the table, or one in it, in messages."""
        return f"[{'.'.join((TABLE, *part))}] in `{self.file}`"

    def part(self, name: str) -> Mapping[str, Any]:
        """Give a table in the table; it is empty where there is none.

        Raises UsageError for what is no table.
        """
        return _inner(self.table, name, TABLE, self.file)


def read_configuration(named: str | None) -> Configuration | None:
    """Read the file that is named, else the nearest one; None where nothing is set.

    Raises UsageError for what cannot be read.
    """
    if named == os.devnull:
        return None
    name = named if named is not None else _nearest()
    if name is None:
        return None
    from policyeval.sources.files import read_source

    return Configuration(name, _table(read_source(name)))


def _nearest() -> str | None:
    """Find the nearest pyproject.toml with our table, named from here: the same words on every machine."""
    try:
        depth = len(Path.cwd().parts)
    except OSError:  # the folder is gone
        return None
    places = (Path(*[os.pardir] * up, FILE_NAME) for up in range(depth))
    return next((str(place) for place in places if _is_about_us(place)), None)


def _is_about_us(place: Path) -> bool:
    """Does a file have our table? One that cannot be read has nothing to say."""
    if not place.is_file():
        return False
    try:
        with place.open("rb") as file:
            text = file.read(DOCUMENT_BYTES.most)
    except OSError:
        return False
    return b"policyeval" in text and re.search(_HEADER, text) is not None


def _table(source: Source) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _parsed(source)
    inside = ""
    for step in TABLE.split("."):
        found, inside = _inner(found, step, inside, source.name), step
    return found


def _inner(table: Mapping[str, Any], name: str, inside: str, file: str) -> Mapping[str, Any]:
    found = table.get(name, {})
    if not isinstance(found, dict):
        raise UsageError(
            f"`{name}` of `{file}` is a table", help=f"write [{f'{inside}.' if inside else ''}{name}]"
        )
    return found


def _parsed(source: Source) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(source.text.encode("utf-8", "surrogateescape").decode())
    except UnicodeDecodeError:
        problem = "it is not UTF-8 text"
    except RecursionError:
        problem = "lists and tables are nested too deeply"
    except tomllib.TOMLDecodeError as error:
        problem = str(error)[:1].lower() + str(error)[1:]
    except ValueError:  # of `int`
        problem = "a number has too many digits"
    help = f"mend it, name another file with `--config`, or none: `--config {os.devnull}`"
    raise UsageError(f"`{source.name}` is not TOML: {problem}", help=help) from None
