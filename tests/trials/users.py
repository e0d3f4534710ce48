"""Another user, on what that user can't read, write or enter."""

import os
import stat
import subprocess

import machine
from . import trees
from .world import OTHER, Tools

COMMANDS = {
    'again': ('--without-pip',), 'again-pip': (), 'clear': ('--clear', '--without-pip'),
    'upgrade': ('--upgrade', '--without-pip'), 'copies': ('--copies', '--without-pip'),
}
# how: mode, and whether it is root's
CHANGES = {
    'root-0755': (0o755, True), 'root-0700': (0o700, True), 'root-0644': (0o644, True),
    'own-0000': (0o000, False), 'own-0555': (0o555, False), 'own-0600': (0o600, False),
    'own-0300': (0o300, False),
}
PLACES = ('.', '..', 'bin', 'lib', 'lib/python', 'site-packages', 'site-packages/pip',
          'site-packages/pip/_internal', 'site-packages/pip/__init__.py', 'include', 'pyvenv.cfg',
          'bin/activate', 'bin/python', 'bin/pip', 'CACHEDIR.TAG', '.gitignore', 'mine',
          'bin/Activate.ps1', 'cache', 'home')


def cases(world, short, wants):
    if os.geteuid() != 0:
        Tools.missing.append('root, for users')
        return
    number = 0
    for place in PLACES:
        for change in CHANGES:
            for command in COMMANDS:
                number += 1
                if not short or number % 47 == 0:
                    yield 'users/%s/%s/%s' % (place.replace('/', ':'), change, command)


def as_other(world, words):
    return world.run(['setpriv', '--reuid=%d' % OTHER, '--regid=%d' % OTHER, '--clear-groups',
                      '--inh-caps=-all', '--bounding-set=-all', *words])


def python_for_all():
    return '/usr/bin/python3'


def prepare(world):
    """An environment of that user's with pip, and the user's home."""
    stored = os.path.join(world.stored, 'of the other')
    world.wipe()
    if not os.path.isdir(stored):
        os.mkdir(world.above)
        os.chown(world.above, OTHER, OTHER)
        for path in (world.home, world.temporary):
            os.chown(path, OTHER, OTHER)
        world.wipe(world.cache)
        done = as_other(world, world.command((), python_for_all()))
        if done.code != 0:
            raise RuntimeError(done.brief())
        os.mkdir(world.env + '/mine')
        os.chown(world.env + '/mine', OTHER, OTHER)
        subprocess.check_call(['cp', '-a', world.above, stored])
    subprocess.check_call(['cp', '-a', stored, world.above])


def place_of(world, place):
    if place == 'cache':
        return world.cache + '/venv.hpp'
    if place == 'home':
        return world.home
    name = machine.ask(python_for_all()).name
    place = place.replace('site-packages', 'lib/python/site-packages').replace('lib/python', 'lib/' + name)
    return os.path.normpath(os.path.join(world.env, place))


def run(world, place, change, command):
    prepare(world)
    path = place_of(world, place.replace(':', '/'))
    if not os.path.lexists(path):
        return 'no such place: ' + path
    was = os.lstat(path)
    mode, of_root = CHANGES[change]
    try:
        if of_root:
            os.chown(path, 0, 0, follow_symlinks=False)
        if not stat.S_ISLNK(was.st_mode):
            os.chmod(path, mode)
        return judge(world, COMMANDS[command])
    finally:
        if os.path.lexists(path):
            os.chown(path, was.st_uid, was.st_gid, follow_symlinks=False)
            if not os.path.islink(path):
                os.chmod(path, stat.S_IMODE(was.st_mode))


def judge(world, options):
    before = trees.tree(world.above)
    result = as_other(world, world.command(options, python_for_all()))
    after = trees.tree(world.above)
    if result.code != 0:
        return world.fault_of_message(result) or trees.difference(before, after) or outside(world)
    left = trees.left_overs(after)
    if left:
        return 'left over: ' + trees.names_of(left)
    said = as_other(world, [world.env + '/bin/python', '-c', 'import sys; print(sys.prefix)'])
    if said.code != 0 or said.out.strip() != world.env:
        return 'success, but python does not work: ' + said.brief()
    if not options:
        said = as_other(world, [world.env + '/bin/pip', '--version'])
        if said.code != 0:
            return 'success, but pip does not work: ' + said.brief()
    return outside(world)


def outside(world):
    try:
        return world.fault_outside()
    finally:
        os.chown(world.temporary, OTHER, OTHER)
