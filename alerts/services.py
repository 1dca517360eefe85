"""What people do with their alerts."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from alerts.models import AlertRule, Notification
from potato.errors import Refused
from potato.stores import member_documents
from potato.text.wording import wording


def mark_read(*, user_id: int, now: datetime, until: int, only: int | None = None) -> int:
    """Mark somebody's notifications read, those that came up to ``until`` (an id). Returns how many were unread.

    :param only: this one alone.
    """
    with transaction.atomic():
        rows = Notification.objects.filter(user=user_id, read_at=None, pk__lte=until)
        if only is not None:
            rows = rows.filter(pk=only)
        changed = rows.update(read_at=now)
        if changed:
            member_documents.renew_on_commit(user_id)
    return changed


def save_rule(rule: AlertRule) -> AlertRule:
    """Store a rule, new or changed. A changed one begins anew: it is armed.

    :raises Refused: its owner has as many rules as anybody may.
    """
    with transaction.atomic():
        if rule._state.adding:
            # One after the other, so that the count holds until the rule is committed.
            User.objects.select_for_update(of=("self",), no_key=True).get(pk=rule.user_id)
            count = AlertRule.objects.filter(user=rule.user_id).count()
            if count >= settings.MOST_ALERT_RULES:
                raise Refused(
                    _("You have %(n)s rules, which is the most. Delete one of them first.")
                    % {"n": wording().number(count)}
                )
        rule.is_armed = True
        rule.save()
    return rule


def pause_rule(rule: AlertRule, *, is_paused: bool) -> None:
    AlertRule.objects.filter(pk=rule.pk).update(is_paused=is_paused)


def duplicate_rule(rule: AlertRule) -> AlertRule:
    """Store the same rule once more, paused: two of one kind at once would only say everything twice.

    :raises Refused: its owner has as many rules as anybody may.
    """
    rule.pk, rule._state.adding = None, True
    rule.is_paused, rule.notified_at = True, None
    return save_rule(rule)
