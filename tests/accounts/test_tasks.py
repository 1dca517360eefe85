"""The mail queue, and sessions that have run out."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected
from threading import Event, Thread

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import send_mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction
from django.utils import timezone
from mailer.models import Message, MessageLog

from accounts import tasks
from accounts.models import Session

pytestmark = pytest.mark.django_db


class Picky(EmailBackend):
    """A mail server with whims."""

    error: Exception | None = None

    def send_messages(self, messages):
        if self.error and any("bad" in message.to[0] for message in messages):
            raise self.error
        return super().send_messages(messages)


@pytest.fixture
def picky(settings, monkeypatch):
    settings.MAILER_EMAIL_BACKEND = f"{__name__}.Picky"
    monkeypatch.setattr(Picky, "error", SMTPServerDisconnected("no"))
    return Picky


def queue(to: str) -> None:
    send_mail("Prices", "Rice", None, [to])


class TestSendMail:
    def test_sends_one_mail_when_it_runs_twice(self):
        queue("su@example.com")

        tasks.send_mail()
        tasks.send_mail()

        assert [message.to for message in mail.outbox] == [["su@example.com"]]

    @pytest.mark.parametrize(
        "error", [SMTPServerDisconnected("no"), ValueError("a header with a line break")]
    )
    def test_sends_what_stands_behind_a_mail_that_fails(self, picky, monkeypatch, error):
        monkeypatch.setattr(picky, "error", error)
        queue("bad@example.com")
        queue("su@example.com")

        tasks.send_mail()

        assert [message.to for message in mail.outbox] == [["su@example.com"]]
        assert Message.objects.deferred().count() == 1

    def test_tries_again_what_failed_but_not_at_every_run(self, picky, monkeypatch):
        queue("bad@example.com")
        tasks.send_mail()
        monkeypatch.setattr(picky, "error", None)

        tasks.send_mail()
        assert mail.outbox == [], "tried a moment ago"

        cache.delete("accounts.mail_retried")
        tasks.send_mail()
        assert [message.to for message in mail.outbox] == [["bad@example.com"]]

    def test_gives_every_deferred_mail_its_turn(self, picky):
        for number in range(30):
            queue(f"bad{number}@example.com")
        for _ in range(30):
            cache.delete("accounts.mail_retried")
            tasks.send_mail()

        assert Message.objects.deferred().count() == 30
        assert min(Message.objects.values_list("retry_count", flat=True)) >= 1

    def test_stops_for_this_round_when_the_mail_server_is_away(self, picky):
        for number in range(30):
            queue(f"bad{number}@example.com")
        cache.add("accounts.mail_retried", True, timeout=300)

        tasks.send_mail()

        assert MessageLog.objects.count() == 5


@pytest.mark.django_db(transaction=True)
class TestTwoSenders:
    def test_do_not_send_the_same_mail(self):
        queue("su@example.com")
        held, done = Event(), Event()

        def other_worker() -> None:
            with transaction.atomic():
                Message.objects.select_for_update().get()
                held.set()
                done.wait(10)
            connection.close()

        thread = Thread(target=other_worker)
        thread.start()
        held.wait(10)
        try:
            tasks.send_mail()
        finally:
            done.set()
            thread.join()

        assert mail.outbox == [], "the other one has it in hand"
        tasks.send_mail()
        assert len(mail.outbox) == 1


class TestClearSessions:
    def test_deletes_what_has_run_out_and_old_records_of_mail(self):
        now = timezone.now()
        Session.objects.create(session_key="a" * 32, session_data="x", expire_date=now - timedelta(days=1))
        Session.objects.create(session_key="b" * 32, session_data="x", expire_date=now + timedelta(days=1))
        queue("su@example.com")
        tasks.send_mail()
        MessageLog.objects.update(when_attempted=now - timedelta(days=8))

        tasks.clear_sessions()
        tasks.clear_sessions()

        assert [session.session_key for session in Session.objects.all()] == ["b" * 32]
        assert not MessageLog.objects.exists()
