"""An item's history as files."""

import json
import re

import pytest

from tests.prices.reading import mongo_is_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestHistoryFiles:
    def test_hold_what_the_page_shows(self, client, stalls):
        query = "?region=yangon&period=all"
        page = client.get(f"/items/rice/{query}").content.decode()
        table = page.split('id="history"')[1].split("<details>")[1].split("</details>")[0]
        shown = [
            int(number.replace(",", ""))
            for number in re.findall(r'</th>\s*<td class="n">([0-9,]+)</td>', table)
        ]

        rows = json.loads(client.get(f"/items/rice/history.json{query}").content)["history"]
        lines = client.get(f"/items/rice/history.csv{query}").content.decode().split("\r\n")

        assert [round(float(row["middle"])) for row in reversed(rows)] == shown
        assert lines[0] == "from,to,low,middle,high,prices,unit,item,region,township,type,shop"
        assert [line.split(",")[3] for line in lines[1:-1]] == [row["middle"] for row in rows]
        assert lines[1].endswith(",kg,rice,yangon,,retail,")

    def test_are_in_the_unit_shown(self, client, stalls):
        kg = json.loads(client.get("/items/rice/history.json?region=yangon").content)
        viss = json.loads(client.get("/items/rice/history.json?region=yangon&unit=viss").content)

        assert viss["unit"] == "viss"
        assert float(viss["history"][-1]["middle"]) == pytest.approx(
            float(kg["history"][-1]["middle"]) * 1.63293, abs=0.01
        )

    def test_are_refused_rather_than_shortened_while_the_history_is_away(self, client, stalls, monkeypatch):
        mongo_is_away(monkeypatch)

        for path in ("/items/rice/history.csv", "/items/rice/history.json"):
            assert client.get(path).status_code == 503, path

    def test_of_an_unknown_item_are_404(self, client, stalls):
        assert client.get("/items/gold/history.csv").status_code == 404
