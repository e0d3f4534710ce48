"""The command line, the workers, the counts."""

import argparse
import collections
import json
import multiprocessing
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import abilities
import machine
from wheels import make_wheel
from . import crowds, disks, errors, kills, mounts, subclass, users
from .world import Tools, World

WAYS = {'kills': kills, 'errors': errors, 'crowds': crowds, 'disks': disks, 'users': users,
        'mounts': mounts, 'subclass': subclass}
HERE = pathlib.Path(__file__).resolve().parent


def parse(description):
    parser = argparse.ArgumentParser(prog='tests/campaign', description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('ways', nargs='*', metavar='WAY', help='of %s; all unless named' % ', '.join(WAYS))
    parser.add_argument('--program', help='the venv program; else the build directory\'s')
    parser.add_argument('--short', action='store_true', help='a part of each way')
    parser.add_argument('--only', metavar='CASE', action='append', default=[],
                        help='a case, or the beginning of the names of some')
    parser.add_argument('--part', metavar='I/N', help='every N-th case, from the I-th')
    parser.add_argument('--workers', type=int, default=os.cpu_count(), metavar='N')
    parser.add_argument('--scratch', metavar='DIR', help='where; a tmpfs of its own unless named')
    parser.add_argument('--failures', metavar='FILE', help='appends each failure to a file')
    parser.add_argument('--json', metavar='FILE', help='writes the counts to a file')
    arguments = parser.parse_args()
    for way in arguments.ways:
        if way not in WAYS:
            parser.error('no such way: ' + way)
    return arguments


# ---- what the cases use ----

def own_mounts(scratch):
    """A tmpfs to work on, the Pythons read-only, no wheels of the system's but for the system."""
    if os.geteuid() != 0:
        return
    machine.protect(machine.PYENV, '/usr')
    subprocess.check_call(['mount', '-t', 'tmpfs', '-o', 'size=80%,nr_inodes=0,mode=755', 'none', scratch])


def missing(what):
    """A skip that is seen; with CI=true a failure."""
    print('SKIPPED: missing: ' + what)
    sys.exit(1 if os.environ.get('CI') == 'true' else 77)


def build(name, *flags):
    """A program beside this file, from the build directory or compiled here."""
    for folder in (machine.BUILD / 'bin', machine.BUILD / 'tests' / 'trials'):
        if (folder / ('campaign_' + name)).exists():
            return str(folder / ('campaign_' + name))
    program = os.path.join(Tools.scratch, name)
    subprocess.check_call(['g++', '-std=c++17', '-O1', '-I', str(machine.ROOT), *flags,
                           str(HERE / (name + '.cpp')), '-o', program, '-pthread'])
    return program


def choose_pythons():
    by_name = {}
    for python in machine.pythons():
        if machine.run([python.path, '-c', 'import ensurepip']).code == 0:
            by_name[python.name] = python
    found = sorted(by_name.values(), key=lambda python: python.version)
    if len(found) < 2:
        missing('two Pythons with ensurepip')
    Tools.base, Tools.second = found[-1].path, found[-2].path
    return found


def pip_wheels(python):
    code = 'import ensurepip, os; print(os.path.dirname(ensurepip.__file__))'
    folder = pathlib.Path(machine.run([python.path, '-c', code]).out.strip(), '_bundled')
    return sorted(folder.glob('pip-*.whl'))


def older_wheel(pythons):
    """A directory with another Python's older pip."""
    newest = pip_wheels(pythons[-1])[-1].name
    for python in reversed(pythons[:-1]):
        found = [wheel for wheel in pip_wheels(python) if wheel.name != newest]
        if found:
            folder = os.path.join(Tools.scratch, 'older')
            os.mkdir(folder)
            shutil.copy(found[-1], folder)
            return folder
    missing('a Python with an older pip')


def make_packages(folder):
    """Wheels of two distributions, one of them in two versions, and files that require the older and the newer."""
    def demo(version, *modules):
        make_wheel(folder, 'demo', version, {
            'demo/__init__.py': 'version = "%s"\n' % version, 'demo/data ü.txt': version,
            'demo-%s.data/data/share/demo/%s' % (version, version): version,
            **{'demo/%s.py' % module: 'x = 1\n' for module in modules}},
            '[console_scripts]\ndemo = demo:main\ndemo-%s = demo:main\n' % version, ['other'])
    demo('1.0', 'former', 'kept', 'more/__init__', 'more/inner')
    demo('2.0', 'kept', 'latter', 'more/__init__', 'other/__init__')
    make_wheel(folder, 'other', '1.0', {'other.py': 'x = 1\n'})
    (folder / 'former.txt').write_text('demo==1.0\n')
    (folder / 'wanted.txt').write_text('demo==2.0\n')
    return {'wheels': str(folder), 'former': str(folder / 'former.txt'), 'wanted': str(folder / 'wanted.txt')}


def ensurepip_alone(python):
    """A Python of which only ensurepip knows where its wheels are."""
    code = 'import os, sys; print(sys.base_prefix, os.path.dirname(os.__file__), sys.executable, sep="\\n")'
    prefix, stdlib, executable = map(pathlib.Path, machine.run([python.path, '-c', code]).out.split('\n')[:3])
    root = pathlib.Path(Tools.scratch, 'alone')
    ours = root / 'lib' / stdlib.name
    ours.mkdir(parents=True)
    for path in stdlib.iterdir():
        if path.name not in ('ensurepip', 'site-packages'):
            (ours / path.name).symlink_to(path)
    (ours / 'site-packages').mkdir()
    for library in (prefix / 'lib').glob('libpython*'):
        (root / 'lib' / library.name).symlink_to(library)
    shutil.copytree(stdlib / 'ensurepip', ours / 'ensurepip')
    (ours / 'ensurepip' / '_bundled').rename(ours / 'ensurepip' / '_wheels')
    init = ours / 'ensurepip' / '__init__.py'
    text = init.read_text()
    init.write_text(text.replace("'_bundled'", "'_wheels'").replace('"_bundled"', '"_wheels"'))
    (root / 'bin').mkdir()
    shutil.copy(os.path.realpath(executable), root / 'bin' / python.name)
    return str(root / 'bin' / python.name)


# ---- the workers ----

_world = None


def begin(counter):
    global _world
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells the counts
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with counter.get_lock():
        counter.value += 1
        number = counter.value
    _world = World(os.path.join(Tools.scratch, 'w%d "é"' % number))


def run_case(name):
    way, *words = name.split('/')
    started = time.monotonic()
    try:
        fault = WAYS[way].run(_world, *words)
    except Exception:
        fault = 'the campaign itself: ' + traceback.format_exc().strip().replace('\n', ' | ')[-600:]
    return name, fault, time.monotonic() - started


def all_cases(arguments):
    world = World(os.path.join(Tools.scratch, 'w0 "é"'))
    names = []

    def wants(beginning):
        return not arguments.only or any(one.startswith(beginning) or beginning.startswith(one)
                                         for one in arguments.only)
    for way in arguments.ways or WAYS:
        if not wants(way + '/'):
            continue
        names += WAYS[way].cases(world, arguments.short, wants)
    if arguments.only:
        listed = [name for name in names if any(name.startswith(one) for one in arguments.only)]
        names = listed or arguments.only
    if arguments.part:
        first, step = map(int, arguments.part.split('/'))
        names = names[first - 1::step]
    return names


# ---- the counts ----

class Report:
    def __init__(self, arguments, total):
        self.arguments, self.total = arguments, total
        self.started = time.monotonic()
        self.counts, self.failed = collections.Counter(), collections.Counter()

    def add(self, name, fault):
        group = '/'.join(name.split('/')[:2])
        self.counts[group] += 1
        if fault:
            self.failed[group] += 1
            line = '%s: %s' % (name, fault.replace(Tools.scratch, '…'))
            print('FAILED: ' + line, flush=True)
            if self.arguments.failures:
                with open(self.arguments.failures, 'a', encoding='utf-8') as file:
                    file.write('tests/campaign --only %s\n' % line)
        done = sum(self.counts.values())
        if done % 500 == 0:
            print('%d of %d cases, %d failed' % (done, self.total, sum(self.failed.values())), flush=True)

    def print(self):
        seconds = time.monotonic() - self.started
        for group in self.counts:
            failed = self.failed[group]
            print('%-28s %6d cases%s' % (group, self.counts[group], ', %d FAILED' % failed if failed else ''))
        done = sum(self.counts.values())
        print('%-28s %6d cases, %d failed, %d seconds' % ('in all', done, sum(self.failed.values()), seconds))
        if self.arguments.json:
            ways = collections.Counter()
            for group, count in self.counts.items():
                ways[group.split('/')[0]] += count
            pathlib.Path(self.arguments.json).write_text(json.dumps(
                {'cases': done, 'failed': sum(self.failed.values()), 'seconds': round(seconds),
                 'ways': ways, 'groups': self.counts}, indent=2) + '\n')
        if self.failed or (Tools.missing and os.environ.get('CI') == 'true'):
            return 1
        return 77 if Tools.missing else 0


def main(description):
    arguments = parse(description)
    if abilities.why_not('traces'):
        print('SKIPPED: ' + abilities.lacking('traces'))
        return 1 if abilities.is_a_failure('traces') else 77
    Tools.scratch = os.path.realpath(tempfile.mkdtemp(prefix='campaign-', dir=arguments.scratch))
    os.chmod(Tools.scratch, 0o755)
    try:
        if not arguments.scratch:
            own_mounts(Tools.scratch)
        Tools.program = os.path.abspath(arguments.program or machine.PROGRAM)
        Tools.inject = build('inject', '-static')
        Tools.subclass = build('subclass')
        pythons = choose_pythons()
        Tools.paths = {'older': older_wheel(pythons), **make_packages(pathlib.Path(Tools.scratch, 'wheels'))}
        Tools.alone = ensurepip_alone(pythons[-1])
        return run_all(arguments)
    finally:
        if os.path.ismount(Tools.scratch):
            subprocess.call(['umount', '-l', Tools.scratch])
        shutil.rmtree(Tools.scratch, ignore_errors=True)


def run_all(arguments):
    names = all_cases(arguments)
    if any(name.startswith('crowds/threads/') for name in names):
        Tools.threads = build('threads')
    for what in Tools.missing:
        print('SKIPPED: missing: ' + what)
    print('%d cases, %d at once' % (len(names), arguments.workers), flush=True)
    report = Report(arguments, len(names))
    for ending in (signal.SIGINT, signal.SIGTERM):  # `timeout` sends one, a shell's `&` ignores the other
        signal.signal(ending, signal.default_int_handler)
    context = multiprocessing.get_context('fork')
    with context.Pool(arguments.workers, begin, (context.Value('i', 0),)) as pool:
        try:
            for name, fault, _ in pool.imap_unordered(run_case, names):
                report.add(name, fault)
        except KeyboardInterrupt:
            print('ended by a signal; so far:', flush=True)
            report.print()
            return 1
    return report.print()
