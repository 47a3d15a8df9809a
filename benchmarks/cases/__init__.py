"""Case folders that benchmarks run on."""
