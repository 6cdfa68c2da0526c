"""Benchmarks: commands with printed figures and ratios, never timed tests."""
