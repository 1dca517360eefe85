"""A price is sent, and followed until it is published."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from accounts import unsent
from accounts.decorators import MemberRequest, contributors_only, members_only
from accounts.models import User
from catalog.models import Item
from catalog.types import PricedUnit
from potato import clock
from potato.errors import Refused, Unavailable
from potato.web.htmx import go_to, is_background, page_or_partial, unchanged
from potato.web.resubmission import describe
from prices import selectors, services
from prices.forms import choices
from prices.forms.echo import echo_of
from prices.forms.price import CorrectionForm, PriceForm
from prices.ledger import entries as ledger_entries
from prices.ledger.accept import SameIdOtherPrice
from prices.ledger.payloads import Offer, price_of
from prices.ledger.rights import may_moderate
from prices.models import PRICE_KINDS, LedgerRow
from prices.names import cache as names
from prices.pages.shared_parts import outcomes, price_text
from prices.types import WHOLESALE, Submission
from prices.views.conflict import which_is_right
from shops.models import Shop

# How long a waiting page waits before it looks again, by how often it has looked; then it stops.
LOOKS = ((10, "500ms"), (25, "1s"), (45, "4s"))
RELOADS_FOR = timedelta(minutes=2)
SHOP_WORDS = 80


@contributors_only
@describe(gettext_lazy("Send price"), PriceForm)
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: MemberRequest) -> HttpResponse:
    """Ask for a price seen in a shop, and accept it."""
    now = clock.now()
    if request.method != "POST" or _is_search(request.POST):
        initial, notes = _begin(request)
        form = PriceForm(now=now, initial=initial)
        return _show(request, form, words=initial["shop_q"], notes=notes)
    form = PriceForm(request.POST, now=now)

    def send(offer: Offer) -> Submission:
        return services.submit_price(
            by=request.user, submission_id=form.cleaned_data["submission_id"], offer=offer, now=now
        )

    if form.is_valid() and (answer := send_price(request, form, send)):
        return answer
    return _show(request, form, words=_words(request.POST))


def send_price(
    request: HttpRequest, form: PriceForm | CorrectionForm, send: Callable[[Offer], Submission]
) -> HttpResponse | None:
    """Have the price of a valid form accepted.

    :param send: the service that accepts it.
    :return: the next page, or the question which of two prices is right; None where the form says why it was refused.
    """
    try:
        offer = form.offer()
        sent = send(offer)
    except SameIdOtherPrice as question:
        if question.earlier.kind in PRICE_KINDS:
            return which_is_right(request, question.earlier, offer, seen_at=form.cleaned_data["seen_at"])
        form.renew()
    except Refused as refusal:
        form.refuse(refusal)
    else:
        return go_to(request, reverse("submission", args=[sent.id]))
    return None


@contributors_only
@require_safe
def submit_shops(request: MemberRequest) -> HttpResponse:
    """The shops that a search finds, for the form's list."""
    form = PriceForm(now=clock.now(), initial={"shop": _shop(request.GET.get("shop"))})
    context = _offer_shops(request.user, form, words=_words(request.GET))
    return render(request, "prices/_submit_shops.html", {"form": form, **context})


@contributors_only
@require_safe
def submit_units(request: HttpRequest) -> HttpResponse:
    """The units that an item is sold by, for the form's list."""
    item, shop = _item(request.GET.get("item")), _shop(request.GET.get("shop"))
    form = PriceForm(now=clock.now(), initial={"item": item, "shop": shop})
    _offer_units(form, item, choices.priced_units(item, shop))
    response = render(request, "prices/_submit_units.html", {"form": form})
    return trigger_client_event(response, "units-changed", after="swap")


@contributors_only
@require_safe
def submit_echo(request: HttpRequest) -> HttpResponse:
    """What the price that is being typed comes to, and a question where it is unusual."""
    # A price may be corrected long after its item or shop left the lists.
    item = _item(request.GET.get("item"), among=Item.objects.all())
    shop = _shop(request.GET.get("shop"), among=Shop.objects.all())
    echo = echo_of(request.GET, item=item, priced=choices.priced_units(item, shop))
    return render(request, "prices/_submit_echo.html", {"echo": echo})


@members_only
@require_safe
def submission(request: MemberRequest, submission_id: UUID) -> HttpResponse:
    """What became of a price that was sent: accepted, then published; or why not."""
    row = LedgerRow.objects.filter(pk=submission_id).only("author", "kind", "target", "item_id").first()
    if row is None or (row.author_id != request.user.pk and not may_moderate(request.user)):
        # Somebody else has signed in since: the page of before stays, and asks no more.
        if is_background(request):
            return unchanged()
        raise Http404("nothing of yours has this id")
    if row.kind not in PRICE_KINDS:
        return redirect("entry", row.target) if row.item_id else redirect("my_prices")
    found = selectors.submission(submission_id)
    if found is None:
        raise Http404("it went away just now")
    looks = request.GET.get("looks", "")
    n_looks = int(looks) if looks.isdecimal() and len(looks) < 4 else 0
    context = submission_context(found, user_id=request.user.pk, looks=n_looks)
    context["is_own"] = row.author_id == request.user.pk
    return page_or_partial(request, "prices/submission.html", "prices/_submission.html", context)


def submission_context(found: Submission, *, user_id: int, looks: int) -> dict[str, Any]:
    """What the page of something sent shows, with what happened to it since."""
    waits = found.state == LedgerRow.State.ACCEPTED
    entry = None
    if waits:
        # A page that looks again and again does not wait for MongoDB.
        entry = ledger_entries.get_many([found.id]).get(found.id)
    elif found.state == LedgerRow.State.PUBLISHED:
        try:
            entry = selectors.price(UUID(found.id))
        except Unavailable:
            # It is published: that is what matters here.
            entry = None
    outcome = outcomes.outcome(entry) if entry else None
    price = price_of(found.payload)
    return {
        "submission": found,
        "entry": entry,
        "price": price_text.text_of(price) if price else None,
        "item": names.get("item", found.item_id),
        "shop": names.get("shop", found.payload.get("shop")),
        "shop_name": names.shown(
            "shop", found.payload.get("shop"), otherwise=found.payload.get("shop_name", "")
        ),
        "outcome": outcome,
        "unfinished": [
            outcomes.unfinished(act) for act in selectors.unfinished_acts(user_id, entry_id=UUID(found.id))
        ],
        "waits": waits,
        "next_look": next((delay for upto, delay in LOOKS if looks < upto), "") if waits else "",
        "looks": looks + 1,
        # Without a script the page is loaded again, under the same address so that "back" leaves it.
        "reloads": waits and clock.now() - found.received_at < RELOADS_FOR,
        "parked": price_text.parked(found.reason),
        "why": price_text.why(entry.judgement) if entry else "",
    }


def _show(
    request: MemberRequest, form: PriceForm, *, words: str, notes: list[str] | None = None
) -> HttpResponse:
    context = _offer_shops(request.user, form, words=words)
    item, shop = _chosen(form)
    priced = choices.priced_units(item, shop)
    _offer_units(form, item, priced)
    form.show_choices(item=choices.items())
    context |= {
        "form": form,
        "notes": notes or [],
        "echo": echo_of(form.typed(), item=item, priced=priced),
        "is_demo": selectors.is_demo(),
    }
    return page_or_partial(request, "prices/submit.html", "prices/_submit_form.html", context)


def _chosen(form: PriceForm) -> tuple[Item | None, Shop | None]:
    given = form.cleaned_data if form.is_bound else form.initial
    return given.get("item"), given.get("shop")


def _offer_shops(by: User, form: PriceForm, *, words: str) -> dict[str, Any]:
    found = choices.search_shops(words) if words else None
    _item, chosen = _chosen(form)
    if chosen is None and found and len(found.shops) == 1 and not found.is_guess and not form.is_bound:
        # What else could be meant?
        chosen = form.initial["shop"] = found.shops[0]
    form.show_choices(shop=choices.shops(by=by, found=found.shops if found else None, chosen=chosen))
    return {
        "shop_q": words,
        "found": found,
        "n_found": min(len(found.shops), choices.SHOPS_SHOWN) if found else 0,
        "found_more": bool(found and len(found.shops) > choices.SHOPS_SHOWN),
    }


def _offer_units(form: PriceForm, item: Item | None, priced: Sequence[PricedUnit] | None) -> None:
    form.show_choices(unit=choices.units(priced))
    if item and not form.is_bound and not form.initial.get("unit"):
        form.initial["unit"] = item.default_unit.code


def _begin(request: MemberRequest) -> tuple[dict[str, Any], list[str]]:
    """With what the form begins: a link's item and shop, or what was typed before a search or before signing in."""
    notes = []
    filled = request.POST.dict() if request.method == "POST" else unsent.take(request)
    given = filled or request.GET.dict()
    initial: dict[str, Any] = {"shop_q": _words(given)}
    initial |= {name: filled[name] for name in PriceForm.base_fields if name in filled}
    item = _item(given.get("item"))
    if item is None and given.get("item"):
        notes.append(_("The item of this link is not in the list any more. Choose one."))
    shop = _shop(given.get("shop"))
    if shop is None and given.get("shop"):
        notes.append(_("The shop of this link is closed or not known. Choose one."))
    elif shop is None and not initial["shop_q"]:
        shop = choices.last_shop(request.user)
    initial |= {"item": item, "shop": shop}
    if shop and shop.kind == Shop.Kind.WHOLESALE:
        initial.setdefault("type", WHOLESALE)
    if given.get("unit"):
        initial["unit"] = given["unit"][:20]
    return initial, notes


def _is_search(data: QueryDict) -> bool:
    """Whether "Find" was pressed, or the key for it after typing words that the list of shops does not show yet.

    Enter among words for another shop, too, until one of the shops found by them is chosen.
    """
    words = _words(data, "shop_q")
    if "find" in data or words != _words(data, "shop_q_shown"):
        return True
    if "enter" not in data or not words:
        return False
    return data.get("shop", "") not in {str(shop.pk) for shop in choices.search_shops(words).shops}


def _words(data: Mapping[str, Any], name: str = "shop_q") -> str:
    return data.get(name, "").strip()[:SHOP_WORDS].strip()


def _item(given: Any, *, among: QuerySet[Item] | None = None) -> Item | None:
    """The item with that id, or (in links) of that name in the address; one in use unless others are given."""
    text = str(given or "")[:64]
    items = (Item.objects.filter(is_active=True) if among is None else among).select_related("default_unit")
    if text.isdecimal() and len(text) <= 18:
        return items.filter(pk=int(text)).first()
    return items.filter(slug=text).first() if text and "\x00" not in text else None


def _shop(given: Any, *, among: QuerySet[Shop] | None = None) -> Shop | None:
    text = str(given or "")
    if not text.isdecimal() or len(text) > 18:
        return None
    shops = Shop.objects.open() if among is None else among
    return shops.select_related("region", "township").filter(pk=int(text)).first()
