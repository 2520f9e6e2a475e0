"""What holds where the command line is silent? What the configuration sets, else what is usual.

A setting stands for the option of the same name (docs/decisions/0017). Without a configuration pydantic, which checks
the settings, is not imported.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from policyeval.cli.configuration import Configuration, read_configuration
from policyeval.cli.output import environment_wants_color

if TYPE_CHECKING:
    from policyeval.cli.settings import Settings

_USUAL = {"color": "auto", "verbose": False, "redact": False}


def settle(options: argparse.Namespace, formats: Sequence[str]) -> None:
    """Fill in what the command line leaves open: from the configuration, else with what is usual.

    Raises UsageError for a configuration that cannot be used.
    """
    options.configuration = read_configuration(options.config)
    options.remarks = ()
    if options.configuration is not None:
        from policyeval.cli.settings import read_settings

        _fill_in(options, read_settings(options.configuration), formats)
    for name, usual in _USUAL.items():
        if getattr(options, name, usual) is None:
            setattr(options, name, usual)


def _fill_in(options: argparse.Namespace, settings: Settings, formats: Sequence[str]) -> None:
    if options.formats is None:
        options.formats = [name for name in settings.format if name in formats][:1] or None
    if options.color is None and environment_wants_color() is None:
        options.color = settings.color
    for name in ("verbose", "redact"):
        if getattr(options, name, False) is None:
            setattr(options, name, getattr(settings, name))
    if hasattr(options, "semantics"):
        chosen = dict(options.semantics)
        left = {name: value for name, value in settings.readings().items() if name not in chosen}
        options.remarks = tuple(_remarks(left, options.configuration))
        options.semantics = [*left.items(), *options.semantics]


def _remarks(semantics: Mapping[str, str], configuration: Configuration) -> Iterator[str]:
    """Tell which readings of disputed points the file has chosen: they can change the answer."""
    for name, value in semantics.items():
        yield f"`{name}` is `{value}`, as {configuration.where('semantics')} says"
