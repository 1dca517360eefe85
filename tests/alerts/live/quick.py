"""The events process, which is impatient."""

# First: it sets Django up.
from alerts.live.stream import application  # isort: skip
from alerts.live import personal, readers

__all__ = ["application"]
personal.CHECK_SECONDS = 0.5
personal.RETRY_SECONDS = 0.5
readers.SEND_SECONDS = 1.0
