"""Localised text for what happened to a price, and who did it: its author, a moderator, or the judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prices.models import LedgerRow
from prices.pages.shared_parts import price_text
from prices.types import Change, PriceEntry, Submission

Kind = LedgerRow.Kind

ACTS: Mapping[str, str | Promise] = {
    Kind.CONFIRM: gettext_lazy("Your confirmation"),
    Kind.CORRECT: gettext_lazy("Your correction"),
    Kind.WITHDRAW: gettext_lazy("Your withdrawal"),
    Kind.REPORT: gettext_lazy("Your report"),
    Kind.MODERATE: gettext_lazy("Your decision"),
}

DECISION_TEXTS: Mapping[str, str | Promise] = {
    "published": gettext_lazy("Published by a moderator"),
    "quarantined": gettext_lazy("Put aside by a moderator"),
    "removed": gettext_lazy("Removed by a moderator"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why a price is no longer shown: a word or two (``Corrected``), a sentence with who did it, and their reason.

    ``replaced_by`` is the id of the price that corrects it, or empty.
    """

    short: str
    text: str
    reason: str = ""
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Something that happened to an entry, in words."""

    at: datetime
    text: str
    reason: str = ""
    entry_id: str = ""


def outcome(entry: PriceEntry) -> Outcome | None:
    """What ended a price's time on the pages; None while nothing has."""
    change = next((one for one in reversed(entry.changes) if one.status == entry.status), None)
    if entry.status == "removed":
        reason = change.reason if change else ""
        return Outcome(_("Removed by a moderator"), _("This price was removed by a moderator."), reason)
    if entry.status != "withdrawn":
        return None
    if change is None:
        return Outcome(_("Taken back"), _("This price was taken back."))
    is_own = _is_own(change, entry)
    if change.kind == Kind.CORRECT:
        if is_own:
            short, text = _("Corrected"), _("This price was corrected by its author.")
        else:
            short, text = _("Corrected by a moderator"), _("This price was corrected by a moderator.")
        return Outcome(short, text, _reason(change), replaced_by=change.id)
    if is_own:
        return Outcome(_("Taken back"), _("Its author took this price back."), change.reason)
    return Outcome(
        _("Taken back by a moderator"), _("This price was taken back by a moderator."), change.reason
    )


def history_lines(entry: PriceEntry) -> list[HistoryLine]:
    """Everything that happened to an entry, the newest first."""
    lines = [_line(change, is_own=_is_own(change, entry)) for change in entry.changes]
    # A withdrawal counts from its acceptance: the relay publishes what was taken back before, and at once takes it back.
    was_public = all(
        change.status != "withdrawn" or change.at > entry.published_at for change in entry.changes
    )
    if was_public and not entry.waits:
        begun = (
            _("Published") if entry.judgement.verdict in ("fine", "unjudged") else _("Put aside for a check")
        )
        lines.append(HistoryLine(entry.published_at, begun, price_text.why(entry.judgement)))
    if not price_text.is_survey(entry.source):
        lines.append(HistoryLine(entry.received_at, _("Sent")))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def unfinished(act: Submission) -> str:
    """How it stands with an act that is not published: it waits, or why it could not be."""
    names = {"act": ACTS.get(act.kind, act.kind)}
    if act.state == LedgerRow.State.ACCEPTED:
        return _("%(act)s was accepted and will be carried out soon. You need not send it again.") % names
    return _("%(act)s could not be carried out. %(why)s") % {**names, "why": price_text.parked(act.reason)}


def _line(change: Change, *, is_own: bool) -> HistoryLine:
    if change.kind == Kind.CORRECT:
        text = _("Corrected by its author") if is_own else _("Corrected by a moderator")
        # The new entry has the id of the act.
        return HistoryLine(change.at, text, _reason(change), entry_id=change.id)
    if change.kind == Kind.CONFIRM:
        text = _("Seen again by somebody")
    elif change.kind == Kind.WITHDRAW:
        text = _("Taken back by its author") if is_own else _("Taken back by a moderator")
    elif change.kind == Kind.MODERATE:
        text = str(DECISION_TEXTS.get(change.status or "", _("Looked at by a moderator")))
    else:
        text = change.kind
    return HistoryLine(change.at, text, change.reason)


def _is_own(change: Change, entry: PriceEntry) -> bool:
    # Of an account that is gone nothing is known; a moderator's decision is an act of its own kind.
    return change.by is None or change.by == entry.submitter.id


def _reason(change: Change) -> str:
    """Why a price was corrected. Corrections of earlier releases note their own id there."""
    return "" if change.id in change.reason else change.reason
