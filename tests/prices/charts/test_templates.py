import pytest
from django.template.loader import render_to_string

from prices.charts import history_chart, sparkline, strip
from tests.prices.charts.drawn import month


class TestTemplates:
    """The drawings, rendered: what people typed is escaped, what is missing is left out."""

    def render(self, name: str, **context: object) -> str:
        return render_to_string(f"components/{name}.html", context)

    def test_draw_a_chart_with_its_title_and_description_escaped(self):
        chart = history_chart([month("2025-10", 1800, high=1900), month("2025-12", 1850)], by="month")

        html = self.render("chart", chart=chart, id="history", title="Rice <b>", desc='From "K 1,800" & on')

        assert '<title id="history-title">Rice &lt;b&gt;</title>' in html
        assert "&quot;K 1,800&quot; &amp; on" in html
        assert 'aria-labelledby="history-title history-desc"' in html
        assert chart.gaps in html
        assert html.count("The scale begins at K 1,750, not at zero.") == 2
        assert "style=" not in html

    def test_do_not_speak_of_the_scale_when_it_begins_at_zero(self):
        chart = history_chart([month("2025-11", 100), month("2025-12", 900)], by="month")

        html = self.render("chart", chart=chart, id="history", title="Rice", desc="")

        assert "scale" not in html

    def test_give_each_line_beside_its_own_dashes_and_marks(self):
        own, *others = ([month("2025-11", kyat), month("2025-12", kyat)] for kyat in (900, 950, 1000, 1100))
        chart = history_chart(own, by="month", others=others)

        html = self.render("chart", chart=chart, id="history", title="Rice", desc="")

        for number in (1, 2, 3):
            assert f'<path class="other o{number}"' in html
            assert f'id="history-m{number}"' in html
            assert html.count(f'href="#history-m{number}"') == 2

    def test_draw_a_strip_that_says_its_prices_aloud(self):
        html = self.render("strip", strip=strip([171_500, 192_700], 184_000))

        assert "<title>Shops from K 1,715 to K 1,927, middle K 1,840</title>" in html
        assert html.count("<circle") == 2

    def test_draw_a_spark_that_readers_aloud_skip(self):
        html = self.render("spark", spark=sparkline([1, 2]))

        assert 'aria-hidden="true"' in html
        assert 'd="M0 24 92 4"' in html

    @pytest.mark.parametrize("name", ["chart", "strip", "spark"])
    def test_draw_nothing_when_there_is_nothing(self, name):
        assert self.render(name, **{name: None}).strip() == ""
