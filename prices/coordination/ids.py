"""Ids that sort by the time when they were made."""

import uuid

import uuid_utils.compat


def uuid7() -> uuid.UUID:
    """A new UUID of version 7: what forms, and browsers without a signal, name a submission by."""
    return uuid_utils.compat.uuid7()
