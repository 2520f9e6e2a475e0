"""Does anything but an error of ours leave when the input is hostile? Run it: `python -m tests.fuzz`."""
