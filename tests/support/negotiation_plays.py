"""A negotiation over a world with one listed product, made once and copied for each test."""

import copy

from support.fake_unit_of_work import World
from support.negotiation_world import Play
from support.product_steps import Life
from support.product_world import a_world

from ledger.domain.negotiation.life import Side

_BASE: list[tuple[World, str]] = []
KEPT = ("participant", "product", "product_version")


def a_play(side: Side) -> Play:
    if not _BASE:
        world = a_world()
        code = Life(world).until("listed").code
        kept = {name: stored for name, stored in world.objects.items() if name[0] in KEPT}
        _BASE.append((World(objects=kept), code))  # the world is copied for each transaction
    world, code = _BASE[0]
    return Play(copy.deepcopy(world), side, code)


def events(play: Play) -> list[str]:
    return [kind.split(".")[3] for kind, _, _ in play.world.events if ".negotiation." in kind]
