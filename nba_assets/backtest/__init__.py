"""What betting on the recommendations would have returned: settling graded bets, and the figures over them.

Nothing here imports Dagster, opens a warehouse or prints.
"""
