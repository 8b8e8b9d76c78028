"""When the batch jobs run, by the role's defaults."""

from pathlib import Path

import yaml

DEFAULTS = Path(__file__).parents[3] / "ansible" / "roles" / "batch" / "defaults" / "main.yml"


def test_a_job_begins_with_the_one_it_needs() -> None:
    """It asks for that job, which would run once more where its own timer has started it at another moment."""
    jobs = {job["name"]: job for job in yaml.safe_load(DEFAULTS.read_text())["batch_jobs"]}
    needing = [job for job in jobs.values() if "after" in job]
    assert needing
    assert all(job["calendar"] == jobs[job["after"]]["calendar"] for job in needing)
