"""The text of a verdict is the one that Dagster would have written, whatever the verdict says."""

from __future__ import annotations

import dagster as dg
import pytest
from dagster._core.events.log import EventLogEntry
from dagster._core.execution.plan.handle import StepHandle
from dagster._utils.error import SerializableErrorInfo
from dagster_shared.serdes import deserialize_value, serialize_value

from nba_assets.local.verdict_text import texts
from nba_assets_tests.local.verdicts import entry

TABLE = dg.MetadataValue.table(
    [dg.TableRecord({"reason": "none", "keys": 3})],
    dg.TableSchema.from_name_type_dict({"reason": "string", "keys": "int"}),
)
SAID = [
    {"passed": True, "metadata": {}},
    {"passed": False, "severity": dg.AssetCheckSeverity.WARN, "metadata": {"rows": 3, "share": 0.5}},
    {
        "passed": True,
        "metadata": {"zeta": "█░ 50%", "alpha": True, "details": TABLE, "nothing": dg.MetadataValue.null()},
    },
    {"passed": False, "metadata": {"huge": 2**70, "tiny": 1e-300, "text": "Dončić\n\"'\\"}, "description": None},
    {"passed": True, "metadata": {"rows": 1}, "target": None},
    {"passed": True, "metadata": {"rows": 1}, "blocking": True},
    {"passed": True, "metadata": {"rows": 1}, "check_name": "other"},
    {"passed": True, "metadata": {"rows": 1}, "partition": None},
]


def assert_same(entries: list[EventLogEntry]) -> None:
    written = list(texts(entries))
    assert written == [serialize_value(e) for e in entries]
    assert [deserialize_value(text, EventLogEntry) for text in written] == entries


@pytest.mark.parametrize("said", SAID, ids=lambda said: ",".join(said))
def test_a_verdict_alone_and_after_another_of_its_check(said):
    assert_same([entry(1, **said)])
    assert_same([entry(1, passed=True), entry(2, **said), entry(3, **said)])


def test_verdicts_of_all_kinds_in_one_batch():
    assert_same([entry(number, **said) for number, said in enumerate(SAID * 3)])


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("of_event", {"pid": 8}),
        ("of_event", {"step_key": "another"}),
        ("of_event", {"job_name": "another"}),
        ("of_event", {"logging_tags": {"a": "b"}}),
        ("of_event", {"step_kind_value": "COMPUTE"}),
        ("of_event", {"step_handle": StepHandle.parse_from_key("another")}),
        ("of_entry", {"level": 30}),
        ("of_entry", {"user_message": "said"}),
        ("of_entry", {"run_id": "another"}),
        ("of_entry", {"step_key": "another"}),
        ("of_entry", {"job_name": "another"}),
        ("of_entry", {"error_info": SerializableErrorInfo("bad", [], None)}),
    ],
    ids=str,
)
def test_events_that_differ_in_anything_else_keep_it(part, other):
    assert_same([entry(1, passed=True), entry(2, passed=True, **{part: other}), entry(3, passed=True)])
