"""The people of the trial: what they act on, and how. ``TRIAL_SECONDS`` shortens it by hand."""

import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.contrib.auth.models import Permission
from django.db import connection

from accounts.models import Role, User
from potato import clock
from potato.errors import Refused
from prices import services
from prices.coordination.ids import uuid7
from prices.ledger import installation
from prices.models import LedgerRow
from prices.store import entries
from prices.types import PriceEntry
from tests.factories import make_item, make_shop, make_user
from tests.prices.sending import correct_price, submit_price

SECONDS = float(os.environ.get("TRIAL_SECONDS", "60"))
ITEMS, SHOPS, PEOPLE = 5, 3, 8
LEAST_ACTS = 500 if SECONDS >= 60 else int(5 * SECONDS)
Kind = LedgerRow.Kind


@dataclass
class Trial:
    """What the people of the trial work on, and the answers that they got."""

    items: list[Any]
    shops: list[Any]
    people: list[User]
    moderator: User
    until: float
    acknowledged: dict[str, str] = field(default_factory=dict)
    """The kind of act by the id that was acknowledged."""
    repeated: int = 0
    refused: Counter = field(default_factory=Counter)
    errors: list[BaseException] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """Ids of prices, by which people find each other's."""

    def is_over(self) -> bool:
        """After the time, or on a machine that has much else to do up to twice as long, until there is enough to judge."""
        now = time.monotonic()
        return now > self.until and (len(self.acknowledged) > 1.2 * LEAST_ACTS or now > self.until + SECONDS)


class Person(threading.Thread):
    """Sends prices, and confirms, corrects, withdraws and moderates those of all, until the time is over."""

    def __init__(self, trial: Trial, number: int) -> None:
        super().__init__(name=f"person {number}", daemon=True)
        self.trial, self.by = trial, trial.people[number]
        self.chance = Random(f"trial {number}")

    def run(self) -> None:
        acts = {
            self.submit: 50,
            self.confirm: 15,
            self.correct: 15,
            self.withdraw: 8,
            self.moderate: 8,
            self.send_again: 4,
        }
        try:
            while not self.trial.is_over():
                (act,) = self.chance.choices(list(acts), list(acts.values()))
                try:
                    act()
                except Refused as refusal:
                    self.trial.refused[str(refusal)] += 1
                time.sleep(self.chance.uniform(0.005, 0.05))
        except BaseException as error:
            self.trial.errors.append(error)
            raise
        finally:
            connection.close()

    def submit(self) -> None:
        self.send(self.form())

    def send_again(self) -> None:
        """A tap too much, from another thread at the same time."""
        form = self.form()

        def tap() -> None:
            try:
                self.send(form)
            except BaseException as error:
                self.trial.errors.append(error)
                raise
            finally:
                connection.close()

        other = threading.Thread(target=tap, daemon=True)
        other.start()
        self.send(form)
        other.join()
        self.trial.repeated += 1

    def form(self) -> dict[str, Any]:
        item = self.chance.choice(self.trial.items)
        return {
            "by": self.by,
            "submission_id": uuid7(),
            "item": item,
            "shop": self.chance.choice(self.trial.shops),
            "price": self.price(),
            "quantity": Decimal(self.chance.choice(["1", "0.5", "16"])),
            "unit": item.default_unit,
            "type": self.chance.choice(["RETAIL", "RETAIL", "RETAIL", "WHOLESALE"]),
            "seen_at": self.seen_at(),
            "now": clock.now(),
        }

    def send(self, form: dict[str, Any]) -> None:
        self.noted(submit_price(**form).id, Kind.PRICE)
        self.trial.known.append(str(form["submission_id"]))

    def confirm(self) -> None:
        if entry := self.somebodys():
            self.noted(services.confirm_price(by=self.by, entry=entry, now=clock.now()).id, Kind.CONFIRM)

    def correct(self) -> None:
        if entry := self.somebodys(own=True):
            item = next(item for item in self.trial.items if item.pk == entry.item_id)
            id = uuid7()
            submission = correct_price(
                by=self.by,
                submission_id=id,
                entry=entry,
                price=self.price(),
                quantity=Decimal(1),
                unit=item.default_unit,
                type=self.chance.choice(["RETAIL", "RETAIL", "WHOLESALE"]),
                seen_at=self.seen_at(),
                now=clock.now(),
            )
            self.noted(submission.id, Kind.CORRECT)
            self.trial.known.append(str(id))

    def withdraw(self) -> None:
        if entry := self.somebodys(own=True):
            act = services.withdraw_price(by=self.by, act_id=uuid7(), entry=entry, now=clock.now())
            self.noted(act.id, Kind.WITHDRAW)

    def moderate(self) -> None:
        if entry := self.somebodys():
            act = services.moderate(
                by=self.trial.moderator,
                act_id=uuid7(),
                entry=entry,
                status=self.chance.choice(["published", "published", "quarantined", "removed"]),
                seen_status=entry.status,
                now=clock.now(),
            )
            self.noted(act.id, Kind.MODERATE)

    def somebodys(self, *, own: bool = False) -> PriceEntry | None:
        """A price as it shows now; people mostly meet the newest."""
        known = self.trial.known[-60:] if self.chance.random() < 0.7 else self.trial.known
        for id in self.chance.sample(known, min(6, len(known))):
            entry = entries.get(id)
            if entry and (not own or entry.submitter.id == self.by.pk):
                return entry
        return None

    def price(self) -> Decimal:
        return Decimal(self.chance.randint(500, 9_000))

    def seen_at(self) -> Any:
        """Now, earlier today, or on one of the days before: two months and the edge of the window among them."""
        if self.chance.random() < 0.4:
            return None
        return clock.now() - timedelta(days=self.chance.randint(0, 45), minutes=self.chance.randint(0, 1000))

    def noted(self, id: str, kind: str) -> None:
        self.trial.acknowledged[id] = kind


def make_trial() -> Trial:
    installation.begin_real()
    here, there = make_shop(), make_shop()
    moderator = make_user(role=Role.ADMIN)
    moderator.user_permissions.add(Permission.objects.get(codename="change_ledgerrow"))
    return Trial(
        items=[make_item() for _ in range(ITEMS)],
        shops=[here, there, make_shop(region=here.region, township=here.township)],
        people=[make_user(role=Role.CONTRIBUTOR) for _ in range(PEOPLE)],
        moderator=User.objects.get(pk=moderator.pk),
        until=time.monotonic() + SECONDS,
    )
