"""Each call in turn fails, with each error: one clear message and all as it was, or success."""

import errno

from . import trees
from .kills import numbers

ERRORS = ('EIO', 'ENOSPC', 'EACCES', 'EMFILE', 'EROFS', 'EDQUOT', 'EINTR')

# scenario: calls tried for each error, in the whole campaign and in the short one (0: all)
AMOUNTS = {
    'new': (0, 6), 'reused': (0, 6), 'new-copies': (60, 2), 'replaced': (80, 2), 'cleared': (80, 2),
    'older-pip': (80, 2), 'new-pip': (60, 2), 'cleared-pip': (40, 1), 'upgraded': (60, 1),
    'ensurepip': (12, 1),
}

# A call that takes something away again can't take itself back: what it leaves, the next run takes.
REMOVING = ('unlink', 'unlinkat', 'rmdir')


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
        fault = trees.disagreement(world.expected_or(scenario), after, with_owners=not refused)
        if refused and not fault:
            return None
        if not fault or not removing and 'Warning: ' not in result.err:
            return fault and 'success, but ' + fault
    else:
        fault = world.fault_of_message(result) or world.fault_outside()
        if fault:
            return fault
        fault = trees.difference(before, after)
        if fault and not removing:
            return fault
    return again(world, scenario)


def again(world, scenario):
    done = world.run(world.command(scenario))
    if done.code != 0:
        return 'then the same: ' + done.brief()
    fault = world.fault_of_result(scenario)
    return 'then the same: ' + fault if fault else None
