"""Run the command line from a checkout: `python cli.py check …`."""

from policyeval.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
