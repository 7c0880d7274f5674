"""Histories for a backtest: files, installed packages and generators, in the world's order."""

from streams.sources.history import History, history
from streams.sources.inject import Injection, parse_injection

__all__ = ["History", "Injection", "history", "parse_injection"]
