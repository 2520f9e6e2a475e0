"""Drives Casbin with a model of IAM's first lines: Allow, Deny over Allow, `*` at the end of names."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import casbin  # type: ignore[import-not-found,unused-ignore]

from benchmarks.peers.serving import Cannot, Decide, Values, listed, serve, statements

MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = keyMatch(r.act, p.act) && keyMatch(r.obj, p.obj)
"""
MOST = 20_000


def prepare(policies: Values) -> Callable[[Values], Decide]:
    """Write a rule for each action and resource of each statement."""
    rules = [
        ("*", resource, action, one["Effect"].lower())
        for one in statements(policies, conditions=False)
        for action, resource in product(listed(one["Action"]), listed(one["Resource"]))
    ]
    if len(rules) > MOST:
        raise Cannot(f"{len(rules):,} rules")
    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=MODEL))
    enforcer.add_policies([list(rule) for rule in dict.fromkeys(rules)])

    def ready(request: Values) -> Decide:
        return lambda: enforcer.enforce(request["principal"], request["resource"], request["action"])

    return ready


if __name__ == "__main__":
    serve("casbin", prepare)
