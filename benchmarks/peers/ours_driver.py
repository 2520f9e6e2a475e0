"""Drives policyeval, in the same way as the others."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.peers.serving import Decide, Values, serve
from policyeval import Engine, Request


def prepare(policies: Values) -> Callable[[Values], Decide]:
    """Compile; a Request is ready, as the others' are."""
    engine = Engine(policies)

    def ready(request: Values) -> Decide:
        made = Request.from_dict(request)
        return lambda: engine.decide(made).allowed

    return ready


if __name__ == "__main__":
    serve("policyeval-iam", prepare)
