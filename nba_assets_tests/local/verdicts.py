"""Verdicts as events of Dagster's log."""

from __future__ import annotations

from datetime import date, timedelta

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.events import DagsterEvent, DagsterEventType
from dagster._core.events.log import EventLogEntry


def entry(number: int = 0, of_event=None, of_entry=None, **said) -> EventLogEntry:
    day = (date(2022, 1, 1) + timedelta(days=number)).isoformat()
    target = AssetCheckEvaluationTargetMaterializationData(
        storage_id=number, run_id=f"r{number}", timestamp=1e9 + number
    )
    verdict = dg.AssetCheckEvaluation(
        **{
            "asset_key": dg.AssetKey(["nba_raw", "games"]),
            "check_name": "coverage",
            "severity": dg.AssetCheckSeverity.ERROR,
            "description": f"It is day {number}.",
            "target_materialization_data": said.pop("target", target),
            "blocking": False,
            "partition": day,
            **said,
        }
    )
    event = DagsterEvent(
        **{
            "event_type_value": DagsterEventType.ASSET_CHECK_EVALUATION.value,
            "job_name": "job",
            "event_specific_data": verdict,
            "message": f"of {day}",
            "pid": 7,
            "step_key": "step",
            **(of_event or {}),
        }
    )
    return EventLogEntry(
        **{
            "error_info": None,
            "level": 20,
            "user_message": "",
            "run_id": "run",
            "timestamp": 1.5e9 + number / 7,
            "step_key": "step",
            "job_name": "job",
            "dagster_event": event,
            **(of_entry or {}),
        }
    )
