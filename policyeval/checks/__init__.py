"""What is wrong, risky or superfluous in a policy? AWS's validation checks, offline, and the ones it lacks."""
