"""How good graded forecasts were: slices of prediction_accuracy with intervals, baselines on the same rows and
calibration; an alarm on what is too good to be true, and what falls short. How it is shown is in `cli/evaluate.py` and
`model_page.py`."""
