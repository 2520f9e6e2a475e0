"""May each of these rows do what it says? Many requests at once, as the columns of an Arrow table (extra `batch`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from policyeval.errors import UsageError

if TYPE_CHECKING:
    from policyeval.engine import Engine


def decide_table(
    engine: Engine, rows: Any, *, carry: Iterable[str] = (), progress: Callable[[int], object] | None = None
) -> Any:
    """Decide the rows of an Arrow table, or of a stream of record batches; see docs/batch.md.

    Raises UsageError without pyarrow, RequestError or PolicyError with the number of the first row that
    cannot be decided.
    """
    try:
        import pyarrow  # noqa: F401  # asked only whether it is there
    except ImportError:
        help = 'install it with `pip install "policyeval-iam[batch]"`'
        raise UsageError("deciding tables needs pyarrow, which is not installed", help=help) from None
    from policyeval.batch.tables import decide_rows

    return decide_rows(engine, rows, (carry,) if isinstance(carry, str) else tuple(carry), progress)


__all__ = ["decide_table"]
