"""Many at once: processes that make the same environment, threads that make different ones."""

import os
import pathlib
import random
import subprocess

from . import trees
from .world import PACKAGES, Tools

MIXES = {
    'same': ((),),
    'plain': (('--without-pip',),),
    'clear': ((), ('--clear',)),
    'plain-clear': (('--without-pip',), ('--without-pip', '--clear')),
    'copies': (('--without-pip',), ('--without-pip', '--copies')),
    'pythons': (('--without-pip',), ('second', '--without-pip')),
    'pythons-pip': ((), ('second',)),
    'upgrade': ((), ('--upgrade',), ('--upgrade', '--without-pip')),
    'all': ((), ('--clear',), ('--copies',), ('--without-pip',), ('second', '--clear'),
            ('--prompt', 'x'), ('--upgrade',)),
    'packages': (('--ensure', *PACKAGES, '{former}'), ('--ensure', *PACKAGES, '{wanted}'), ('--ensure',), ('--upgrade',),
                 (*PACKAGES, '{wanted}')),
    'removed': (('--ensure', *PACKAGES, '{wanted}'), ('--remove',), ('--uninstall', 'demo'), (), ('--clear',),
                ('--without-pip',), ('--upgrade', '--copies')),
}
# How a run may fail among those of `removed`: what it was to change is gone, or isn't there yet.
GONE = ("it isn't there", 'it is no environment', 'is no environment', "'demo' is not installed",
        "pyvenv.cfg': No such file")


def cases(world, short, wants):
    for size, whole, few in ((2, 12, 1), (8, 8, 1), (32, 3, 0)):
        for mix in MIXES:
            if short and mix not in ('same', 'plain-clear', 'pythons', 'all'):
                continue
            for number in range(few if short else whole):
                yield 'crowds/%s/%d/%d' % (mix, size, number)
    for number in range(1 if short else 10):
        yield 'crowds/threads/%d/%d' % (8 if short else 32, number)


def run(world, mix, size, number):
    if mix == 'threads':
        return run_threads(world, int(size))
    world.wipe()
    choices = list(MIXES[mix])
    chance = random.Random('%s/%s/%s' % (mix, size, number))
    if any('--upgrade' in choice for choice in choices):  # of one that is there
        world.run(world.command((), Tools.base))
    crowd = []
    for i in range(int(size)):
        options = choices[i] if i < len(choices) else chance.choice(choices)
        python = Tools.second if 'second' in options else Tools.base
        words = world.command([word for word in options if word != 'second'], python)
        crowd.append((words, subprocess.Popen(words, env=world.environment, cwd='/',
                                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                              stderr=subprocess.STDOUT)))
    fault, pip = None, False
    for words, process in crowd:
        try:
            said, _ = process.communicate(timeout=240)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            said = b'it hangs'
        may_fail = mix == 'removed' and process.returncode == 1 and said.count(b'Error: ') == 1
        if may_fail and any(gone.encode() in said for gone in GONE):
            continue
        if process.returncode != 0 and not fault:
            fault = '%s: exit code %d: %s' % (' '.join(words[3:-1]), process.returncode,
                                              said.decode(errors='replace').strip()[:300])
        pip = pip or '--without-pip' not in words
    if fault:
        return fault
    found = trees.tree(world.above)
    left = trees.left_overs(found)
    if left:
        return 'left over: ' + trees.names_of(left)
    if mix == 'removed' and not os.path.lexists(world.env):
        return world.fault_outside()
    if mix == 'packages' and not os.path.exists(world.env + '/bin/demo'):
        return 'bin/demo is not there'
    return fault_of_mixture(world) or fault_of_packages(world) or world.fault_outside()


def fault_of_packages(world):
    """What is installed and isn't as its RECORD says; None where nothing is."""
    said = world.run([world.env + '/bin/python', '-c', '''import importlib.metadata
for found in importlib.metadata.distributions():
    for file in found.files or ():
        if file.suffix != ".pyc" and not file.locate().exists(): print(found.name, found.version, file)
    if found.name == "demo" and __import__("demo").version != found.version: print("mixed", found.version)'''])
    return None if said.code == 0 and not said.out else 'packages: %s %s' % (said.out[:300], said.brief())


def fault_of_mixture(world):
    """One Python's environment, and pip there is whole if there is one. Where another's `lib` alone holds
    it, the last run was for this one and without pip: the script stays, as its packages do."""
    pips = [name for name in os.listdir(world.env + '/bin') if name.startswith('pip')]
    own = world.run([world.env + '/bin/python', '-c', 'import sys; print("python%d.%d" % sys.version_info[:2])'])
    homes = [path.parts[-3] for path in pathlib.Path(world.env, 'lib').glob('python*/site-packages/pip')]
    fault = world.fault_of_python(bool(pips) and (not homes or own.out.strip() in homes))
    if fault:
        return fault
    said = world.run([world.env + '/bin/python', '-c',
                      'import sys; print("%d.%d.%d" % sys.version_info[:3])'])
    with open(world.env + '/pyvenv.cfg', encoding='utf-8') as file:
        cfg = dict(line.rstrip('\n').split(' = ', 1) for line in file)
    if cfg['version'] != said.out.strip():
        return 'pyvenv.cfg says %s, python %s' % (cfg['version'], said.out.strip())
    short = 'python' + said.out.rsplit('.', 1)[0]
    for name in os.listdir(world.env + '/bin'):
        if name.startswith('python') and '.' in name and name != short:
            return 'mixed: bin/%s in one of %s' % (name, short)
    return None


def run_threads(world, size):
    """One process, as many threads, each in a directory of its own, two Pythons in turn."""
    world.wipe()
    folders = [os.path.join(world.above, 'thread %d' % i) for i in range(size)]
    done = world.run([Tools.threads, Tools.base, Tools.second, *folders])
    if done.code != 0:
        return done.brief()
    for i, folder in enumerate(folders):
        fault = world.fault_of_python(i % 8 == 0, folder)
        left = trees.left_overs(trees.tree(folder))
        if fault or left:
            return fault or 'left over: ' + trees.names_of(left)
    return world.fault_outside()
