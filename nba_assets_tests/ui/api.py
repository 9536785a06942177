"""The web server's GraphQL, asked as the web interface asks it: launch a backfill, wait for it, read checks by day."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass
from typing import Any

from nba_assets_tests.ui.server import wait_until

_LAUNCH = """
mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on Error { message }
  }
}"""
_ASSETS = """{
  assetNodes {
    assetKey { path }
    assetChecksOrError { ... on AssetChecks { checks { name blocking } } }
  }
}"""
_BACKFILLS = "{ partitionBackfillsOrError { ... on PartitionBackfills { results { id } } } }"
_BACKFILL = """
query ($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill { status runs { runId status } }
    ... on Error { message }
  }
}"""
_PARTITIONS = """
query ($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) {
    ... on AssetNode {
      assetPartitionStatuses {
        ... on TimePartitionStatuses { ranges { status startKey endKey } }
      }
    }
  }
}"""
_EXECUTIONS = """
query ($key: AssetKeyInput!, $check: String!) {
  assetCheckExecutions(assetKey: $key, checkName: $check, limit: 50) {
    runId
    status
    partition
    evaluation { success severity description }
  }
}"""
_REPOSITORIES = """{
  repositoriesOrError { ... on RepositoryConnection { nodes { name location { name } } } }
}"""
_LAUNCH_RUN = """
mutation ($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on Error { message }
  }
}"""
_RUN = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
_ENDED = ("COMPLETED", "COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED", "CANCELED")


@dataclass(frozen=True)
class Answer:
    """What a check said of a day."""

    is_passed: bool
    severity: str
    is_blocking: bool
    text: str


@dataclass(frozen=True)
class Backfill:
    """An ended or running backfill."""

    status: str
    runs: dict[str, str]


@dataclass(frozen=True)
class Api:
    """The GraphQL of a web server."""

    url: str

    def ask(self, query: str, **variables: Any) -> Any:
        request = urllib.request.Request(  # noqa: S310  (a loopback address)
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            said = json.load(answer)
        assert not said.get("errors"), said["errors"]
        return said["data"]

    def tables(self) -> list[list[str]]:
        """The keys of all assets."""
        return [node["assetKey"]["path"] for node in self.ask(_ASSETS)["assetNodes"]]

    def launch(self, days: list[str]) -> str:
        """Launch all assets on these days, with the variables of the dialog in the web interface."""
        params = {
            "tags": [],
            "assetSelection": [{"path": path} for path in self.tables()],
            "partitionNames": days,
            "fromFailure": False,
        }
        said = self.ask(_LAUNCH, params=params)["launchPartitionBackfill"]
        assert said["__typename"] == "LaunchBackfillSuccess", said
        return said["backfillId"]

    def backfills(self) -> list[str]:
        """All backfills, the newest first."""
        return [found["id"] for found in self.ask(_BACKFILLS)["partitionBackfillsOrError"]["results"]]

    def backfill(self, backfill_id: str) -> Backfill:
        said = self.ask(_BACKFILL, id=backfill_id)["partitionBackfillOrError"]
        assert "status" in said, said
        return Backfill(said["status"], {run["runId"]: run["status"] for run in said["runs"]})

    def wait_for_backfill(self, backfill_id: str, seconds: float) -> Backfill:
        """Until it is over, well or not."""
        wait_until(
            lambda: self.backfill(backfill_id).status in _ENDED, seconds, lambda: str(self.backfill(backfill_id))
        )
        return self.backfill(backfill_id)

    def launch_checks(self, tables: set[str], days: list[str]) -> str:
        """Launch every check of these tables, and nothing else, on a range of days; the id of the run."""
        selected = [
            {"assetKey": {"path": node["assetKey"]["path"]}, "name": check["name"]}
            for node in self.ask(_ASSETS)["assetNodes"]
            for check in node["assetChecksOrError"]["checks"]
            if ".".join(node["assetKey"]["path"]) in tables
        ]
        return self._launch_run([], selected, days)

    def launch_run(self, tables: set[str], days: list[str]) -> str:
        """Launch a run of these tables, without checks, on a range of days; its id."""
        selected = [{"path": path} for path in self.tables() if ".".join(path) in tables]
        return self._launch_run(selected, [], days)

    def _launch_run(self, assets: list[Any], checks: list[Any], days: list[str]) -> str:
        (repository,) = self.ask(_REPOSITORIES)["repositoriesOrError"]["nodes"]
        params = {
            "selector": {
                "repositoryName": repository["name"],
                "repositoryLocationName": repository["location"]["name"],
                "jobName": "__ASSET_JOB",
                "assetSelection": assets,
                "assetCheckSelection": checks,
            },
            "mode": "default",
            "executionMetadata": {
                "tags": [
                    {"key": "dagster/asset_partition_range_start", "value": days[0]},
                    {"key": "dagster/asset_partition_range_end", "value": days[-1]},
                ]
            },
        }
        said = self.ask(_LAUNCH_RUN, params=params)["launchPipelineExecution"]
        assert said["__typename"] == "LaunchRunSuccess", said
        return said["run"]["runId"]

    def wait_for_run(self, run_id: str, seconds: float) -> str:
        """Until it is over; how it ended."""

        def status() -> str:
            return self.ask(_RUN, id=run_id)["runOrError"]["status"]

        wait_until(lambda: status() in ("SUCCESS", "FAILURE", "CANCELED"), seconds, status)
        return status()

    def materialized_ranges(self, path: list[str]) -> list[tuple[str, str]]:
        said = self.ask(_PARTITIONS, key={"path": path})["assetNodeOrError"]["assetPartitionStatuses"]["ranges"]
        return [(found["startKey"], found["endKey"]) for found in said if found["status"] == "MATERIALIZED"]

    def answers(self, run_id: str) -> dict[tuple[str, str, str], Answer]:
        """(table, check, day) -> what the run's check said of the day."""
        found = {}
        for node in self.ask(_ASSETS)["assetNodes"]:
            key = node["assetKey"]
            for check in node["assetChecksOrError"]["checks"]:
                executions = self.ask(_EXECUTIONS, key=key, check=check["name"])["assetCheckExecutions"]
                for execution in executions:
                    if execution["runId"] != run_id:
                        continue
                    place = (".".join(key["path"]), check["name"], execution["partition"])
                    assert execution["evaluation"], f"{place}: {execution['status']}, without a result"
                    found[place] = Answer(
                        is_passed=execution["evaluation"]["success"],
                        severity=execution["evaluation"]["severity"],
                        is_blocking=check["blocking"],
                        text=execution["evaluation"]["description"],
                    )
        return found
