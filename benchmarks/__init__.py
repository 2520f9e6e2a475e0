"""What is measured, and how: `python -m benchmarks` prints one table. Nothing here asserts a time."""
