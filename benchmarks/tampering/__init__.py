"""Measures what detects each way to cheat, after how long and from which size on.

``python -m benchmarks.tampering`` writes ``build/tampering.json`` and, from it alone,
``docs/tampering.md``.
"""
