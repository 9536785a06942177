"""The four sensors: failed checks, failed runs, what has stopped progressing, and delivery.

Thin: they ask the instance, let the pure modules decide, queue messages, and only then let their cursor go on.
"""

import json
import time
from collections.abc import Iterable
from typing import Any

import dagster as dg

from nba_assets.alerts import delivery, messages, reading, stalled
from nba_assets.alerts.errors import AlertsError
from nba_assets.alerts.messages import Message
from nba_assets.alerts.outbox import Outbox
from nba_assets.alerts.silences import load_silences
from nba_assets.alerts.state import CheckState, Progress
from nba_assets.backfill import close_abandoned_runs
from nba_assets.settings import Settings, load_settings

INTERVAL_SECONDS = 30
EVALUATIONS_AT_ONCE = 50_000
"""A tick ends once it has read so many, which takes 17 seconds, or 40 on busy cores. With 203 checks a run over five
seasons has 330,000."""
SECONDS_AT_ONCE = 20
"""A tick takes in no further failed run after that."""


@dg.sensor(
    description="Queues a message when a check fails on days on which it did not, and when it passes there again.",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def alert_failed_checks(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Takes in runs as they end, so that one that hangs holds nothing back; its cursor is the state.

    A run that is too long for a tick is taken in over several, and nothing is said until all of it is.
    """
    settings = load_settings()
    if context.cursor:
        state, progress = CheckState.from_cursor(context.cursor)
    else:
        state, progress = CheckState(), Progress(reading.first_position(context.instance, time.time()))
    begun, count = progress.position, 0
    for page in reading.pages_after(context.instance, progress):
        state.fold(page.evaluations, page.is_run_failed)
        progress, count = page.progress, count + len(page.evaluations)
        if count >= EVALUATIONS_AT_ONCE:
            break
    # Of a run that is half read and was deleted meanwhile there is no more to come.
    if progress.run_id is not None and count >= EVALUATIONS_AT_ONCE:
        skipped = f"Read {count:,} evaluations, the last of run {progress.run_id[:8]}, which has more."
        return dg.SensorResult(cursor=state.as_cursor(progress), skip_reason=skipped)
    silenced = {silence.group for silence in load_silences(settings.alerts_folder)}
    changes = state.take_changes(silenced)
    said = _queue(settings, messages.check_messages(changes, settings.ui_url, occasion=str(begun)))
    return dg.SensorResult(cursor=state.as_cursor(progress), skip_reason=f"Read {count:,} evaluations. {said}")


@dg.sensor(
    description="Queues a message for each run that failed: the step, why, and the checks that stopped it.",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def alert_failed_runs(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Not Dagster's run_failure_sensor: that one goes on even where its body failed."""
    settings = load_settings()
    before = int(context.cursor or reading.first_position(context.instance, time.time()))
    position, runs, deadline = before, [], time.monotonic() + SECONDS_AT_ONCE
    for run in reading.ended_runs(context.instance, before, only_failed=True):
        if not reading.is_told_by_its_part(context.instance, run.run_id):
            runs.append(reading.failed_run(context.instance, run.run_id))
        position = run.position
        if time.monotonic() > deadline:
            break
    said = _queue(settings, messages.run_messages(runs, settings.ui_url, occasion=str(before)))
    return dg.SensorResult(cursor=str(position), skip_reason=said)


@dg.sensor(
    description="Queues a message when a backfill or a run shows no progress for too long, and when that is over.",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def alert_stalled_backfills(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Its cursor is what stands still, and how often it had something to say. Ends runs of killed commands as well."""
    settings = load_settings()
    # A killed command's run would be in the way of the queue for ever.
    close_abandoned_runs(context.instance)
    cursor: dict[str, Any] = json.loads(context.cursor) if context.cursor else {"told": 0, "stalled": {}}
    going_on = reading.going_on(context.instance)
    still = stalled.stalled_work(going_on, time.time(), settings.stalled_after_minutes * 60)
    changes = stalled.changes_of(cursor["stalled"], still, going_on)
    queued = messages.stall_messages(
        changes, settings.stalled_after_minutes, settings.ui_url, occasion=str(cursor["told"])
    )
    said = _queue(settings, queued)
    after = {"told": cursor["told"] + bool(changes), "stalled": stalled.remembered(cursor["stalled"], still)}
    return dg.SensorResult(cursor=json.dumps(after), skip_reason=f"{len(going_on)} going on. {said}")


@dg.sensor(
    description="Sends what is queued, again and again until it is delivered; fails while something is not.",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def deliver_alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """A tick fails as long as something could not be delivered, so that it is red in the UI."""
    outcome = delivery.deliver(load_settings())
    if outcome.failures:
        count = len(outcome.failures)
        raise AlertsError(
            f"{count} {'delivery has' if count == 1 else 'deliveries have'} failed and will be tried again "
            f"(see nba-assets alerts list):\n" + "\n".join(outcome.failures[:20])
        )
    waiting = (
        f" {outcome.without_destination} wait: no destination is configured." if outcome.without_destination else ""
    )
    return dg.SkipReason(f"{outcome.delivered} delivered.{waiting}")


def _queue(settings: Settings, said: Iterable[Message]) -> str:
    """Put messages into the outbox, if their severity goes anywhere; returns what a tick then says of itself."""
    outbox = Outbox(settings.alerts_folder)
    told = []
    for message in said:
        if not delivery.destinations_of(settings, message.severity):
            told.append(f"Not queued, no destination is configured for {message.severity}: {message.title}.")
        elif outbox.put(message):
            told.append(f"Queued: {message.title}.")
    return " ".join(told) or "Nothing to tell."


SENSORS = [alert_failed_checks, alert_failed_runs, alert_stalled_backfills, deliver_alerts]
