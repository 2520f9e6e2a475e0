"""What identifies somebody in a text, and what stands in its place? One text in, the same text without names out.

The same name always gets the same placeholder, so that two occurrences can still be told to be the same:
accounts become 000000000001, names user-1 or bucket-2, addresses 192.0.2.1. Wildcards, variables, actions,
keys, operators, regions and AWS's own policies stay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from ipaddress import ip_address

_ARN = re.compile(
    r"arn:[\w*?-]+:[\w*?.-]+:[\w*?-]*:[\w*?$-]*:(?:\$\{[^}\"]*\}|[^\s\"'`<>()\[\]{},;…])+", re.IGNORECASE
)
_SEPARATORS = re.compile(r"(\$\{[^}]*\}|[/:*?\\]+)")
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_UNIQUE_ID = re.compile(r"\b(A(?:GP|ID|IP|KI|NP|NV|PK|RO|SC|SI)A)[A-Z0-9]{12,}(?::([\w+=,.@-]+))?")
_CANONICAL = re.compile(r"(?<![0-9A-Fa-f])[0-9a-f]{64}(?![0-9A-Fa-f])")
_RESOURCE_ID = re.compile(
    r"(?<![\w-])(?:(o)-[a-z0-9]{10,32}|(r)-[a-z0-9]{4,32}(?=/)|(ou)-[a-z0-9]{4,32}-[a-z0-9]{8,32}"
    r"|(vpc|vpce|subnet|sg|eni|igw|i|vol|ami|snap)-[0-9a-f]{8,17})(?![\w-])"
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(
    r"(?<![\w:.])(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]{3,}(?:\d+\.\d+\.\d+\.\d+)?(?![\w:.])"
)
_DOCUMENTATION = ("192.0.2", "198.51.100", "203.0.113")
_OPEN = {"0.0.0.0", "::"}

# Services whose resource part starts with a name and not with the word for its type → what is named.
_NAMED_FIRST = {"s3": "bucket", "sqs": "queue", "sns": "topic", "execute-api": "api"}
# The words for types that stand further on in a resource part.
_TYPE_WORDS = {"index", "stream", "object", "log-stream", "root", "aws", "accesspoint"}
_KINDS = {
    "assumed-role": "role",
    "federated-user": "user",
    "kms:key": "key",
    "s3:accesspoint": "access-point",
}
_BEHIND = {"bucket": "object", "access-point": "object", "api": "path"}

# Words of policies and of explanations: they reveal nothing, and texts without them cannot be read.
_PLAIN_WORDS = {
    "version", "statement", "effect", "action", "notaction", "resource", "notresource", "principal", "notprincipal",
    "condition", "sid", "allow", "deny", "aws", "arn", "iam", "sts", "role", "user", "root", "session", "policy",
    "boundary", "identity", "trust", "endpoint", "service", "account", "bucket", "key", "the", "and", "for", "not",
    "with", "any", "all", "true", "false", "null", "has", "request", "caller", "none", "matches", "allows",
}  # fmt: skip


class Hiding:
    """Hides what identifies somebody; made from all texts at once, so that placeholders are never taken."""

    def __init__(self, texts: Iterable[str], names: Iterable[tuple[str, str]] = ()) -> None:
        """`names` are further names with their kinds: those of the caller, values of keys that hold names."""
        known = list(texts)
        self._taken = {
            word for text in known for form in (r"[\w.-]+", r"[0-9a-f:]+") for word in re.findall(form, text)
        }
        self._placeholders: dict[str, str] = {}
        self._given: set[str] = set()
        self._hidden: dict[str, str] = {}  # a policy's text is asked for again and again
        self._counts: Counter[str] = Counter()
        self._bare: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        for kind, name in names:
            self._name(kind, name)
        for text in known:
            self.patterns(text)
        self._bare = {name: made for name, made in self._placeholders.items() if _is_recognisable(name)}
        if self._bare:
            alternatives = "|".join(re.escape(name) for name in sorted(self._bare, key=len, reverse=True))
            self._pattern = re.compile(rf"(?<![\w:.@-])(?:{alternatives})(?![\w:-])")

    def __call__(self, text: str) -> str:
        """Hide everything in a text."""
        if text in self._placeholders:
            return self._placeholders[text]
        if text not in self._hidden:
            self._hidden[text] = self._names(self.patterns(text))
        return self._hidden[text]

    def patterns(self, text: str) -> str:
        """Hide what is recognised by its form; this is safe on any text, markup included."""
        text = _ARN.sub(self._arn, text)
        text = _UNIQUE_ID.sub(self._unique_id, text)
        text = _MAIL.sub(lambda found: self._made("user", found[0], "user-{}@example.com"), text)
        text = _CANONICAL.sub(lambda found: self._made("canonical", found[0], "{:064}"), text)
        text = _RESOURCE_ID.sub(self._resource_id, text)
        text = _ACCOUNT.sub(lambda found: self._account(found[0]), text)
        return _IPV6.sub(self._address, _IPV4.sub(self._address, text))

    def _names(self, text: str) -> str:
        """Replace names that stand alone, and short ones in quotes."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._bare[found[0]], text)

    def _arn(self, found: re.Match[str]) -> str:
        """Hide account and names of an ARN, keep its form."""
        head, partition, service, region, account, rest = found[0].split(":", 5)
        if account == "aws":
            return found[0]
        kept = rest.rstrip(".:")
        hidden = "".join(self._resource_part(service.lower(), kept)) + rest[len(kept) :]
        return ":".join(
            (
                head,
                partition,
                service,
                region,
                _ACCOUNT.sub(lambda one: self._account(one[0]), account),
                hidden,
            )
        )

    def _resource_part(self, service: str, rest: str) -> Iterator[str]:
        pieces = _SEPARATORS.split(rest)
        kind, position = _NAMED_FIRST.get(service, ""), 0
        for number, piece in enumerate(pieces):
            if number % 2 or not piece:
                position += "/" in piece or ":" in piece
                yield piece
            elif (not kind and number == 0 and len(pieces) > 1) or piece in _TYPE_WORDS:
                kind, position = _KINDS.get(f"{service}:{piece}", _KINDS.get(piece, piece)), -1
                yield piece
            else:
                yield self._name(_kind(kind or "name", position, pieces[0]), piece)

    def _name(self, kind: str, name: str) -> str:
        if name.startswith(("aws-", "AWSServiceRole", "AWSReserved")) or name.endswith(".amazonaws.com"):
            return name
        if _ACCOUNT.fullmatch(name):
            return self._account(name)
        return self._made(kind, name, kind + "-{}")

    def _account(self, account: str) -> str:
        return self._made("account", account, "{:012}")

    def _unique_id(self, found: re.Match[str]) -> str:
        prefix, session = found[1], found[2]
        shown = self._made(prefix, found[0].partition(":")[0], prefix + "{:017}")
        return shown if session is None else f"{shown}:{self._name('session', session)}"

    def _resource_id(self, found: re.Match[str]) -> str:
        prefix = next(group for group in found.groups() if group is not None)
        return self._made(prefix, found[0], prefix + "-{:08}")

    def _address(self, found: re.Match[str]) -> str:
        text = found[0]
        try:
            version = ip_address(text).version
        except ValueError:
            return text
        if text in _OPEN:
            return text
        return self._made("v6", text, "2001:db8::{:x}") if version == 6 else self._made("v4", text, "")

    def _made(self, kind: str, text: str, form: str) -> str:
        """Give a text its placeholder, always the same; placeholders themselves stay."""
        if text in self._placeholders:
            return self._placeholders[text]
        if text in self._given:
            return text
        while True:
            self._counts[kind] += 1
            count = self._counts[kind]
            made = form.format(count) if form else _documentation_address(count)
            if made not in self._taken:
                break
        self._placeholders[text] = made
        self._given.add(made)
        return made


def _kind(kind: str, position: int, first: str) -> str:
    """Name what a piece of a resource part names: a role is followed by its session, a bucket by objects."""
    if first == "assumed-role" and position > 0:
        return "session"
    return _BEHIND.get(kind, kind) if position > 0 else kind


def _documentation_address(count: int) -> str:
    """RFC 5737: addresses that nobody has."""
    return f"{_DOCUMENTATION[(count - 1) // 254 % 3]}.{(count - 1) % 254 + 1}"


def _is_recognisable(name: str) -> bool:
    """Can a name be found in a sentence without hitting words and numbers that are something else?"""
    return len(name) > 2 and not name.isdigit() and name.lower() not in _PLAIN_WORDS
