"""How long the large jobs take and what memory they need: `python -m benchmarks` runs them all."""
