"""Run the command line with `python -m policyeval`."""

import sys

from policyeval.cli import main

sys.exit(main())
