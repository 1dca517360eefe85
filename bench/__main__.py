"""``bin/bench``: see there, and ``bin/bench --help``."""

import argparse
import json
import sys
import time
from pathlib import Path

import django

from bench import imports
from bench.figures import Report, load

ENTRIES, CLIENTS, SECONDS = 100_000, 8, 15.0


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures Potato on throw-away databases.")
    what = ["server", "pages", "streams", "alerts", "import"]
    parser.add_argument("what", nargs="?", choices=what, default="server")
    parser.add_argument(
        "files", nargs="*", type=Path, help="import: WFP's files (default: those known to lie here)"
    )
    parser.add_argument(
        "--entries", type=int, default=ENTRIES, help=f"how many to load (default: {ENTRIES:,})"
    )
    parser.add_argument(
        "--clients", type=int, default=CLIENTS, help="who submit at once (default: %(default)s)"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=SECONDS,
        help="of paced submissions; the rest follows (default: %(default)s)",
    )
    parser.add_argument(
        "--rules", type=int, default=1_000_000, help="alerts: how many rules there are (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    return parser.parse_args()


def main() -> None:
    asked = _read_arguments()
    django.setup()
    # Clients are threads here: one that reads a page must not make the others' clocks go on for 5 ms meanwhile.
    sys.setswitchinterval(0.0005)

    options = {
        "what": asked.what,
        "entries": asked.entries,
        "clients": asked.clients,
        "seconds": asked.seconds,
    }
    report = Report(options)
    report.facts["load before"] = load()
    started = time.monotonic()
    if asked.what == "import":
        files = asked.files or imports.real_files()
        if not files:
            sys.exit("bin/bench: no file is given, and none is known to lie here")
        imports.measure(files, report=report)
    elif asked.what == "alerts":
        from bench import alerts

        alerts.measure(report, n_rules=asked.rules)
    elif asked.what == "pages":
        on_a_phone(report, entries=asked.entries)
    elif asked.what == "streams":
        open_pages(report, entries=asked.entries)
    else:
        everything(report, entries=asked.entries, clients=asked.clients, seconds=asked.seconds)
    report.facts["load after"] = load()
    report.facts["seconds in all"] = round(time.monotonic() - started)
    print(report.table())
    if asked.json:
        asked.json.write_text(json.dumps(report.as_json(), indent=1) + "\n")


def everything(report: Report, *, entries: int, clients: int, seconds: float) -> None:
    """Load, then measure reads, pages and submissions."""
    # Not above: models need Django's set-up first.
    from bench import pages, reads, servers, stage, submissions

    started = time.monotonic()
    told = stage.load_entries(entries)
    report.facts["loaded"] = (
        f"{told.new:,} entries, {told.shops:,} shops in {time.monotonic() - started:.0f} s"
    )
    cookies = stage.accounts(clients)
    looked_at = stage.visitors_pages()
    _say("reads")
    reads.measure(report)
    with servers.potato() as web:
        page_bytes = pages.size(web.port, looked_at)
        report.facts["bytes of an item page, compressed"] = page_bytes
        with servers.limits(page_bytes=page_bytes) as hello, servers.without_memory() as without_memory:
            _say("pages")
            pages.measure(
                web,
                without_memory,
                hello,
                looked_at,
                signed_in=cookies[0][0],
                seconds=seconds / 5,
                report=report,
            )
            _say("submissions")
            submissions.limits(hello, clients=clients, report=report)
        one_item_each = stage.one_item_each(cookies)
        submissions.paced(web, one_item_each, seconds=seconds, report=report)
        with servers.another_web() as other:
            submissions.on_every_process(web, other, one_item_each, seconds=seconds, report=report)
        submissions.closed_loop(web, stage.everything(cookies), seconds=seconds / 2, report=report)


def on_a_phone(report: Report, *, entries: int) -> None:
    """Load, then visit an item's page with a phone's browser."""
    from bench import phone, servers, stage

    stage.load_entries(entries)
    page = stage.visitors_pages()[1]
    at = phone.listen()
    with servers.potato() as web:
        phone.warm_up(web.port, page)
        _say("visits")
        phone.measure(web.port, page, at=at, report=report)


def open_pages(report: Report, *, entries: int) -> None:
    """Load, then keep ten thousand streams open beside somebody who reads pages."""
    from bench import servers, stage, streams

    stage.load_entries(entries)
    page = stage.visitors_pages()[1]
    with servers.potato() as potato:
        _say("streams")
        streams.measure(potato, page, report=report)


def _say(what: str) -> None:
    print(f"Measuring {what} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
