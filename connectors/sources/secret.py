"""A secret of a source: how to get it, at the moment of use."""

from collections.abc import Callable
from typing import TypeAlias

Secret: TypeAlias = Callable[[], str]  # called at the moment of use, never kept
