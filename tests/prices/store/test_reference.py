from prices.store import reference
from prices.types import Name


def make_name(**fields) -> Name:
    return Name(
        **{"kind": "shop", "id": 1, "name_en": "Shop", "name_my": "ဆိုင်", "slug": "1", "facts": {"region": 2}}
        | fields
    )


class TestReference:
    def test_gives_back_what_was_put_in(self):
        reference.put_many([make_name()], rev=1)

        assert reference.get("shop", 1) == make_name()
        assert reference.get("item", 1) is None

    def test_is_never_replaced_by_an_older_name(self):
        reference.put_many([make_name(name_en="New")], rev=2)
        reference.put_many([make_name(name_en="Old")], rev=1)

        assert reference.get("shop", 1).name_en == "New"

    def test_tells_what_changed_since(self):
        reference.put_many([make_name(id=1)], rev=1)
        reference.put_many([make_name(id=2)], rev=2)
        reference.put_mode("demo", rev=3)
        reference.put_many([], gone=["shop:1"], rev=4)

        assert reference.changed_since(-1) == ([make_name(id=2)], ["shop:1"], "demo", 4)
        assert reference.changed_since(3) == ([], ["shop:1"], None, 4)
        assert reference.changed_since(4) == ([], [], None, 4)

    def test_is_not_read_half_while_it_is_being_written(self, monkeypatch):
        """Who reads in the middle of a writer's many names must find the rest the next time."""
        reference.put_many([make_name(id=1)], rev=1)
        everything = [make_name(id=number) for number in range(1, 1001)]
        heard: set[int] = set()
        rev = -1

        def look() -> None:
            nonlocal rev
            names, _, _, rev = reference.changed_since(rev)
            heard.update(name.id for name in names)

        written = reference.collection().bulk_write

        class Looking:
            """The collection, in which a reader looks after each piece that a writer has written."""

            def __getattr__(self, name):
                return getattr(collection, name)

            def bulk_write(self, writes, **options):
                for start in range(0, len(writes), 100):
                    written(writes[start : start + 100], **options)
                    look()

        collection = reference.collection()
        monkeypatch.setattr(reference, "collection", Looking)

        reference.put_many(everything, rev=2)
        monkeypatch.undo()
        look()

        assert heard == {name.id for name in everything}

    def test_forgets_what_is_gone(self):
        reference.put_many([make_name()], rev=1)

        reference.put_many([], gone=["shop:1"], rev=2)

        assert reference.get("shop", 1) is None
