"""Each call in turn fails, with each error: one clear message and all as it was, or success."""

import errno
import os
import re

from . import trees
from .kills import again, numbers

ERRORS = ('EIO', 'ENOSPC', 'EACCES', 'EMFILE', 'EROFS', 'EDQUOT', 'EINTR')

# scenario: calls tried for each error, in the whole campaign and in the short one (0: all)
AMOUNTS = {
    'new': (0, 6), 'reused': (0, 6), 'new-copies': (60, 2), 'replaced': (80, 2), 'cleared': (80, 2),
    'older-pip': (80, 2), 'new-pip': (60, 2), 'cleared-pip': (40, 1), 'upgraded': (60, 1),
    'ensurepip': (12, 1), 'new-packages': (60, 1), 'ensured': (60, 1), 'ensured-newer': (80, 2),
    'ensured-mended': (60, 1), 'ensured-shared': (60, 1), 'uninstalled': (60, 2), 'removed': (60, 2),
    'first-pip': (120, 2), 'first-packages': (80, 1),
}

# A call that takes something away again can't take itself back: what it leaves, the next run takes.
REMOVING = ('unlink', 'unlinkat', 'rmdir')


# By pip, to which a fault may lead: scripts as it writes them, whatever the path.
BY_PIP = re.compile(r'/bin/(pip[\d.]*|demo[\d.-]*)$|/(pip|demo|other)-[^/]*/RECORD$')

# Packages come once the environment is finished, which stays without them.
WITH_PACKAGES = ('new-packages', 'first-packages', 'ensured')

# A mode, an owner or a time that can't be set is no error while the file is usable.
SETTING = ('chmod', 'fchmod', 'fchmodat', 'chown', 'fchown', 'lchown', 'fchownat', 'setxattr',
           'lsetxattr', 'fsetxattr', 'utimensat')


def cases(world, short, wants):
    for scenario, amounts in AMOUNTS.items():
        if not wants('errors/%s/' % scenario):
            continue
        calls = world.calls_of(scenario)
        for i, error in enumerate(ERRORS):
            for number in numbers(calls, amounts[short]):
                yield 'errors/%s/%s/%d' % (scenario, error,
                                           number if number + i > calls or not amounts[short]
                                           else number + i)


def run(world, scenario, error, number):
    world.expected(scenario)
    before = world.prepare(scenario)
    result = world.inject(int(number), getattr(errno, error), world.command(scenario))
    where = '%s of %s %s: ' % (error, result.call, result.path.replace(world.folder, '…'))
    fault = after_failure(world, scenario, before, result, error)
    return where + fault if fault else None


def after_failure(world, scenario, before, result, error):
    after = trees.tree(world.above)
    removing = result.call in REMOVING
    if result.code == 127 and 'error while loading shared libraries' in result.err:
        return trees.difference(before, after)  # the program has not begun
    if result.code == 0:
        if result.call == 'execve' and error == 'EACCES':  # may not run: its library is copied, too
            for library in set(after) - set(before):
                if '/lib/libpython' in library:
                    del after[library]
        refused = result.call in SETTING and error != 'EINTR'
        fault = world.fault_of_tree(scenario, after, with_owners=not refused)
        if fault and may_differ(scenario, fault.split(': ')[1]):
            fault = (world.fault_of_tree(scenario, after, seen=lambda tree: without_content(scenario, tree))
                     or world.fault_of_python(True))
        if refused and not fault:
            return None
        if not fault or not removing and 'Warning: ' not in result.err:
            return fault and 'success, but ' + fault
    else:
        fault = world.fault_of_message(result) or world.fault_outside()
        if fault:
            return fault
        fault = trees.difference(before, after)
        if fault and not removing and not is_begun(world, scenario, after):
            return fault
    return again(world, scenario)


def may_differ(scenario, name):
    """Whether a fault may lead to another file there, or none: what looks damaged is mended, and `pyvenv.cfg` written
    anew; what can't be looked at isn't remembered."""
    is_ensured = scenario.startswith('ensured') and trees.OWN.match(os.path.basename(name))
    return BY_PIP.search(name) or is_ensured or (scenario.startswith('ensured-') and name.endswith('/pyvenv.cfg'))


def without_content(scenario, tree):
    """A tree of which what may differ has no content, but its mode and owner; what isn't remembered is left out."""
    return {name: ('file', facts) if may_differ(scenario, name) else (what, facts)
            for name, (what, facts) in tree.items() if not trees.OWN.match(os.path.basename(name))}


def is_begun(world, scenario, after):
    """Whether a failure has left what the next run goes on with: a finished environment, or nothing in its place."""
    if scenario == 'removed':
        return not os.path.lexists(world.env)
    return scenario in WITH_PACKAGES and not trees.left_overs(after) and not world.fault_of_python(True)
