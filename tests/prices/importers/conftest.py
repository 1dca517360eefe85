"""A small country with the World Food Programme's markets, and files of theirs."""

import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from catalog.models import Base, Item, PriceRange, Unit
from tests.factories import make_category, make_item, make_region, make_township, make_unit

AS_OF = date(2022, 12, 20)
FIELDS_14 = {
    "date": "2022-03-15",
    "admin1": "Yangon",
    "admin2": "Yangon (East)",
    "market": "88 ward",
    "latitude": "16.84758",
    "longitude": "96.27097",
    "category": '"cereals and tubers"',
    "commodity": "Rice (low quality)",
    "unit": "KG",
    "priceflag": "actual",
    "pricetype": "Retail",
    "currency": "MMK",
    "price": "1400.0",
    "usdprice": "0.7577",
}
FIELDS_9 = {
    "date": "2022-03-15",
    "year": "2022",
    "admin1": "Yangon",
    "market": "88 ward",
    "category": '"cereals and tubers"',
    "commodity": "Rice (low quality)",
    "unit": "KG",
    "price": "1400.0",
    "currency": "MMK",
}
HXL = ",".join(f"#{name}" for name in FIELDS_14)

# Runs a command in a process of its own, which is killed (or stopped in its tracks) at the nth call of a function.
KILLED = """
import os, signal, sys
from importlib import import_module
import django
django.setup()
from django.core.management import call_command
from prices.importers import loading
loading.CHUNK = 4
where, name, left, moment, command, *arguments = sys.argv[1:]
module, left = import_module(where), [int(left)]
original = getattr(module, name)
def die():
    os.kill(os.getpid(), signal.SIGKILL)
def dying(*args, **kwargs):
    left[0] -= 1
    if not left[0] and moment == "before":
        die()
    result = original(*args, **kwargs)
    if not left[0]:
        die()
    return result
setattr(module, name, dying)
call_command(command, *arguments, verbosity=0)
"""

FileMaker = Callable[..., Path]
Killer = Callable[..., None]


def row_14(**fields: str) -> str:
    """A row of the 14-column export."""
    return ",".join((FIELDS_14 | fields).values())


def row_9(**fields: str) -> str:
    """A row of the 9-column export."""
    return ",".join((FIELDS_9 | fields).values())


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileMaker:
    """Makes files of WFP's in an empty folder, in which commands run."""
    monkeypatch.chdir(tmp_path)

    def make(name: str, *rows: str) -> Path:
        header = [",".join(FIELDS_9)] if rows[0].count(",") < 12 else [",".join(FIELDS_14), HXL]
        text = "\n".join([*header, *rows]) + "\n"
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return make


def make_country() -> SimpleNamespace:
    """Two regions (one in two parts), three townships, four units, three items with what they may cost."""
    units = {
        code: make_unit(code=code, base=base, to_base=Decimal(size), kind=kind)
        for code, base, size, kind in (
            ("kg", Base.KG, "1", Unit.Kind.MASS),
            ("l", Base.LITRE, "1", Unit.Kind.VOLUME),
            ("pc", Base.PIECE, "1", Unit.Kind.COUNT),
            ("viss", Base.KG, "1.63293", Unit.Kind.MASS),
        )
    }
    return SimpleNamespace(units=units, **make_places(), **make_goods(units))


def make_places() -> dict[str, Any]:
    yangon = make_region(name_en="Yangon", slug="yangon", iso_code="MM-06", wfp_admin1=["Yangon"])
    shan = make_region(
        name_en="Shan", slug="shan", iso_code="MM-17", wfp_admin1=["Shan (East)", "Shan (North)"]
    )
    return {
        "yangon": yangon,
        "shan": shan,
        "thaketa": make_township(
            region=yangon,
            name_en="Thaketa",
            pcode="MMR1",
            slug="thaketa",
            district="Thaketa",
            point=Point(96.21, 16.79),
        ),
        "dagon": make_township(
            region=yangon, name_en="Dagon", pcode="MMR2", slug="dagon", point=Point(96.27, 16.85)
        ),
        "lashio": make_township(
            region=shan,
            name_en="Lashio",
            pcode="MMR3",
            slug="lashio",
            district="Lashio",
            point=Point(97.75, 22.93),
        ),
    }


def make_goods(units: dict[str, Unit]) -> dict[str, Item]:
    food = make_category(slug="cereals-and-tubers", name_en="Cereals and tubers")
    rice = make_item(
        slug="rice-low-quality",
        name_en="Rice (low quality)",
        category=food,
        default_unit=units["viss"],
        usual_units=[units["kg"]],
    )
    onions = make_item(slug="onions", name_en="Onions", category=food, default_unit=units["viss"])
    eggs = make_item(
        slug="eggs-local", name_en="Eggs (local)", category=food, default_unit=units["pc"], base=Base.PIECE
    )
    make_range(rice, "50", "25000")
    make_range(onions, "40", "100000")
    make_range(eggs, "20", "6000")
    return {"rice": rice, "onions": onions, "eggs": eggs}


def make_range(item: Item, low: str, high: str) -> PriceRange:
    return PriceRange.objects.create(
        item=item, base=item.base, low_kyat=Decimal(low), high_kyat=Decimal(high), source="test"
    )


@pytest.fixture
def country(db: None, mongo_store: None, settings: Any) -> SimpleNamespace:
    """The small country at the end of 2022, gone after the test."""
    settings.POTATO_AS_OF = AS_OF
    return make_country()


@pytest.fixture
def lasting_country(transactional_db: None, mongo_store: None, settings: Any) -> SimpleNamespace:
    """The small country, which other processes see too."""
    settings.POTATO_AS_OF = AS_OF
    return make_country()


@pytest.fixture
def kill(process_env: dict[str, str]) -> Killer:
    """Runs a command in a process that is killed with SIGKILL at the nth call of a function."""

    def run(function: str, *command: Any, call: int = 1, moment: str = "after") -> None:
        where, _, name = function.rpartition(".")
        arguments = [where, name, str(call), moment, *map(str, command)]
        done = subprocess.run(
            [sys.executable, "-c", KILLED, *arguments],
            env={
                **process_env,
                "POTATO_AS_OF": str(AS_OF),
                "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
            },
            cwd=os.getcwd(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr

    return run
