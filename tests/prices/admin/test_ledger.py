import re
from html import unescape

import pytest
from django.urls import reverse

from prices.coordination.ids import uuid7
from prices.models import ImportBatch, Installation, LedgerRow

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestTheLedger:
    def test_is_read_searched_and_filtered_but_never_changed(self, client, odd, admin):
        address = reverse("admin:prices_ledgerrow_changelist")

        whole = client.get(address).content.decode()
        by_author = client.get(address, {"q": "mya@example.com"}).content.decode()
        by_id = client.get(address, {"q": odd[0]}).content.decode()
        none = client.get(address, {"q": "\x01%_nobody"}).content.decode()
        filtered = client.get(address, {"kind__exact": "PRICE", "state__exact": "published"}).content.decode()

        assert "K 24,000 a kg, YwarMa market" in whole and reverse("admin:prices_to_check") in whole
        assert by_author.count("YwarMa market") == 3 and by_id.count("YwarMa market") == 1
        assert "YwarMa market" not in none
        assert filtered.count("YwarMa market") == 3
        assert reverse("admin:prices_ledgerrow_add") not in whole and "delete_selected" not in whole

    def test_tells_a_moderators_acts_from_the_authors(self, client, author, odd, onions, moderator):
        taken, removed, wrong = odd
        client.post(reverse("withdraw", args=[taken]), {"act_id": str(uuid7()), "reason": "wrong shop"})
        client.force_login(moderator)
        client.post(reverse("withdraw", args=[removed]), {"act_id": str(uuid7()), "reason": "made up"})
        form = {"submission_id": str(uuid7()), "price": "2400", "quantity": "1", "unit": "kg"}
        form |= {"type": "RETAIL", "seen": "same", "reason": "one zero too many"}
        client.post(reverse("correct", args=[wrong]), form)

        text = unescape(client.get(reverse("admin:prices_ledgerrow_changelist")).content.decode())

        assert re.findall(r'class="field-what">([^<]*)<', text)[:3] == [
            "K 2,400 a kg, YwarMa market: Corrected by a moderator: one zero too many",
            "Removed by a moderator: made up",
            "wrong shop",
        ]

    def test_shows_a_row_readably_and_read_only(self, client, odd, admin):
        address = reverse("admin:prices_ledgerrow_change", args=[odd[0]])

        text = unescape(client.get(address).content.decode())

        assert '"shop_name": "YwarMa market"' in text and reverse("entry", args=[odd[0]]) in text
        assert 'name="_save"' not in text
        assert client.post(address, {"state": "parked"}).status_code == 403
        assert LedgerRow.objects.get(pk=odd[0]).state == "published"
        assert client.get(reverse("admin:prices_ledgerrow_add")).status_code == 403


class TestImportsAndMode:
    def test_can_be_looked_at(self, client, admin):
        batch = ImportBatch.objects.create(
            source="WFP", file_name="wfp.csv", file_hash="0" * 64, counts={"new": 12, "refused": 1}
        )
        Installation.objects.update_or_create(pk=1, defaults={"mode": "real"})

        imports = client.get(reverse("admin:prices_importbatch_changelist")).content.decode()
        one = client.get(reverse("admin:prices_importbatch_change", args=[batch.pk])).content.decode()
        mode = client.get(reverse("admin:prices_installation_changelist")).content.decode()

        assert "new: 12, refused: 1" in imports and "new: 12" in one
        assert "real prices" in mode
