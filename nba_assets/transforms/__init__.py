"""How each derived table is computed: one module per table, `build(<upstream tables>, days) -> rows`.

Pure Ibis expressions over the tables named as parameters; nothing here imports Dagster, opens a warehouse or fetches.
"""
