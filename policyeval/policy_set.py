"""Which policies bear on a request? Every layer's policies, read from the file shape of UX §1."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from policyeval.diagnostics import did_you_mean
from policyeval.errors import PolicyError, UsageError
from policyeval.language.amounts import texts_in
from policyeval.language.arn import is_account_id, parse_arn
from policyeval.language.documents import read_document
from policyeval.language.policy import Policy, as_json
from policyeval.language.rendering import document_of
from policyeval.principal import read_tags
from policyeval.records import Record, replace
from policyeval.semantics import Semantics
from policyeval.settings import Settings
from policyeval.shapes import an_object, an_object_by_arn
from policyeval.source import Path, Source

Policies = tuple[Policy, ...]
Levels = tuple[Policies, ...]
ByAccount = dict[str, Levels]
ReadFile = Callable[[str], Source]

MAX_VERSIONS = 5
_VARIABLE = re.compile(r"\$\{\s*([^},\s]*)")
FIELDS = (
    "identity", "resource", "resources", "boundary", "session", "scp", "rcp", "endpoint", "trust", "roles",
    "settings", "semantics",
)  # fmt: skip


class RolePolicies(Record, slots=False):
    """The policies of a role that is assumed on the way, and its tags."""

    trust: Policies | None = None
    identity: Policies = ()
    boundary: Policies | None = None
    tags: tuple[tuple[str, str], ...] = ()


class PolicySet(Record, slots=False):
    """The policies of every layer. None: the layer is not present; empty: present but silent (SCP-2).

    The constructor takes a Policy, a document, or lists of them for each layer; `scp` and `rcp` are
    lists of levels, root first, or mappings from account id to levels.
    """

    identity: Policies
    resource: Policies | None
    resources: Mapping[str, Policies]
    boundary: Policies | None
    session: Policies | None
    scp: Levels | ByAccount | None
    rcp: Levels | ByAccount | None
    endpoint: Policies | None
    trust: Policies | None
    roles: Mapping[str, RolePolicies]
    settings: Settings
    semantics: Semantics

    def __init__(
        self,
        *,
        identity: Any = (),
        resource: Any = None,
        resources: Mapping[str, Any] | None = None,
        boundary: Any = None,
        session: Any = None,
        scp: Any = None,
        rcp: Any = None,
        endpoint: Any = None,
        trust: Any = None,
        roles: Mapping[str, Any] | None = None,
        settings: Settings | Mapping[str, Any] | None = None,
        semantics: Semantics | Mapping[str, Any] | None = None,
    ) -> None:
        """Normalise what callers give: policies, documents, lists of them."""
        given = locals()
        reader = _Reader()
        for name in FIELDS:
            object.__setattr__(self, name, reader.field(name, given[name], (name,)))

    def replaced(self, **fields: Any) -> PolicySet:
        """Make a set in which the given fields are others."""
        return PolicySet(**({name: getattr(self, name) for name in FIELDS} | fields))

    def mapped(self, change: Callable[[Policy], Policy]) -> PolicySet:
        """Make a set in which every policy is what `change` makes of it."""
        return PolicySet(**{name: _mapped(getattr(self, name), change) for name in FIELDS})

    @cached_property
    def amounts(self) -> tuple[int, int]:
        """Count the names and values of all policies, and the keys and variables that they read."""
        texts, keys = 0, set[str]()

        def count(policy: Policy) -> Policy:
            nonlocal texts
            for text in texts_in(document_of(policy.document)):
                texts += 1
                keys.update(name.lower() for name in _VARIABLE.findall(text))
            blocks = (block for one in policy.statements for block in one.conditions or ())
            keys.update(key.lower() for block in blocks for key, _ in block.keys)
            return policy

        self.mapped(count)
        return texts, len(keys)

    @classmethod
    def from_dict(
        cls,
        value: Mapping[str, Any],
        *,
        source: Source | None = None,
        base: Path = (),
        read: ReadFile | None = None,
        strict: bool = False,
    ) -> PolicySet:
        """Read a policy set from the file shape.

        `source` and `base` say where it stands, for messages; `read` gives the file behind a path.
        Raises PolicyError.
        """
        if not isinstance(value, Mapping):
            raise PolicyError(
                "a policy set is an object", source=source, path=base, help="write {identity: […]}"
            )
        reader = _Reader(source, base, read, strict)
        for name in value:
            if name not in FIELDS:
                near = did_you_mean(str(name), FIELDS)
                help = f"did you mean `{near}`?" if near else f"the fields are {', '.join(FIELDS)}"
                message = f"unknown policy set field `{name}`"
                raise PolicyError(message, source=source, path=(*base, str(name)), on_key=True, help=help)
        return cls(**{name: reader.field(name, given, (name,)) for name, given in value.items()})


def _mapped(value: Any, change: Callable[[Policy], Policy]) -> Any:
    if isinstance(value, Policy):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_mapped(one, change) for one in value)
    if isinstance(value, Mapping):
        return {key: _mapped(one, change) for key, one in value.items()}
    if isinstance(value, RolePolicies):
        trust, boundary = _mapped(value.trust, change), _mapped(value.boundary, change)
        return replace(value, trust=trust, identity=_mapped(value.identity, change), boundary=boundary)
    return value


def is_policy_set(value: Any) -> bool:
    """Does a document's content look like a policy set and not like a policy?"""
    return isinstance(value, Mapping) and "Statement" not in value and any(name in FIELDS for name in value)


class _Reader(Record, slots=False):
    """Reads the fields of a policy set; the file's text and the way to other files are optional."""

    source: Source | None = None
    base: Path = ()
    read: ReadFile | None = None
    strict: bool = False

    def field(self, name: str, value: Any, path: Path) -> Any:
        try:
            return self._field(name, value, path)
        except PolicyError as error:
            raise self._located(error) from None

    def _located(self, error: PolicyError) -> PolicyError:
        """Add the file to messages of readers that know only paths."""
        if self.source is None:
            return error
        return PolicyError.of(
            told
            if told.source is not None
            else replace(told, source=self.source, path=(*self.base, *(told.path or ())))
            for told in error.diagnostics
        )

    def _field(self, name: str, value: Any, path: Path) -> Any:
        match name:
            case "settings":
                return value if isinstance(value, Settings) else Settings.from_dict(value)
            case "semantics":
                return self._semantics(value, path)
            case "resources":
                by_arn = self._by_arn(value, path, "arn:")
                return {arn: self.policies(given, "resource", at) for arn, (given, at) in by_arn.items()}
            case "roles":
                by_arn = self._by_arn(value, path, ":role/")
                return {arn: self._role(given, at) for arn, (given, at) in by_arn.items()}
        if value is None:
            return () if name == "identity" else None
        if name in ("scp", "rcp"):
            return self._levels(value, name, path)
        policies = self.policies(value, name, path)
        return self._one_boundary(policies, path) if name == "boundary" else policies

    def _by_arn(self, value: Any, path: Path, part: str) -> Mapping[str, tuple[Any, Path]]:
        """Expect an object whose keys are ARNs; another key would never match anything."""
        by_arn = an_object_by_arn(value, path, PolicyError)
        for arn, (_, at) in by_arn.items():
            if parse_arn(arn) is None or part not in arn:
                what = "role ARN" if part == ":role/" else "ARN"
                help = "write the role's ARN" if part == ":role/" else "write the resource's ARN"
                raise PolicyError(f"`{at[-1]}` is no {what}", path=at, on_key=True, help=help)
        return by_arn

    def _semantics(self, value: Any, path: Path) -> Semantics:
        if isinstance(value, Semantics):
            return value
        try:
            return Semantics.from_dict(an_object(value, path, PolicyError))
        except UsageError as error:
            raise PolicyError.of(replace(told, path=path) for told in error.diagnostics) from None

    def _one_boundary(self, policies: Policies, path: Path) -> Policies:
        if len(policies) > 1:
            raise PolicyError("a principal has one permissions boundary", path=path, help="keep one policy")
        return policies

    def policies(self, value: Any, type: str, path: Path) -> Policies:
        """Read one policy entry or a list of them."""
        if isinstance(value, (list, tuple)):
            return tuple(self._entry(one, type, (*path, index)) for index, one in enumerate(value))
        return (self._entry(value, type, path),)

    def _levels(self, value: Any, type: str, path: Path) -> Levels | ByAccount:
        if isinstance(value, Mapping) and value and all(is_account_id(str(key)) for key in value):
            return {
                str(account): self._list_of_levels(one, type, (*path, account))
                for account, one in value.items()
            }
        return self._list_of_levels(value, type, path)

    def _list_of_levels(self, value: Any, type: str, path: Path) -> Levels:
        levels = value if isinstance(value, (list, tuple)) else [value]
        return tuple(self.policies(level, type, (*path, index)) for index, level in enumerate(levels))

    def _role(self, value: Any, path: Path) -> RolePolicies:
        if isinstance(value, RolePolicies):
            return value
        known = ("trust", "identity", "boundary", "tags")
        if not isinstance(value, Mapping) or any(name not in known for name in value):
            raise PolicyError("a role is an object", path=path, help=f"its fields are {', '.join(known)}")
        boundary, trust = value.get("boundary"), value.get("trust")
        return RolePolicies(
            None if trust is None else self.policies(trust, "trust", (*path, "trust")),
            self.policies(value.get("identity") or [], "identity", (*path, "identity")),
            None if boundary is None else self.policies(boundary, "boundary", (*path, "boundary")),
            read_tags(value.get("tags"), (*path, "tags"), PolicyError),
        )

    def _entry(self, value: Any, type: str, path: Path) -> Policy:
        if isinstance(value, Policy):
            return value.as_type(type)
        if isinstance(value, str) and not value.lstrip().startswith("{"):
            return self._file(value, type, path)
        if isinstance(value, str):
            return Policy.parse(value, type, strict=self.strict)
        if isinstance(value, Mapping) and "versions" in value and "Statement" not in value:
            return self._default_version(value, type, path)
        if isinstance(value, Mapping) and "policy" in value and "Statement" not in value:
            return self._named(value, type, path)
        if isinstance(value, Mapping) and "policyDocument" in value:  # what a Lambda authorizer returns
            return self._document(
                value["policyDocument"], type, (*path, "policyDocument"), "authorizer output"
            )
        return self._document(value, type, path, _entry_name(path))

    def _document(self, value: Any, type: str, path: Path, name: str) -> Policy:
        shown = f"{self.source.name}" if self.source else name
        return Policy.from_value(
            as_json(value), type, name=shown, origin=self.source, base=(*self.base, *path) if self.source else (),
            strict=self.strict,
        )  # fmt: skip

    def _file(self, name: str, type: str, path: Path) -> Policy:
        if self.read is None:
            help = "load it with policyeval.load, or give the document itself"
            raise PolicyError(f"`{name}` is the name of a file", path=path, help=help)
        source = self.read(name)
        return Policy.from_value(
            read_document(source), type, name=source.name, origin=source, strict=self.strict
        )

    def _named(self, value: Mapping[str, Any], type: str, path: Path) -> Policy:
        document = value["policy"]
        inner = (*path, "policy")
        if isinstance(document, str):
            policy = self._entry(document, type, inner)
        else:
            policy = self._document(document, type, inner, str(value.get("name", _entry_name(path))))
        return replace(policy, name=str(value.get("name", policy.name)))

    def _default_version(self, value: Mapping[str, Any], type: str, path: Path) -> Policy:
        """N-IAM-4: up to five versions, one of them the default; the default decides."""
        versions, at = value["versions"], (*path, "versions")
        if not isinstance(versions, (list, tuple)) or not versions:
            raise PolicyError(
                "`versions` is a list", path=at, help="write [{VersionId, IsDefaultVersion, Document}]"
            )
        if len(versions) > MAX_VERSIONS:
            message = f"a managed policy has at most {MAX_VERSIONS} versions, not {len(versions)}"
            raise PolicyError(message, path=at, help="delete a version that is not the default")
        listed = [an_object(one, (*at, i), PolicyError) for i, one in enumerate(versions)]
        defaults = [i for i, one in enumerate(listed) if str(one.get("IsDefaultVersion")).lower() == "true"]
        if len(defaults) != 1:
            message = f"one version is the default, not {len(defaults)}"
            raise PolicyError(message, path=at, help="set `IsDefaultVersion: true` on one version")
        document, inner = listed[defaults[0]].get("Document"), (*at, defaults[0], "Document")
        if isinstance(document, str):
            policy = Policy.parse(_decoded(document), type)
        else:
            policy = self._document(document, type, inner, str(value.get("name", _entry_name(path))))
        return replace(policy, name=str(value.get("name", policy.name)))


def _decoded(document: str) -> str:
    """IAM gives the documents of versions with their URL encoding."""
    from urllib.parse import unquote

    return unquote(document) if document.startswith("%7B") else document


def _entry_name(path: Path) -> str:
    """Name a policy that has no file: `identity policy 2`, `scp level 1 policy 1`."""
    head, *rest = path
    numbers = [step + 1 for step in rest if isinstance(step, int)]
    return " ".join([f"{head} policy", *map(str, numbers)])
