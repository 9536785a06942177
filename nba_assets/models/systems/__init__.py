"""The systems that need no training, one module each: one answer per feature row, either a predicted_value or a reason
for silence. The trained one and the ensemble are in `models/predictions.py`."""
