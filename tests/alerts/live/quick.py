"""The events process, which looks at sessions every half second."""

# First: it sets Django up.
from alerts.live.stream import application  # isort: skip
from alerts.live import personal

__all__ = ["application"]
personal.CHECK_SECONDS = 0.5
personal.RETRY_SECONDS = 0.5
