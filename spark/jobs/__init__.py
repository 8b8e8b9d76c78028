"""Batch jobs: what is computed now and then from committed rows. Run by systemd timers with spark-submit."""
