"""Which uses need a line authority: classes that a space lists, against those of a product and its use."""

import pytest

from ledger.domain.line_authority import check_class, class_in_need
from ledger.errors import InvalidCodeError

USE = ("B0501", "S0101", "U0302")


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ((), None),
        (("B0501",), "B0501"),
        (("B0500",), "B0500"),
        (("B0000",), "B0000"),
        (("S0000",), "S0000"),
        (("U0300",), "U0300"),
        (("C0200", "U0302", "B0500"), "U0302"),
        (("B0502", "B0400", "C0000", "S0200", "U0301", "V0000"), None),
    ],
)
def test_listed_class_has_everything_below_it(listed: tuple[str, ...], found: str | None) -> None:
    assert class_in_need(listed, USE) == found


@pytest.mark.parametrize("code", ["B0500", "B0501", "A0000", "S0000", "V0101"])
def test_topic_group_of_topics_and_scene_are_classes(code: str) -> None:
    check_class(code)


@pytest.mark.parametrize("code", ["", "B", "B05", "b0500", "E0000", "B9900", "W0000", "B05000", "B05x0", "金融保险融"])
def test_what_is_no_class_of_the_catalogue_is_refused(code: str) -> None:
    with pytest.raises(InvalidCodeError):
        check_class(code)
