"""Forms of the admin as tests fill them in and read what they say."""

from typing import Any

from django.db.models import Model
from django.urls import reverse


def address(model: type[Model], page: str, *args: Any) -> str:
    """Of a page of the admin: "add", "changelist", "change" with an id."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def errors(response: Any) -> dict[str, str]:
    """What the page says is wrong, by field (inline forms together under their fields)."""
    assert response.status_code == 200, "the form came back"
    found = dict(response.context["adminform"].form.errors)
    for formset in response.context["inline_admin_formsets"]:
        for form in formset.formset.forms:
            found |= form.errors
    return {field: " ".join(messages) for field, messages in found.items()}


def inline(prefix: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """The fields of an inline without stored rows."""
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{field}": value for field, value in row.items()}
    return data
