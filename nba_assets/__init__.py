"""NBA player-prop prediction as a platform of daily-partitioned data assets.

Nothing is imported here, so that `nba_assets.<module>` costs only what that module needs.
"""
