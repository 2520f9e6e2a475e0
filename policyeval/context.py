"""Which context keys does a request carry? Names in any letter case, values single or multi-valued (C-2, C-3, C-36)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from policyeval.catalog.global_keys import Value, global_key
from policyeval.errors import RequestError
from policyeval.shapes import scalar_text


class _NotGiven:
    """The request says nothing about a key (it may be derived); None says that it is absent."""


NOT_GIVEN: Final = _NotGiven()
AMBIGUOUS: Final = _NotGiven()  # several names differ in letter case only: `get` chooses


class Context:
    """The context keys that a request gives, normalised once; immutable."""

    __slots__ = ("_names", "_values", "_variants", "plain")

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values: dict[str, Value | None] = {}
        self._names: dict[str, str] = {}
        self._variants: dict[str, dict[str, Value | None]] = {}
        for name, value in (values or {}).items():
            lower, is_text = _name(name) if type(name) is str else ("", False)
            if is_text and type(value) is str and lower not in self._values:
                self._values[lower], self._names[lower] = value, name
            else:
                self._add(str(name), value)
        self._find_plain()

    def _find_plain(self) -> None:
        """The values by lower-case name, for those who look up very often; AMBIGUOUS sends them to `get`."""
        self.plain: Mapping[str, Value | _NotGiven | None] = self._values
        if self._variants:
            self.plain = {**self._values, **dict.fromkeys(self._variants, AMBIGUOUS)}

    def _add(self, name: str, value: Any) -> None:
        lower = name.lower()
        read = _read_value(name, lower, value)
        if lower in self._values:
            if "/" not in lower:
                if read == self._values[lower]:
                    return
                message = f"`{name}` is given twice, also as `{self._names[lower]}`"
                help = "names of condition keys are the same in any letter case: keep one"
                raise RequestError(message, path=("context", name), on_key=True, help=help)
            # C-3: tags whose names differ in letter case only; the exact one is preferred, else the first.
            first = {self._names[lower]: self._values[lower]}
            self._variants.setdefault(lower, first)[name] = read
            return
        self._values[lower] = read
        self._names[lower] = name

    def get(self, lower: str, written: str | None = None) -> Value | _NotGiven | None:
        """Look a key up by its lower-case name; `written` chooses between tags that differ in case (C-3)."""
        if self._variants and written is not None and lower in self._variants:
            tag = written.partition("/")[2]
            named = (value for name, value in self._variants[lower].items() if name.partition("/")[2] == tag)
            return next(named, self._values[lower])
        return self._values.get(lower, NOT_GIVEN)

    def is_ambiguous(self, lower: str) -> bool:
        """Do several names differ in letter case only (C-3)?"""
        return lower in self._variants

    def tag_keys(self, prefix: str) -> tuple[str, ...] | None:
        """Name the tags of a family such as `aws:requesttag/`; None when there is none."""
        names = [
            variant[len(prefix) :]
            for lower, name in self._names.items()
            if lower.startswith(prefix)
            for variant, value in self._variants.get(lower, {name: self._values[lower]}).items()
            if isinstance(value, str)
        ]
        return tuple(names) or None

    def names(self) -> Iterable[str]:
        """The names as given, in their order."""
        return self._names.values()

    def items(self) -> Iterable[tuple[str, Value | None]]:
        """Names as given, with their values."""
        return ((self._names[lower], value) for lower, value in self._values.items())

    def merged(self, other: Context) -> Context:
        """Make a context in which the keys of the other one count first."""
        merged = Context()
        merged._values = {**self._values, **other._values}
        merged._names = {**self._names, **other._names}
        merged._variants = {
            **{lower: names for lower, names in self._variants.items() if lower not in other._values},
            **other._variants,
        }
        merged._find_plain()
        return merged

    def with_key(self, name: str, value: Value | None) -> Context:
        """Make a context that also carries this key."""
        return self.merged(Context({name: value}))

    def __contains__(self, lower: str) -> bool:
        return self._values.get(lower) is not None

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        # Names as well: in which letter case `kms:EncryptionContext:` goes on does count (KMS-5).
        return isinstance(other, Context) and (self._values, self._names, self._variants) == (
            other._values,
            other._names,
            other._variants,
        )

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return f"Context({dict(self.items())!r})"


NO_CONTEXT: Final = Context()


@lru_cache(maxsize=4096)
def _name(name: str) -> tuple[str, bool]:
    """Give the name in lower case, and whether a text given for the key stays a text (C-36)."""
    lower = name.lower()
    row = global_key(lower)
    return lower, row is None or not row.type.multi_valued


def _read_value(name: str, lower: str, value: Any) -> Value | None:
    """Normalise a value by the key's cardinality where it is known (C-36)."""
    if value is None:
        return None
    row = global_key(lower)
    if isinstance(value, (list, tuple, set, frozenset)):
        texts = tuple(
            _text(name, item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)
        )
        return _read_list(name, lower, texts)
    text = _text(name, value)
    return (text,) if row is not None and row.type.multi_valued else text


def _read_list(name: str, lower: str, texts: tuple[str, ...]) -> Value:
    from policyeval.catalog.services import key_type

    kind = key_type(lower)
    if kind is None or kind.multi_valued is not False or not texts:
        return texts
    if len(texts) > 1:
        raise RequestError(
            f"`{name}` is single-valued, the request gives {len(texts)} values",
            path=("context", name),
            help="give one value",
        )
    return texts[0]


def _text(name: str, value: Any) -> str:
    text = scalar_text(value)
    if text is None:
        raise RequestError(
            f"the value of `{name}` is no text",
            path=("context", name),
            help="give a string, number, boolean or a list",
        )
    return text
