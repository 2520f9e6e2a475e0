"""Do the tests notice when the core says something else? `python -m tests.mutation --help`."""
