"""SIGKILL before each call in turn; then the same command again, or another and then the same, makes
it whole without left-overs."""

import os

from . import trees
from .world import SCENARIOS

# scenario: how many of its calls are tried in the whole campaign, and in the short one (0: all)
AMOUNTS = {
    'new': (0, 12), 'new-copies': (0, 6), 'reused': (0, 12), 'reused-copies': (0, 6),
    'replaced': (0, 8), 'upgraded': (0, 8), 'cleared': (0, 12), 'new-pip': (300, 10),
    'reused-pip': (0, 6), 'older-pip': (400, 14), 'half-pip': (150, 4), 'replaced-pip': (200, 4),
    'upgraded-pip': (0, 4), 'cleared-pip': (300, 8), 'sites': (150, 4), 'new-ensurepip': (80, 3),
    'ensurepip': (80, 3), 'new-packages': (200, 6), 'ensured': (300, 6), 'ensured-newer': (800, 8),
    'ensured-mended': (400, 6), 'ensured-shared': (400, 4), 'uninstalled': (400, 6), 'removed': (400, 8),
    'first-pip': (300, 4), 'first-packages': (200, 3),
}
FINISHED = ('uninstalled', 'removed')  # a second time there is nothing to do, which is an error

JOURNAL = '.venv.hpp-journal'
OTHERS = ((), ('--without-pip',), (), ('--copies', '--without-pip'), (), ('--clear', '--without-pip'),
          (), ('--upgrade',))


def numbers(calls, amount):
    """Which calls are tried: all, or `amount` of them spread evenly, the last ones always."""
    if not amount or amount >= calls:
        return list(range(1, calls + 1))
    spread = {1 + i * (calls - 1) // max(1, amount - 1) for i in range(amount)}
    last = range(max(1, calls - max(3, amount // 8)), calls + 1)
    return sorted(spread | set(last))


def cases_of(way, world, short, wants, amounts):
    for scenario, amount in amounts.items():
        if not wants('%s/%s/' % (way, scenario)):
            continue
        for number in numbers(world.calls_of(scenario), amount[short]):
            yield '%s/%s/%d' % (way, scenario, number)


def cases(world, short, wants):
    return cases_of('kills', world, short, wants, AMOUNTS)


def run(world, scenario, number):
    number = int(number)
    world.expected(scenario)
    world.prepare(scenario)
    result = world.inject(number, 'kill', world.command(scenario))
    if not result.killed:
        return None if result.code == 0 else result.brief()
    where = 'killed before %s %s: ' % (result.call, result.path.replace(world.folder, '…'))
    fault = half_done(world)
    other = OTHERS[number % len(OTHERS)]
    if not fault and other and SCENARIOS[scenario][0]:
        done = world.run(world.command(other))
        found = trees.tree(world.above)
        if done.code != 0:
            fault = 'then %s: %s' % (' '.join(other), done.brief())
        elif trees.left_overs(found):
            fault = 'then %s: left over: %s' % (' '.join(other), trees.names_of(trees.left_overs(found)))
        else:
            fault = world.fault_of_python(False)
        if fault:
            return where + fault
        return world.fault_outside()
    fault = fault or again(world, scenario) or world.fault_outside()
    return where + fault if fault else None


def again(world, scenario):
    """How the same command doesn't make it whole; None where it does."""
    done = world.run(world.command(scenario))
    was_finished = done.code == 1 and scenario in FINISHED
    fault = done.brief() if done.code != 0 and not was_finished else world.fault_of_result(scenario)
    return fault and 'then the same: ' + fault


def half_done(world):
    """What was killed is no environment, or one whose links lead to a Python, or one that a journal
    tells of."""
    found = trees.tree(world.env)
    if 'pyvenv.cfg' not in found or (world.shows_early and JOURNAL in found):
        return None
    if not os.path.exists(world.env + '/bin/python'):
        return 'pyvenv.cfg is there, bin/python is not'
    return None
