"""What Duologue costs: turns, growth, throughput, readiness, memory and reading, each beside a floor of the same run."""
