"""The grammars of the policy language: normative text files, parsed with Lark when first asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark


def read_grammar(name: str) -> str:
    """Read a grammar: from the installed package, else from the checkout around it, else from an archive."""
    package = Path(__file__).parent
    for folder in (package, package.parent):
        file = folder / "grammar" / f"{name}.lark"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    from importlib.resources import files

    return (files("policyeval") / "grammar" / f"{name}.lark").read_text(encoding="utf-8")


@cache
def parser(name: str, start: str = "start", builder: object | None = None) -> Lark:
    """Make the parser of a grammar, once.

    It gives trees with positions; with a builder, what the builder's methods, named as the rules, make of them.
    """
    import lark

    from policyeval.grammar_cache import cache_file

    text = read_grammar(name)
    file = cache_file(name, lark.__version__, text, start, builder is None)
    kept = _kept(file, builder) if file is not None else None
    if kept is not None:
        return kept
    transformer: Any = builder
    built = lark.Lark(
        text,
        start=start,
        parser="lalr",
        transformer=transformer,
        propagate_positions=builder is None,
        maybe_placeholders=False,
    )
    if file is not None:
        _keep(file, built)
    return built


def _kept(file: Path, builder: object | None) -> Lark | None:
    """Put a parser together from the parts that were kept; None when they do not fit."""
    from lark import Lark

    from policyeval.grammar_cache import read_parts

    parts = read_parts(file)
    maker: Any = Lark  # what its generated parsers call is not typed
    try:
        return maker._load_from_dict(**parts, transformer=builder) if parts is not None else None
    except Exception:  # no fault of the user's: the parser is built anew
        return None


def _keep(file: Path, built: Lark) -> None:
    """Take a parser apart into plain values, without the builder, and keep them."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    from policyeval.grammar_cache import write_parts

    data, memo = built.memo_serialize([TerminalDef, Rule])
    options = {name: value for name, value in data["options"].items() if name != "transformer"}
    write_parts(file, {"data": {**data, "options": options}, "memo": memo})
