"""File systems: each kind that this machine has, made in a file or mounted in a way of its own."""

import errno
import os
import shutil
import subprocess

from . import trees
from .world import SCENARIOS, Tools

SIZE = '400M'


def image(kind, *make):
    def mount(world, place):
        name = '%s of %s.img' % (kind, os.path.basename(world.folder))
        path = os.path.join(os.path.dirname(world.folder), name)
        if os.path.lexists(path):
            os.unlink(path)
        subprocess.check_call(['truncate', '-s', SIZE, path])
        device = path
        if kind in ('exfat', 'ntfs'):
            device = subprocess.check_output(['losetup', '-f', '--show', path], text=True).strip()
        call([*make, device])
        try:
            if kind == 'exfat':
                call(['mount.exfat-fuse', '-o', 'allow_other', device, place])
            elif kind == 'ntfs':
                call(['lowntfs-3g', '-o', 'ignore_case,allow_other', device, place])
            else:
                call(['mount', '-o', 'loop', path, place])
        except subprocess.CalledProcessError:
            if device != path:
                subprocess.call(['losetup', '-d', device])
            raise
        return device if device != path else None
    return mount


def call(words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def overlay(world, place):
    folders = []
    for name in ('lower', 'upper', 'work'):
        folders.append(os.path.join(world.folder, 'overlay-' + name))
        shutil.rmtree(folders[-1], ignore_errors=True)
        os.mkdir(folders[-1])
    call(['mount', '-t', 'overlay', '-o', 'lowerdir=%s,upperdir=%s,workdir=%s' % tuple(
        folder.replace(':', '\\:') for folder in folders), 'none', place])


def tmpfs(options):
    words = ['mount', '-t', 'tmpfs', '-o', 'size=200m,mode=755' + options, 'none']
    return lambda world, place: call([*words, place])


def bindfs(world, place):
    source = os.path.join(world.folder, 'overlay-source')
    shutil.rmtree(source, ignore_errors=True)
    os.mkdir(source)
    call(['bindfs', source, place])


KINDS = {
    'overlay': (overlay, 'mount'),
    'btrfs': (image('btrfs', 'mkfs.btrfs', '-q', '-f'), 'mkfs.btrfs'),
    'xfs': (image('xfs', 'mkfs.xfs', '-q', '-f'), 'mkfs.xfs'),
    'ext4': (image('ext4', 'mkfs.ext4', '-q', '-F', '-O', 'has_journal'), 'mkfs.ext4'),
    'exfat': (image('exfat', 'mkfs.exfat'), 'mount.exfat-fuse'),
    'ntfs': (image('ntfs', 'mkntfs', '-q', '-F', '-Q'), 'lowntfs-3g'),  # case-insensitive
    'bindfs': (bindfs, 'bindfs'),
    'tmpfs': (tmpfs(''), 'mount'),
    'noexec': (tmpfs(',noexec'), 'mount'),
    'nosuid': (tmpfs(',nosuid,nodev'), 'mount'),
    'read-only': (tmpfs(''), 'mount'),
}
LINKLESS = ('exfat',)  # nor modes, nor owners
EXACT = ('overlay', 'btrfs', 'xfs', 'ext4', 'tmpfs', 'nosuid', 'bindfs')

PLACES = ('below', 'as')  # ENV_DIR lies on it, or is where it is mounted
ORDERS = ('new', 'new-copies', 'new-pip', 'reused', 'reused-copies', 'reused-pip', 'older-pip',
          'replaced', 'replaced-pip', 'upgraded', 'cleared', 'cleared-pip', 'sites')
BREAKS = ('undisturbed', 'kill-0.2', 'kill-0.5', 'kill-0.8', 'kill-0.95', 'ENOSPC-0.3', 'EIO-0.7')


def cases(world, short, wants):
    if os.geteuid() != 0:
        Tools.missing.append('root, for mounts')
        return
    number = 0
    for kind, (_, program) in KINDS.items():
        if not shutil.which(program, path='/usr/sbin:/sbin:/usr/bin:/bin'):
            Tools.missing.append('%s, for mounts/%s' % (program, kind))
            continue
        for place in PLACES:
            for scenario in ORDERS:
                for how in BREAKS:
                    number += 1
                    if how != 'undisturbed' and (kind not in EXACT or kind == 'bindfs'):
                        continue
                    if short and (number % 29 or 'older' in scenario):
                        continue
                    yield 'mounts/%s/%s/%s/%s' % (kind, place, scenario, how)


def run(world, kind, place, scenario, how):
    world.expected(scenario)
    calls = world.calls_of(scenario)
    world.prepare(scenario)
    kept = os.path.join(world.stored, 'what is there')
    world.wipe(kept)
    if os.path.lexists(world.above):
        os.rename(world.above, kept)
    os.makedirs(world.env if place == 'as' else world.above)
    point = world.env if place == 'as' else world.above
    device = None
    try:
        device = KINDS[kind][0](world, point)
        if os.path.isdir(kept):
            source = kept + ('/' + os.path.basename(world.env) if place == 'as' else '')
            flags = '-a' if kind in EXACT else '-rL' if kind in LINKLESS else '-a'
            subprocess.run(['cp', flags, source + '/.', point], stderr=subprocess.DEVNULL)
        if kind == 'read-only':
            call(['mount', '-o', 'remount,ro', point])
        return judge(world, kind, scenario, how, calls)
    finally:
        subprocess.call(['umount', '-l', point], stderr=subprocess.DEVNULL)
        if device:
            subprocess.call(['losetup', '-d', device], stderr=subprocess.DEVNULL)
        world.wipe(kept)
        for name in os.listdir(world.folder):
            if name.startswith('overlay-'):
                world.wipe(os.path.join(world.folder, name))


def without_lost_and_found(found):
    return {name: what for name, what in found.items() if not name.split('/')[-1] == 'lost+found'}


def judge(world, kind, scenario, how, calls):
    command = world.command(scenario)
    before = without_lost_and_found(trees.tree(world.above))
    broken, _, part = how.partition('-')
    if broken == 'undisturbed':
        result = world.run(command)
    else:
        at = max(1, int(float(part) * calls))
        what = 'kill' if broken == 'kill' else getattr(errno, broken)
        result = world.inject(at, what, command)
    after = without_lost_and_found(trees.tree(world.above))
    if result.code not in (0, -9, 137):
        fault = world.fault_of_message(result) or trees.difference(before, after)
        if fault or kind == 'read-only' or (kind == 'noexec' and '--copies' in command):
            return fault
        if broken == 'undisturbed':
            return result.brief()
    elif kind == 'read-only':
        return 'success on what cannot be written' if result.code == 0 else None
    elif kind == 'noexec' and '--copies' in command:
        return 'success where nothing may be run'
    if broken != 'undisturbed':
        result = world.run(command)
        if result.code != 0:
            return 'then the same: ' + result.brief()
        after = without_lost_and_found(trees.tree(world.above))
    if kind in EXACT:
        fault = world.fault_of_tree(scenario, after)
    else:
        left = trees.left_overs(after)
        fault = 'left over: ' + trees.names_of(left) if left else None
    return fault or world.fault_of_python(SCENARIOS[scenario][1] and kind != 'noexec')
