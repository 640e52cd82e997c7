"""Measurements behind docs/performance.md: ``python -m benchmarks [part ...]``, no assertions."""
