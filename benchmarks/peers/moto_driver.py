"""Drives moto's IAM policies, as its mock services call them: a Deny in any policy wins."""

from __future__ import annotations

import json
from collections.abc import Callable

from moto.iam.access_control import IAMPolicy, PermissionResult

from benchmarks.peers.serving import Cannot, Decide, Values, serve


def prepare(policies: Values) -> Callable[[Values], Decide]:
    """Read the documents; moto asks them one by one."""
    if any(layer != "identity" for layer in policies):
        raise Cannot("identity policies only")
    read = [IAMPolicy({"policy_document": json.dumps(one)}) for one in policies["identity"]]

    def ready(request: Values) -> Decide:
        action, resource, context = request["action"], request["resource"], request.get("context")

        def decide() -> bool:
            found = [one.is_action_permitted(action, resource, None, context) for one in read]
            return PermissionResult.DENIED not in found and PermissionResult.PERMITTED in found

        return decide

    return ready


if __name__ == "__main__":
    serve("moto", prepare)
