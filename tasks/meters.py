"""What the worker counts of jobs."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from schema.jobs.messages import MESSAGES
from schema.jobs.model import JobStatus
from schema.jobs.outcomes import Outcome
from schema.system.metrics import UNKNOWN
from schema.times import utc_now

BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)

_OUTCOMES = {
    JobStatus.SUCCEEDED.value: "succeeded",
    JobStatus.FAILED.value: "failed",
    JobStatus.QUEUED.value: "to_be_retried",
}


class Meters:
    """Those of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._attempts = Counter(
            "postberry_job_attempts", "Attempts by how they ended.", ["kind", "outcome"], registry=registry
        )
        self._run = Histogram(
            "postberry_job_run_seconds", "Time of one attempt.", ["kind"], buckets=BUCKETS, registry=registry
        )
        self._whole = Histogram(
            "postberry_job_owed_to_done_seconds",
            "Time from the commit that owed a job until it succeeded.",
            ["kind"],
            buckets=BUCKETS,
            registry=registry,
        )

        for kind in MESSAGES:  # from 0 on: Prometheus does not see what a counter begins with
            for outcome in _OUTCOMES.values():
                self._attempts.labels(kind, outcome)

    def ended(self, outcome: Outcome, seconds: float) -> None:
        """Count an attempt whose outcome is recorded, and which took so long."""
        job, status = outcome.claim.job, outcome.update["$set"]["status"]
        kind = job["kind"] if job["kind"] in MESSAGES else UNKNOWN
        self._attempts.labels(kind, _OUTCOMES[status]).inc()
        self._run.labels(kind).observe(seconds)
        if status == JobStatus.SUCCEEDED.value:
            self._whole.labels(kind).observe(max(0.0, (utc_now() - job["created_at"]).total_seconds()))
