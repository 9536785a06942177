"""A seeded, invented league that delivers the raw tables: for tests, demonstrations and work without a network.

Players are invented; teams are the real thirty. Nothing in here reads a file or the network.
"""

from nba_assets.sources.simulated.source import SimulatedSource

__all__ = ["SimulatedSource"]
