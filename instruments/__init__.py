"""What tests, drills and benchmarks hold to a running lab."""
