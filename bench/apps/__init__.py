"""Applications that only benchmarks serve: ours with a trivial read, and the bare ones it is compared to."""
