"""The measurements of ``scripts/benchmark.py``, one module each, and what all measurements share."""
