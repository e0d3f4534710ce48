"""SIGKILL before each call in turn of a program whose builder is a subclass: what it leaves may be an
environment already, but then a journal says that it is not finished; the next run makes it whole."""

from . import kills
from .world import Tools, World

# scenario: how many of its calls are tried in the whole campaign, and in the short one (0: all)
AMOUNTS = {
    'new': (0, 60), 'reused': (0, 60), 'new-copies': (0, 12), 'replaced': (0, 20), 'upgraded': (0, 12),
    'cleared': (0, 40), 'new-pip': (300, 10), 'older-pip': (400, 14), 'cleared-pip': (300, 8),
    'sites': (150, 6),
}


def world_of(world):
    """A world beside it, in which the program is the subclass's."""
    if not hasattr(world, 'of_subclass'):
        world.of_subclass = World(world.folder + ' subclass')
        world.of_subclass.program = Tools.subclass
        world.of_subclass.shows_early = True
    return world.of_subclass


def cases(world, short, wants):
    return kills.cases_of('subclass', world_of(world), short, wants, AMOUNTS)


def run(world, scenario, number):
    return kills.run(world_of(world), scenario, number)
