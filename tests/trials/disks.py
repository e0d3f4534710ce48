"""A small tmpfs, of many sizes: full at some point, or just not."""

import os
import subprocess

from . import trees
from .world import SCENARIOS, Tools

# scenario: (sizes in KiB, inodes): from, to, step in the whole campaign
SIZES = {
    'new': ((4, 200, 4), (2, 40, 1)),
    'new-copies': ((4, 300, 8), (2, 40, 3)),
    'new-pip': ((64, 24000, 400), (40, 1200, 40)),
    'reused': ((4, 200, 8), (2, 44, 2)),
    'reused-copies': ((4, 300, 12), (2, 44, 3)),
    'replaced': ((4, 200, 8), (2, 44, 2)),
    'cleared': ((4, 200, 8), (2, 44, 2)),
    'older-pip': ((12000, 40000, 800), (900, 2400, 60)),
    'cleared-pip': ((10000, 40000, 1200), (900, 2400, 80)),
}


def cases(world, short, wants):
    if os.geteuid() != 0:
        Tools.missing.append('root, for disks')
        return
    for scenario, (sizes, inodes) in SIZES.items():
        if short and scenario not in ('new', 'reused', 'new-pip'):
            continue
        for kind, (first, last, step) in (('size', sizes), ('inodes', inodes)):
            for number in range(first, last, step * (10 if short else 1)):
                yield 'disks/%s/%s/%d' % (scenario, kind, number)


def run(world, scenario, kind, number):
    world.expected(scenario)
    world.prepare(scenario)
    kept = os.path.join(world.stored, 'what is there')
    world.wipe(kept)
    if os.path.lexists(world.above):
        os.rename(world.above, kept)
    os.mkdir(world.above)
    options = {'size': 'size=%sk,mode=755', 'inodes': 'nr_inodes=%s,mode=755'}[kind] % number
    subprocess.check_call(['mount', '-t', 'tmpfs', '-o', options, 'none', world.above])
    try:
        if SCENARIOS[scenario][0]:
            filled = subprocess.run(['cp', '-a', kept + '/.', world.above], stderr=subprocess.DEVNULL)
            if filled.returncode != 0:
                return None  # not even what is there before fits
        before = trees.tree(world.above)
        return judge(world, scenario, before)
    finally:
        subprocess.call(['umount', '-l', world.above])
        world.wipe(kept)


def judge(world, scenario, before):
    result = world.run(world.command(scenario))
    after = trees.tree(world.above)
    if result.code == 0:
        return world.fault_of_tree(scenario, after)
    fault = world.fault_of_message(result) or trees.difference(before, after)
    if fault:
        return fault
    if 'No space left' not in result.err:
        return 'does not say what is missing: ' + result.brief()
    # With room again, the same command makes it.
    subprocess.check_call(['mount', '-o', 'remount,size=200m,nr_inodes=20000', world.above])
    done = world.run(world.command(scenario))
    if done.code != 0:
        return 'with room again: ' + done.brief()
    return world.fault_of_result(scenario)
