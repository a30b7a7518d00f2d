"""Which uses need the consent of a line authority: by the topics and scenes of the catalogue that a space lists. Pure.

The line authority joins where the industry has special needs (requirement A083). No source has a table of those industries, and law makes
them, so none is built in: the list is a setting of the space, and with an empty one the first reviewer judges each application by itself.
"""

from collections.abc import Iterable
from typing import Final

from ledger.domain.application import InvalidApplicationError
from ledger.domain.catalogue_codes import TopicGroup, scene_of, topic_of
from ledger.domain.code_list import parse_listed

_GROUPS: Final = frozenset(group.value for group in TopicGroup)
_LEVELS: Final = ("0000", "00")


class LineAuthorityNeededError(InvalidApplicationError):
    """The space asks for a line authority's consent to such a use, and the first review names none."""

    code = "line_authority_needed"
    title = "Line authority needed"


def check_class(text: str) -> None:
    """Refuses what is no class of the catalogue: a topic, a group of topics such as ``B0000``, or a scene.

    Raises:
        InvalidCodeError: a subclass for each defect.
    """
    if text[:1] not in _GROUPS:
        scene_of(text)
    elif text[1:] == _LEVELS[0]:
        parse_listed(TopicGroup, text[0])
    else:
        topic_of(text)


def class_in_need(listed: Iterable[str], classes: Iterable[str]) -> str | None:
    """The first listed class that has one of a use's classes in it; None if there is none.

    Args:
        listed: of the space. One that ends in zeros has what is below it: ``B0000`` all of industry, ``B0500`` all of finance.
        classes: topic of the product, scenes of product and use.
    """
    of_use = tuple(classes)
    return next((one for one in listed if any(each.startswith(_stem(one)) for each in of_use)), None)


def _stem(code: str) -> str:
    return next((code.removesuffix(level) for level in _LEVELS if code.endswith(level)), code)
