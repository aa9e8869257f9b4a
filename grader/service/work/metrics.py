"""Metrics for Prometheus. Names of students, files and courses are in none of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.service.store.tables import Job, Push

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

STATES = ("queued", "leased", "failed")
"""Of jobs and pushes, the states that are counted at each scrape: those of which there are few."""


class Metrics:
    """What this process counts, with the lengths of the queues, which it asks the database for at each scrape."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self.graded = Counter("grader_graded", "Files graded, by what came of it.", ["status"], registry=own)
        self.lost_leases = Counter("grader_lost_leases", "Results that came too late to count.", registry=own)
        self.host_deaths = Counter("grader_host_deaths", "Grading processes that ended at a file.", registry=own)
        self.sent = Counter("grader_scores_sent", "Answers of platforms to scores.", ["state"], registry=own)
        self.errors = Counter(
            "grader_worker_errors", "Errors of the database, or ours, in background work.", registry=own
        )
        self.waited = Histogram(
            "grader_waited_seconds", "From handing in to the result.", buckets=SECONDS, registry=own
        )
        self.took = Histogram("grader_grading_seconds", "What grading itself took.", buckets=SECONDS, registry=own)
        self._jobs = Gauge("grader_jobs", "Jobs in the queue, by state.", ["state"], registry=own)
        self._pushes = Gauge("grader_pushes", "Scores on their way, by state.", ["state"], registry=own)
        self._oldest = Gauge(
            "grader_oldest_job_seconds", "How long the oldest unfinished job has waited.", registry=own
        )

    def exposition(self, session: Session, now: datetime) -> bytes:
        """Everything, as Prometheus reads it."""
        for gauge, table in ((self._jobs, Job), (self._pushes, Push)):
            counted = select(table.state, func.count()).where(table.state.in_(STATES)).group_by(table.state)
            found = {str(row[0]): int(row[1]) for row in session.execute(counted)}
            for state in STATES:
                gauge.labels(state).set(found.get(state, 0))
        self._oldest.set(oldest_wait(session, now))
        return generate_latest(self._registry)

    def values(self) -> Iterator[tuple[str, float]]:
        """Names with labels, and values; for tests and logs."""
        for metric in self._registry.collect():
            for sample in metric.samples:
                labels = ",".join(sample.labels.values())
                yield (f"{sample.name}{{{labels}}}" if labels else sample.name), sample.value


def oldest_wait(session: Session, now: datetime) -> float:
    """For how many seconds the oldest unfinished job has waited; 0 without one."""
    oldest = session.scalar(select(func.min(Job.queued_at)).where(Job.state.in_(("queued", "leased"))))
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
