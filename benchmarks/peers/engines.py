"""Which other engines are there, where do they come from, and what do they do besides deciding?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """An engine of the package registries, or ours; `driver` is a module here, or a script for Node."""

    name: str
    registry: str
    package: str
    driver: tuple[str, ...]
    besides: str


OURS = Peer(
    "policyeval", "", "", ("ours_driver",), "all layers, all callers; `decide` without an explanation"
)
PEERS = (
    Peer(
        "iam-simulate",
        "npm",
        "@cloud-copilot/iam-simulate",
        ("iam_simulate_driver.mjs", "runUnsafeSimulation"),
        "parses the policies at every call and makes an explanation of every statement; one SCP is added where "
        "a case has none, since it wants one",
    ),
    Peer(
        "iam-simulate, validated",
        "npm",
        "@cloud-copilot/iam-simulate",
        ("iam_simulate_driver.mjs", "runSimulation"),
        "its usual call: validates policies, action, resource type and context keys besides",
    ),
    Peer(
        "cedarpy",
        "pip",
        "cedarpy",
        ("cedar_driver",),
        "another language (Rust under Python), IAM statements translated and parsed beforehand; the request goes "
        "through JSON at every call; Cedar's own way would name entities where IAM has patterns, and be faster",
    ),
    Peer(
        "PMapper",
        "pip",
        "principalmapper",
        ("pmapper_driver",),
        "derives some context keys, and keeps 2,048 patterns as regular expressions; not maintained: two names that "
        "Python 3.10 dropped are put back for it",
    ),
    Peer(
        "moto",
        "pip",
        "moto[iam]",
        ("moto_driver",),
        "a mock of AWS, whose policies are an aside; knows few condition operators, and takes a condition that "
        "does not hold for a denial",
    ),
    Peer(
        "casbin",
        "pip",
        "casbin",
        ("casbin_driver",),
        "another model: one rule per action and resource, no conditions, `*` only at the end",
    ),
)
