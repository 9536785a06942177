"""Models of three cut-offs that serve the days of a made-up season."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from nba_assets.models.prop_model import Serving
from nba_assets_tests.models.learning import POINTS, training_frame

FEBRUARY, DECEMBER = date(2022, 2, 1), date(2021, 12, 1)


def season(last_day: date = date(2022, 2, 20)) -> pd.DataFrame:
    """Games from mid-September on: enough for a model in December, and none in October."""
    return training_frame(last_day, days=(last_day - date(2021, 9, 14)).days)


def serving(frame: pd.DataFrame, folder: Path, known=(), information_set: str = "pregame") -> Serving:
    return Serving(frame, information_set, folder, known)


def row_of(frame: pd.DataFrame, folder: Path, day: date = FEBRUARY, known=()) -> dict:
    (row,) = serving(frame, folder, known).rows([day], POINTS)
    return row
