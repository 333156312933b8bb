"""The plain functions as Prefect flows: state, retries, schedule, artifacts. Import only after ``prefect_env.prepare``.

A batch of files is a task; single files are data. A store error fails the task of that batch alone, which is tried again.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from prefect import flow, task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.runtime import deployment, flow_run
from prefect.states import Completed

from archive_schema.audit import AuditReport
from archive_schema.errors import DanganError, UnavailableError
from archive_schema.report import CoverageReport
from flows import digest, nightly
from flows.accounting import Tally
from flows.batch import Batch
from flows.ingest import IngestResult, ingest
from flows.places import from_parameters
from flows.workspace import Opened, open_workspace, utc_now
from reports import safe

log = logging.getLogger(__name__)

RETRY_DELAYS = [2.0, 10.0, 30.0, 60.0]


def _on_store_errors(_task: Any, _run: Any, state: Any) -> bool:
    """Only what trying again may mend is tried again."""
    try:
        state.result()
    except UnavailableError:
        return True
    except Exception:  # noqa: BLE001 - whatever else failed, it fails now
        return False
    return False


def batches_as_tasks(
    progress: Callable[[int, int], None] | None = None, *, delays: Sequence[float] = RETRY_DELAYS
) -> Callable[[Callable[[Batch], Tally], Sequence[Batch]], Iterable[Tally]]:
    """An ``each_batch`` for :func:`flows.ingest.ingest` that runs every batch as a task run of its own."""

    def each(work: Callable[[Batch], Tally], batches: Sequence[Batch]) -> Iterable[Tally]:
        by_number = {b.number: b for b in batches}

        @task(
            name="batch",
            retries=len(delays),
            retry_delay_seconds=list(delays),
            retry_condition_fn=_on_store_errors,
            cache_policy=NO_CACHE,
            persist_result=False,
        )
        def batch(number: int) -> Tally:
            return work(by_number[number])

        for done, b in enumerate(batches, 1):
            yield batch.with_options(task_run_name=f"batch-{b.number}")(b.number)
            if progress:
                progress(done, len(batches))

    return each


@flow(name="ingest", persist_result=False)
def ingest_flow(workspace: dict[str, Any], retry_delays: list[float] | None = None) -> IngestResult:
    """One pass over the inbox of a workspace (``flows.places.to_parameters``)."""
    artifact = create_progress_artifact(progress=0.0, key="ingest-progress", description="收件进度")
    with _open(workspace) as o:
        result = ingest(
            o,
            each_batch=batches_as_tasks(
                lambda done, total: update_progress_artifact(artifact, 100.0 * done / total),  # type: ignore[arg-type]
                delays=RETRY_DELAYS if retry_delays is None else retry_delays,
            ),
        )
    update_progress_artifact(artifact, 100.0)  # type: ignore[arg-type]
    return result


@flow(name="coverage", persist_result=False)
def coverage_flow(workspace: dict[str, Any]) -> tuple[CoverageReport, nightly.Written]:
    """Write the coverage report; the units' totals become a table artifact."""
    with _open(workspace) as o:
        report, written = nightly.coverage(o)
    table = [
        {"责任单位": safe.markdown(u.name), "牵头项数": len(u.lead_of), **{s.zh: n for s, n in u.totals.items()}}
        for u in report.coverage.units
    ]
    create_table_artifact(key="coverage", table=table, description=f"覆盖情况 {report.coverage.cycle}")
    return report, written


@flow(name="audit", persist_result=False)
def audit_flow(workspace: dict[str, Any]) -> AuditReport:
    """The night's audit; its result becomes an artifact."""
    with _open(workspace, damaged=True) as o:
        result = nightly.nightly_audit(o)
    problems = result.output.integrity.problems if result.output.integrity else []
    lines = [f"- {p.nature} {p.code} {safe.markdown(p.key)}" for p in problems] or ["- 无"]
    create_markdown_artifact(key="audit", markdown="\n".join(["## 审计发现的完整性问题", *lines]))
    return result


@flow(name="nightly", persist_result=False)
def nightly_flow(
    workspace: dict[str, Any], retry_delays: list[float] | None = None
) -> tuple[IngestResult, CoverageReport, nightly.Written, AuditReport]:
    """Ingest, coverage, audit, in this order, then the digest; a night that breaks off is told of, too.

    Nights that a server had missed are one night: what is left of them ends as ``Skipped`` and touches nothing.
    """
    if deployment.id and _overtaken(workspace, flow_run.scheduled_start_time):
        return Completed(name="Skipped", message="a night was finished after this one was due")  # type: ignore[return-value]
    began = utc_now()
    place = from_parameters(workspace, os.environ)
    by_block = _by_block(place.notify.block)
    try:
        ingested = ingest_flow(workspace, retry_delays)
        report, written = coverage_flow(workspace)
        audited = audit_flow(workspace)
    except Exception as e:
        digest.tell_failure(place, e, at=utc_now(), by_block=by_block)
        raise
    try:
        with _open(workspace, damaged=True) as o:
            digest.night(o, report=report, audited=audited, by_block=by_block, began=began)
    except Exception:
        log.exception("the night's work is done, its digest is not")
    return ingested, report, written, audited


def _overtaken(workspace: dict[str, Any], due: datetime) -> bool:
    """Was a night finished after ``due``? One in the future was by a wrong clock, and says nothing."""
    try:
        with _open(workspace, damaged=True) as o:
            held = digest.kept(o)
    except DanganError:
        return False  # the night itself meets it, and tells of it
    return held is not None and due <= held.after.at <= utc_now()


def _by_block(name: str) -> Callable[[str, str], None] | None:
    """Sends by a notification block of Prefect, ``type/name``, which an operator has made; None where none is named."""
    if not name:
        return None

    def send(subject: str, body: str) -> None:
        import prefect.blocks.notifications  # noqa: F401 - makes the types of blocks known
        from prefect.blocks.abstract import NotificationBlock
        from prefect.blocks.core import Block

        block = Block.load(name)
        if not isinstance(block, NotificationBlock):
            raise TypeError(f"{name} is no notification block")
        with block.raise_on_failure():
            block.notify(body, subject)  # type: ignore[unused-coroutine]  # done at once: a plain flow has no loop

    return send


def _open(workspace: dict[str, Any], *, damaged: bool = False) -> Opened:
    return open_workspace(from_parameters(workspace, os.environ), damaged=damaged)
