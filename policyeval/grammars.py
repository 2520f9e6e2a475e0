"""The grammars of the policy language: normative text files, parsed with Lark when first asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Lark


def read_grammar(name: str) -> str:
    """Read a grammar: from the installed package, else from the checkout around it."""
    from importlib.resources import files

    installed = files("policyeval") / "grammar" / f"{name}.lark"
    if installed.is_file():
        return installed.read_text(encoding="utf-8")
    return (Path(__file__).parent.parent / "grammar" / f"{name}.lark").read_text(encoding="utf-8")


@cache
def parser(name: str, start: str = "start", builder: object | None = None) -> Lark:
    """Make the parser of a grammar, once.

    It gives trees with positions; with a builder, what the builder's methods, named as the rules, make of them.
    """
    from lark import Lark

    transformer: Any = builder
    return Lark(
        read_grammar(name),
        start=start,
        parser="lalr",
        transformer=transformer,
        propagate_positions=builder is None,
        maybe_placeholders=False,
    )
