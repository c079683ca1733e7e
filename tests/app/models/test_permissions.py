"""Waits for a permission page: never kept twice."""

from wireglass_app.models.permissions import PermissionWaits


def test_stretches_are_kept_once_also_where_they_overlap() -> None:
    waits = PermissionWaits()
    for begin, until in ((10, 20), (15, 30), (5, 40), (12, 18)):
        waits.add("shop", begin, until)
    assert waits.within("shop", 0, 100) == [(5, 10), (10, 20), (20, 30), (30, 40)]
    assert waits.within("shop", 8, 12) == [(8, 10), (10, 12)]
    assert waits.within("notes", 0, 100) == []
    assert "shop" in waits
    assert "notes" not in waits
