"""Drives Principal Mapper's local simulation. It was written for Python before 3.10: two names are put back."""

from __future__ import annotations

import collections
import collections.abc
from collections.abc import Callable
from typing import Any

from benchmarks.peers.serving import Cannot, Decide, Values, serve

for name in ("Mapping", "MutableMapping"):
    setattr(collections, name, getattr(collections.abc, name))

from principalmapper.common import Node, Policy  # type: ignore[import-not-found,unused-ignore]  # noqa: E402
from principalmapper.querying.query_interface import local_check_authorization_full  # type: ignore[import-not-found,unused-ignore]  # noqa: E402


def prepare(policies: Values) -> Callable[[Values], Decide]:
    """Attach the policies to a node."""
    if "rcp" in policies or "endpoint" in policies:
        raise Cannot("no RCPs, no endpoint policies")
    attached = [
        Policy(f"arn:aws:iam::aws:policy/p{i}", f"p{i}", one) for i, one in enumerate(policies["identity"])
    ]

    def ready(request: Values) -> Decide:
        node = _node(request["principal"], attached)
        action, resource, context = request["action"], request["resource"], request.get("context", {})
        return lambda: local_check_authorization_full(node, action, resource, context)

    return ready


def _node(arn: str, attached: list[Any]) -> Any:
    return Node(arn, "AIDAEXAMPLE", attached, [], None, None, 0, False, False, None, False, {})


if __name__ == "__main__":
    serve("principalmapper", prepare)
