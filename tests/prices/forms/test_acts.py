from prices.coordination.ids import uuid7
from prices.forms.acts import ReportForm


class TestReport:
    def test_needs_words_when_something_else_is_wrong(self):
        plain = ReportForm({"act_id": str(uuid7()), "reason": "price", "text": ""})
        other = ReportForm({"act_id": str(uuid7()), "reason": "other", "text": " "})

        assert plain.is_valid()
        assert "text" in other.errors
