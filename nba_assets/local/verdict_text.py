"""Verdicts as the text that Dagster stores of them: what those of a check have in common is made ready once.

Dagster's own way through each of an event's fifty fields takes three times as long, and a season has 44,000 verdicts.
The text is the same, letter by letter; `nba_assets_tests/local/test_verdict_text.py` holds the two against each other.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, cast

import dagster as dg
from dagster._core.events import DagsterEvent
from dagster._core.events.log import EventLogEntry
from dagster_shared.serdes import pack_value

Packed = dict[str, Any]
"""A record of Dagster's as plain values, under the names that it is stored by."""


def texts(evaluations: Sequence[EventLogEntry]) -> Iterator[str]:
    """The events as JSON; each is of the evaluation of a check."""
    frames: dict[Hashable, Packed] = {}
    for entry in evaluations:
        event = entry.get_dagster_event()
        verdict = cast(dg.AssetCheckEvaluation, event.event_specific_data)
        shared = _shared(entry, event, verdict)
        if shared not in frames:
            frames[shared] = cast(Packed, pack_value(entry))
        yield json.dumps(_filled(frames[shared], entry, event, verdict), sort_keys=True)


def _shared(entry: EventLogEntry, event: DagsterEvent, verdict: dg.AssetCheckEvaluation) -> Hashable:
    """All that is not put in anew by `_filled`."""
    of_entry = entry.level, entry.user_message, entry.run_id, entry.step_key, entry.job_name, id(entry.error_info)
    of_event = event.pid, event.step_key, event.job_name, event.step_kind_value
    unhashable = repr(event.logging_tags), id(event.step_handle), id(event.node_handle)
    is_targeted = verdict.target_materialization_data is not None
    return of_entry, of_event, unhashable, verdict.asset_key, verdict.check_name, verdict.blocking, is_targeted


def _filled(frame: Packed, entry: EventLogEntry, event: DagsterEvent, verdict: dg.AssetCheckEvaluation) -> Packed:
    of_event: Packed = frame["dagster_event"]
    of_verdict: Packed = of_event["event_specific_data"]
    own: Packed = {
        "description": verdict.description,
        "metadata": {name: _packed(value) for name, value in verdict.metadata.items()},
        "partition": verdict.partition,
        "severity": {"__enum__": str(verdict.severity)},
        "success": verdict.passed,
    }
    target = verdict.target_materialization_data
    if target is not None:
        own["target_materialization_data"] = {
            **of_verdict["target_materialization_data"],
            "run_id": target.run_id,
            "storage_id": target.storage_id,
            "timestamp": target.timestamp,
        }
    said = {**of_event, "event_specific_data": of_verdict | own, "message": event.message}
    return {**frame, "dagster_event": said, "timestamp": entry.timestamp}


def _packed(value: Any) -> Any:
    # Nearly all figures are of these two.
    if type(value) is dg.IntMetadataValue:
        return {"__class__": "IntMetadataEntryData", "value": value.value}
    if type(value) is dg.FloatMetadataValue:
        return {"__class__": "FloatMetadataEntryData", "value": value.value}
    return pack_value(value)
