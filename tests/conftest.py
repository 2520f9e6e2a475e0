"""What every test may rely on: the same examples on every run, and no colour from outside."""

import os

from hypothesis import settings

# Case files that are wrong on purpose; with the plugin installed, pytest would run them.
collect_ignore_glob = ["mistakes/*"]

# INVARIANT: the same code gives the same test result; `--hypothesis-profile explore` looks for new examples.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None, max_examples=2_000)
settings.load_profile("repeatable")

for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
    os.environ.pop(name, None)
