"""A person's rules: the list, a new one from an item's page, and what is done with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib import messages
from django.core import signing
from django.db import IntegrityError
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import following
from accounts.decorators import MemberRequest, members_only
from alerts import preview, selectors, services, texts
from alerts.forms import EVERYWHERE, NUMBER_OF, ActForm, RestoreForm, RuleForm, scope_of
from alerts.models import COOLDOWN_HOURS, AlertRule
from potato.errors import Refused
from potato.text.wording import wording
from potato.web.htmx import go_to, wants_part
from potato.web.resubmission import describe
from prices.names import cache as names
from prices.pages.item.page import measures_for
from prices.pages.shared_parts.measures import Measure
from prices.rules import units
from prices.rules.typed_numbers import plain
from prices.types import PRICE_TYPES, RETAIL, Name

LONGEST_ID = 18
UNDO_SECONDS = 3600
UNDO_SALT = "alerts.deleted_rule"
# What a rule that comes back after its deletion is made of.
STORED = ("kind", "item", "region", "township", "shop", "type", "base", "unit", "amount", "percent", "days",
          "cooldown_hours", "is_paused")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    rule: AlertRule
    item: Name | None
    text: str


@members_only
@require_safe
def alert_rules(request: MemberRequest) -> HttpResponse:
    """A person's rules, the newest first; after one was deleted, with the button that brings it back."""
    return _list(request)


def _item_asked(request: HttpRequest) -> list[str]:
    item = names.by_slug("item", request.POST.get("item", ""))
    return [str(item)] if item else []


def _item_of_rule(request: HttpRequest, id: int) -> list[str]:
    item = names.get("item", _own(request, id).item_id)
    return [str(item)] if item else []


@members_only
@describe(gettext_lazy("Save"), RuleForm, about=_item_asked)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """Ask what to notify about, with what the item's page showed filled in, and store it."""
    given = request.POST if request.method == "POST" else request.GET
    item = names.by_slug("item", given.get("item", ""))
    if item is None:
        return render(
            request,
            "alerts/rule_which.html",
            {"asked": given.get("item", "")[:100]},
            status=404 if given.get("item") else 200,
        )
    return _ask(request, AlertRule(user=request.user), item, _initial(given, item), place=_place_asked(given))


@members_only
@describe(gettext_lazy("Save"), RuleForm, about=_item_of_rule)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: MemberRequest, id: int) -> HttpResponse:
    """Change a rule of one's own."""
    rule = _own(request, id)
    item = names.get("item", rule.item_id)
    if item is None:
        raise Http404
    place = _place_of(rule)
    return _ask(request, rule, item, _initial_of(rule, measures_for(item, wording()), place), place=place)


@members_only
@describe(gettext_lazy("Send again"), ActForm, about=_item_of_rule)
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: MemberRequest, id: int) -> HttpResponse:
    """Pause, resume, duplicate or delete a rule of one's own (``act``)."""
    if request.method != "POST":
        return redirect("alert_rules")
    rule, asked = _own(request, id), request.POST.get("act")
    if asked in ("pause", "resume"):
        services.pause_rule(rule, is_paused=asked == "pause")
    elif asked == "duplicate":
        try:
            services.duplicate_rule(rule)
        except Refused as refusal:
            return _list(request, refusal=str(refusal), status=422)
    elif asked == "delete":
        stored = signing.dumps({"user": request.user.pk, **model_to_dict(rule, STORED)}, salt=UNDO_SALT)
        rule.delete()
        return _list(request, undo=stored)
    else:
        return _list(request, refusal=_("This cannot be done with a rule."), status=422)
    return go_to(request, reverse("alert_rules"))


@members_only
@describe(gettext_lazy("Undo"), RestoreForm)
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: MemberRequest) -> HttpResponse:
    """Store a rule again that was deleted within the last hour."""
    if request.method != "POST":
        return redirect("alert_rules")
    try:
        stored = signing.loads(request.POST.get("rule", "")[:2000], salt=UNDO_SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return _list(request, refusal=_("This rule cannot be brought back any more."), status=422)
    if stored.pop("user") != request.user.pk:
        raise Http404
    fields = {
        (name if name not in ("item", "region", "township", "shop", "unit") else f"{name}_id"): value
        for name, value in stored.items()
    }
    try:
        services.save_rule(AlertRule(user=request.user, **fields))
    except Refused as refusal:
        return _list(request, refusal=str(refusal), status=422)
    except IntegrityError:
        # Its item or place is gone meanwhile.
        return _list(request, refusal=_("This rule cannot be brought back any more."), status=422)
    return go_to(request, reverse("alert_rules"))


def _list(request: MemberRequest, *, undo: str = "", refusal: str = "", status: int = 200) -> HttpResponse:
    words = wording()
    rows = []
    for rule in selectors.rules_of(request.user.pk):
        measure = texts.measure_of(rule.item_id, rule.base, words, unit=texts.unit_code(rule.unit_id))
        text = texts.rule_text(texts.facts_of(rule), type=rule.type, measure=measure, words=words)
        rows.append(Row(rule, names.get("item", rule.item_id), text))
    context = {"rows": rows, "undo": undo, "refusal": refusal}
    return render(request, "alerts/rules.html", context, status=status)


def _ask(
    request: MemberRequest, rule: AlertRule, item: Name, initial: dict[str, Any], *, place: str
) -> HttpResponse:
    words = wording()
    measures = {code: one for code, one in measures_for(item, words).items() if names.by_slug("unit", code)}
    sent, status = request.method == "POST", 200
    data = _with_limit(request.POST) if sent else initial
    followed = following.ids_of("shop", request.user.pk)
    form_of = partial(RuleForm, item=item, measures=measures, shop_ids=followed, initial=initial)
    form = form_of(data, place=data.get("place") or place)
    is_look = not sent or "look" in request.POST or "use" in request.POST
    shown = None
    if form.is_valid():
        form.fill(rule)
        days = _history(rule, form)
        if not is_look:
            rule.baseline = preview.newest_typical(days)
            try:
                services.save_rule(rule)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved."))
                return go_to(request, reverse("alert_rules"))
        shown = preview.preview_of(rule, days, measure=measures[form.cleaned_data["unit"]], words=words)
    if sent and not form.is_valid():
        status = 422
    if not sent:
        # The values come from an address, not from a form that was sent: no errors are shown.
        form = form_of(None, place=place)
    context = {"form": form, "item": item, "rule": rule, "preview": shown, "needs": NUMBER_OF}
    if wants_part(request) and is_look:
        return render(request, "alerts/_preview.html", context)
    return render(request, "alerts/rule.html", context, status=status)


def _history(rule: AlertRule, form: RuleForm) -> Any:
    return preview.history_of(
        form.scope().place,
        item_id=rule.item_id,
        type=rule.type,  # type: ignore[arg-type]
        base=rule.base,  # type: ignore[arg-type]
        is_long=rule.kind == AlertRule.Kind.SILENCE,
    )


def _with_limit(post: QueryDict) -> QueryDict:
    """What was sent; where the suggested limit was chosen, with that."""
    if "use" not in post:
        return post
    changed = post.copy()
    changed.setlist("amount", post.getlist("use")[-1:])
    return changed


def _place_asked(given: Mapping[str, str]) -> str:
    """The place that an address or a form names, as a form spells it."""
    if code := given.get("place", ""):
        return code
    if (shop := given.get("shop", "")) and scope_of(f"shop-{shop}"):
        return f"shop-{shop}"
    region = names.by_slug("region", given.get("region", ""))
    if region is None:
        return EVERYWHERE
    township = names.by_slug("township", given.get("township", ""), region=region.id)
    return f"township-{township.id}" if township else f"region-{region.id}"


def _place_of(rule: AlertRule) -> str:
    for kind in ("shop", "township", "region"):
        if id := getattr(rule, f"{kind}_id"):
            return f"{kind}-{id}"
    return EVERYWHERE


def _initial(given: Mapping[str, str], item: Name) -> dict[str, Any]:
    """What the form for a new rule begins with: what the page it was opened from showed, else what is usual."""
    measures = measures_for(item, wording())
    place = _place_asked(given)
    asked = given.get("type", "").upper()
    chosen = next((known for known in PRICE_TYPES if known == asked), RETAIL)
    unit = given.get("unit", "")
    unit = (
        unit
        if unit in measures
        else texts.measure_of(item.id, next(iter(measures.values())).base, wording()).code
    )
    measure = measures.get(unit) or next(iter(measures.values()))
    text = given.get("amount", "")
    if text.isascii() and text.isdecimal() and 0 < len(text) < 15 and int(text):
        pya: int | None = int(text)
    else:
        scope = scope_of(place)
        days = scope and preview.history_of(
            scope.place, item_id=item.id, type=chosen, base=measure.base, is_long=False
        )
        pya = preview.newest_typical(days or None)
    return {
        "kind": AlertRule.Kind.BELOW,
        "amount": _kyat(pya, measure),
        "unit": measure.code,
        "type": chosen,
        "place": place,
        "cooldown": str(COOLDOWN_HOURS),
        "percent": wording().number(5),
        "days": wording().number(7),
    }


def _initial_of(rule: AlertRule, measures: Mapping[str, Measure], place: str) -> dict[str, Any]:
    words = wording()
    measure = texts.measure_of(rule.item_id, rule.base, words, unit=texts.unit_code(rule.unit_id))
    return {
        "kind": rule.kind,
        "amount": _kyat(rule.amount, measure),
        "unit": measure.code if measure.code in measures else "",
        "type": rule.type,
        "place": place,
        "cooldown": str(rule.cooldown_hours),
        "percent": words.number(rule.percent or 5),
        "days": words.number(rule.days or 7),
    }


def _kyat(pya: int | None, measure: Measure) -> str:
    """An amount as it may be typed, in the reader's numerals."""
    if pya is None:
        return ""
    kyat = units.per_unit_kyat(pya_per_base=pya, to_base=measure.to_base)
    rounded = kyat.quantize(Decimal(1) if kyat >= 100 else Decimal("0.01"))
    return wording().decimal(plain(rounded))


def _own(request: HttpRequest, id: int) -> AlertRule:
    """:raises Http404: there is no such rule, or it is somebody else's."""
    rule = (
        AlertRule.objects.filter(user_id=request.user.pk or 0, pk=id).first()
        if len(str(id)) <= LONGEST_ID
        else None
    )
    if rule is None:
        raise Http404
    return rule
