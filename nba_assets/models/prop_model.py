"""nba_predictions.prop_model: for each game day, market and information set the model that serves, trained if it has to
be, and the calibration that its predecessors' forecasts taught."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from nba_assets.markets import Market
from nba_assets.models import calibration, network_training, registry, regression, training, unchanged
from nba_assets.models.cutoffs import cutoff_of
from nba_assets.models.network import Network
from nba_assets.models.past_forecasts import PastForecasts, Served
from nba_assets.models.trained_model import TrainedModel
from nba_assets.systems import LIGHTGBM, NETWORK, UNTRAINED

_CALIBRATION = (
    "validation_rows",
    "validation_mae",
    "validation_mae_ensemble",
    "validation_mae_last_10",
    "calibration",
    "calibration_fingerprint",
)
_TRAINED_BY = ("market", "information_set", "training_cutoff", "training_fingerprint")


@dataclass
class Serving:
    """The models of one information set.

    frame: rows of `transforms/predictions/training_rows.py`, with days (64-bit) as far back as the predecessors of the
        earliest cut-off were trained on.
    known: rows of prop_model that were written before; what was learned from the very same is not learned again.
    """

    frame: pd.DataFrame
    information_set: str
    models_folder: Path
    known: Iterable[Mapping[str, Any]] = ()
    _rows: dict[tuple[str, date], dict[str, Any]] = field(default_factory=dict)
    _models: dict[tuple[str, date], TrainedModel | None] = field(default_factory=dict)
    _networks: dict[date, Network] = field(default_factory=dict)
    _calibrations: dict[tuple[str, date], dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._hashes = training.row_hashes(self.frame)
        self._past = PastForecasts(self.frame, self._hashes)
        self._known = {tuple(row[name] for name in _TRAINED_BY): row for row in self.known}

    def train(self, game_days: Iterable[date], markets: Iterable[Market]) -> None:
        """Train and calibrate all that these game days need, on all cores; `rows` then has nothing left to learn."""
        cutoffs = sorted({cutoff_of(day) for day in game_days})
        asked = {m: [c for c in cutoffs if (m.name, c) not in self._calibrations] for m in markets}
        needed: dict[date, dict[Market, None]] = {}
        for market, of_market in asked.items():
            for cutoff in of_market:
                for one, earlier in self._needed(market, cutoff):
                    needed.setdefault(earlier, {})[one] = None
        # One thread for each training: they are many and small. The sums are also the same on any number of cores then.
        with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
            started = {cutoff: self._start(pool, cutoff, of_cutoff) for cutoff, of_cutoff in sorted(needed.items())}
            for cutoff, (learned, trained) in started.items():
                if learned is not None and (found := learned.result()) is not None:
                    self._networks[cutoff] = found
                for market, future in trained.items():
                    at = (market.name, cutoff)
                    self._rows[at], self._models[at] = self._registered(market, cutoff, future.result())
            self._past.ask_networks(pool, self._uncalibrated(asked), self._model)
            for calibrated in pool.map(self._calibrated, asked.keys(), asked.values()):
                self._calibrations |= calibrated

    def _start(
        self, pool: ThreadPoolExecutor, cutoff: date, markets: Iterable[Market]
    ) -> tuple[Future[Network | None] | None, dict[Market, Future[training.Trained]]]:
        """The cut-off's trainings: of the network, unless it is there, and of the markets.

        They begin in the order in which they are submitted, so that only of a cut-off or two the rows are in memory;
        the short ones last, so that no core waits for a long one.
        """
        seen = pool.submit(training.look_back, self.frame, cutoff)
        learned = None
        if cutoff not in self._networks:
            learned = pool.submit(lambda: training.train_network(seen.result()))
        in_bins = pool.submit(lambda: training.binned(seen.result()))
        in_order = sorted(markets, key=training.takes_medians, reverse=True)
        return learned, {
            m: pool.submit(lambda market: training.train(seen.result(), in_bins.result(), market), m) for m in in_order
        }

    def _uncalibrated(self, asked: Mapping[Market, Iterable[date]]) -> Iterator[tuple[Market, Served]]:
        """Of these the calibrations that are not known, by what they rest on."""
        for market, cutoffs in asked.items():
            for cutoff in cutoffs:
                served = self._past.served_before(cutoff)
                if self._known_calibration(market, cutoff, served) is None:
                    yield market, served

    def _needed(self, market: Market, cutoff: date) -> Iterator[tuple[Market, date]]:
        """The models that are not known: the cut-off's own, and those that calibrate it if it has to be calibrated."""
        if self._is_untrained(market, cutoff):
            yield market, cutoff
        served = self._past.served_before(cutoff)
        if self._known_calibration(market, cutoff, served) is None:
            yield from ((market, earlier) for earlier in served if self._is_untrained(market, earlier))

    def _is_untrained(self, market: Market, cutoff: date) -> bool:
        return (market.name, cutoff) not in self._rows and self._known_row(market, cutoff) is None

    def rows(self, game_days: Iterable[date], market: Market) -> list[dict[str, Any]]:
        """Rows of prop_model for these game days: one training and one calibration per cut-off among them."""
        game_days = list(game_days)
        self.train(game_days, [market])
        by_cutoff: dict[date, dict[str, Any]] = {}
        rows = []
        for day in sorted(game_days):
            cutoff = cutoff_of(day)
            if cutoff not in by_cutoff:
                # A known row was written with the same settings, by whichever release.
                by_cutoff[cutoff] = {
                    **self._row(market, cutoff),
                    **self._calibrations[market.name, cutoff],
                    "settings_fingerprint": unchanged.settings_fingerprint(market),
                }
            rows.append({**by_cutoff[cutoff], "game_date": day})
        return rows

    def _fingerprint(self, market: Market, cutoff: date) -> str:
        return training.fingerprint(self._hashes[training.is_seen(self.frame["game_date"], cutoff)], market)

    def _known_row(self, market: Market, cutoff: date) -> Mapping[str, Any] | None:
        """The row of a model that was trained on the very same and whose file is intact."""
        row = self._known.get((market.name, self.information_set, cutoff, self._fingerprint(market, cutoff)))
        return row if row is not None and registry.has_file(self.models_folder, row) else None

    def _row(self, market: Market, cutoff: date) -> dict[str, Any]:
        """The row of a model, known or trained now; without its calibration."""
        at = (market.name, cutoff)
        if at not in self._rows:
            known = self._known_row(market, cutoff)
            if known is None:
                raise RuntimeError(f"{market.name} {cutoff}: neither known nor trained")
            self._rows[at] = dict(known)
        return self._rows[at]

    def _model(self, market: Market, cutoff: date) -> TrainedModel | None:
        at, row = (market.name, cutoff), self._row(market, cutoff)
        if at not in self._models:
            self._models[at] = self._stored(row)
        return self._models[at]

    def _stored(self, row: Mapping[str, Any]) -> TrainedModel | None:
        if row["model_id"] is None:
            return None
        return TrainedModel.from_text(registry.load(self.models_folder, row["model_id"], row["file_sha256"]))

    def _registered(
        self, market: Market, cutoff: date, trained: training.Trained
    ) -> tuple[dict[str, Any], TrainedModel | None]:
        """The row of a model trained now, without its calibration, and the model; its file is written."""
        model = model_id = digest = None
        if trained.model is not None:
            model = TrainedModel(trained.model, self._networks[cutoff].only(f"actual_{market.name}"))
            name = f"{market.name}-{self.information_set}-{cutoff}"
            model_id, digest = registry.save(self.models_folder, name, model.to_text())
        parameters = {
            "rounds": regression.ROUNDS,
            "ridge": regression.RIDGE,
            "season_weight": training.SEASON_WEIGHT,
            "features": len(trained.model.features) if trained.model else 0,
            **regression.PARAMETERS,
            "network": {**network_training.settings(), "outputs": len(training.ACTUAL)},
        }
        row = {
            "market": market.name,
            "information_set": self.information_set,
            "model_id": model_id,
            "training_cutoff": cutoff,
            "training_first_day": trained.first_day,
            "training_last_day": trained.last_day,
            "training_rows": trained.rows,
            "parameters": json.dumps(parameters),
            "file_sha256": digest,
            "training_fingerprint": self._fingerprint(market, cutoff),
            "reason": trained.reason,
        }
        return row, model

    def _calibrated(self, market: Market, cutoffs: Iterable[date]) -> dict[tuple[str, date], dict[str, Any]]:
        """The market's calibrations, one after the other: they rest on the same forecasts."""
        return {(market.name, cutoff): self._calibration(market, cutoff) for cutoff in cutoffs}

    def _calibration(self, market: Market, cutoff: date) -> dict[str, Any]:
        """What past forecasts teach, and how good they were: columns of prop_model."""
        served = self._past.served_before(cutoff)
        known = self._known_calibration(market, cutoff, served)
        if known is not None:
            return {name: known[name] for name in _CALIBRATION}
        graded, trees, of_network = self._past.graded(market, served, self._model)
        actual = graded[f"actual_{market.name}"].to_numpy(dtype="float64")
        values = {s: graded[f"{s}_{market.name}"].to_numpy(dtype="float64") for s in UNTRAINED}
        values[NETWORK] = of_network
        learned = calibration.fit(graded, actual, trees, values, market)
        last_10 = graded[f"{market.statistic}_avg_last_10"].to_numpy(dtype="float64")
        errors = {
            "validation_mae": np.abs(learned.trees(trees) - actual),
            "validation_mae_ensemble": np.abs(learned.ensemble({**values, LIGHTGBM: learned.trees(trees)}) - actual),
            "validation_mae_last_10": np.abs(last_10 - actual),
        }
        is_measured = learned.distribution is not None
        return {
            "validation_rows": len(actual) if is_measured else 0,
            **{name: float(np.nanmean(error)) if is_measured else None for name, error in errors.items()},
            "calibration": learned.to_json(),
            "calibration_fingerprint": self._past.depend_on(market, served, self._fingerprint),
        }

    def _known_calibration(self, market: Market, cutoff: date, served: Served) -> Mapping[str, Any] | None:
        """The known row of the cut-off's model if its calibration rests on the very same."""
        known = self._known_row(market, cutoff)
        if known is None or known["calibration_fingerprint"] != self._past.depend_on(market, served, self._fingerprint):
            return None
        return known
