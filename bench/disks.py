"""Measures environments against the floor: what the system takes for the same files, on several disks.

One command: it builds the program and one that only makes files (bench/floor.cpp), makes images of ext4
with a journal, btrfs and xfs where it is root, and measures on each and on tmpfs: copies and links
against the floor and against others, clearing, first environments, a cold page cache, the disk that many
take. All in turn, whole processes, on two processors, files in the page cache unless it says so.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import costs
from main import ROOT, base_python, install_tools, make_wheel, say
from place import Failed, Place

MAKERS = {'ext4': ['mkfs.ext4', '-q', '-N', '3000000', '-J', 'size=128'], 'btrfs': ['mkfs.btrfs', '-q'],
          'xfs': ['mkfs.xfs', '-q']}
OURS, FLOOR, LINKS = 'venv', 'floor, copies', 'floor, hard links'
COLD_PAGES = ', cold page cache'


def parse_arguments():
    parser = argparse.ArgumentParser(prog='bench/run disks', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='a smoke test: one run, tmpfs alone, no others')
    parser.add_argument('--python', default='python3.13', help='the base interpreter (default: %(default)s)')
    parser.add_argument('--images', type=Path, default=Path('/var/tmp'), help='where images lie (default: %(default)s)')
    parser.add_argument('--runs', type=int, default=21, help='so many of each, a third of the slow ones')
    parser.add_argument('--many', type=int, default=100, help='environments whose disk use is told')
    parser.add_argument('--program', type=Path, help='a built program instead of one built here')
    parser.add_argument('--output', type=Path, help='folder of disks.json and disks.md (default: nowhere)')
    options = parser.parse_args()
    if options.quick:
        options.runs, options.many = 1, 2
    return options


class Disk:
    """A file system in an image, or a tmpfs."""

    def __init__(self, kind, folder, gigabytes=12):
        self.kind, self.mounted = kind, None
        self.folder = Path(tempfile.mkdtemp(prefix='venv-disk-', dir=folder))
        self.path = self.folder / 'mounted'
        self.path.mkdir()
        if kind == 'tmpfs':
            command = ['mount', '-t', 'tmpfs', '-o', f'size={gigabytes}g', 'none', self.path]
        else:
            image = self.folder / 'image'
            with open(image, 'wb') as file:
                file.truncate(gigabytes << 30)
            subprocess.run([*MAKERS[kind], image], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            command = ['mount', '-o', 'loop', image, self.path]
        if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
            self.remove()
            raise Failed(f'{kind} can\'t be mounted')
        self.mounted = self.path

    def used(self):
        os.sync()
        state = os.statvfs(self.path)
        return (state.f_blocks - state.f_bfree) * state.f_frsize

    def remove(self):
        if self.mounted:
            subprocess.run(['umount', '--lazy', self.mounted])
        shutil.rmtree(self.folder, ignore_errors=True)


def base_without_pip(python, folder):
    """The same Python with an empty site-packages: a copy of the interpreter, links to the library."""
    text = subprocess.check_output([python, '-c', 'import os, sys; print(os.path.dirname(os.__file__));'
                                                  'print(os.path.realpath(sys.executable))'], text=True)
    stdlib, executable = map(Path, text.split('\n')[:2])
    own = folder / 'lib' / stdlib.name
    (own / 'site-packages').mkdir(parents=True)
    for path in stdlib.iterdir():
        if path.name != 'site-packages':
            (own / path.name).symlink_to(path)
    for library in stdlib.parent.glob('libpython*'):
        (folder / 'lib' / library.name).symlink_to(library)
    (folder / 'bin').mkdir()
    return shutil.copy(executable, folder / 'bin' / executable.name)


class Measurement:
    def __init__(self, place, disk, options, programs):
        self.place, self.disk, self.options, self.programs = place, disk, options, programs
        self.python, self.wheel, self.tools = programs['python'], programs['wheel'], programs['tools']
        self.figures = {}

    def run(self, *command, **extra):
        return self.place.run(command, extra)

    def ours(self, *options, env_dir=None, **extra):
        return self.run(self.programs['venv'], '--python', self.python, *options, env_dir or self.place.fresh(), **extra)

    def floor(self, how):
        source = self.place.root / 'source'
        done = subprocess.run([self.programs['floor'], how, source, self.place.fresh()],
                              check=True, stdout=subprocess.PIPE, text=True)
        return float(done.stdout)

    def first_install(self, make):
        env_dir = self.place.fresh()
        return make(env_dir) + self.run(env_dir / 'bin' / 'pip', 'install', '--quiet', '--no-index', self.wheel)

    def cleared(self):
        env_dir = self.place.fresh()
        self.ours(env_dir=env_dir)
        return self.ours('--clear', '--without-pip', env_dir=env_dir)

    def cold_pages(self, make):
        os.sync()
        Path('/proc/sys/vm/drop_caches').write_text('3')
        return make()

    def rows(self):
        """Each by its name, how it is measured, and whether it is slow."""
        fresh = self.place.fresh
        uv = lambda *options: self.run(self.tools / 'uv', 'venv', '--quiet', '--python', self.python, *options)
        bare = self.programs['bare']
        rows = {FLOOR: lambda: self.floor('copy'), LINKS: lambda: self.floor('link'), OURS: self.ours,
                'venv --no-compile-bytecode': lambda: self.ours('--no-compile-bytecode'),
                'venv --without-pip': lambda: self.ours('--without-pip'),
                'venv --clear --without-pip, over one with pip': self.cleared,
                'true': lambda: self.run('/bin/true')}
        for mode in ('hardlink', 'clone', 'symlink'):
            rows[f'venv --link-mode {mode}'] = lambda mode=mode: self.ours('--quiet', '--link-mode', mode)
        slow = {'venv, nothing remembered': lambda: self.ours(XDG_CACHE_HOME=str(fresh())),
                'venv --no-compile-bytecode, nothing remembered':
                    lambda: self.ours('--no-compile-bytecode', XDG_CACHE_HOME=str(fresh())),
                'venv, nothing remembered, a base without pip':
                    lambda: self.run(self.programs['venv'], '--python', bare, fresh(), XDG_CACHE_HOME=str(fresh())),
                'venv, first pip install': lambda: self.first_install(lambda env: self.ours(env_dir=env))}
        if self.tools:
            rows['uv venv --seed --offline'] = lambda: uv('--seed', '--offline', fresh())
            rows['uv venv --seed --offline --link-mode copy'] = \
                lambda: uv('--seed', '--offline', '--link-mode', 'copy', fresh())
            rows['uv venv'] = lambda: uv(fresh())
            slow['uv venv --seed --offline, first pip install'] = \
                lambda: self.first_install(lambda env: uv('--seed', '--offline', env))
            slow['virtualenv'] = lambda: self.run(self.tools / 'virtualenv', '--quiet', fresh())
            slow['virtualenv --without-pip'] = lambda: self.run(self.tools / 'virtualenv', '--quiet', '--without-pip', fresh())
        if not self.options.quick:
            slow['python -m venv'] = lambda: self.run(self.python, '-m', 'venv', fresh())
            slow['python -m venv --without-pip'] = lambda: self.run(self.python, '-m', 'venv', '--without-pip', fresh())
            if os.geteuid() == 0:
                slow['venv' + COLD_PAGES] = lambda: self.cold_pages(self.ours)
                if self.tools:
                    slow['uv venv --seed --offline' + COLD_PAGES] = \
                        lambda: self.cold_pages(lambda: uv('--seed', '--offline', fresh()))
        return rows, slow

    def measure(self):
        self.run(self.programs['venv'], '--python', self.python, self.place.root / 'source')
        rows, slow = self.rows()
        if self.tools:   # fills uv's cache
            self.run(self.tools / 'uv', 'venv', '--quiet', '--seed', '--python', self.python, self.place.fresh())
        for name in ('venv --link-mode clone', *rows):   # each once, not counted
            try:
                rows[name]()
            except Failed as failure:
                say(f'{name}: {failure}')
        self.figures = {name: [] for name in (*rows, *slow)}
        for turn in range(self.options.runs):
            for name, row in rows.items():
                self.measure_row(name, row)
            for name, row in slow.items():
                if turn % 3 == 0 and not name.endswith(COLD_PAGES):
                    self.measure_row(name, row)
        for name, row in slow.items():   # last: what is read from the disk again then would count for others
            for _ in range(0, self.options.runs if name.endswith(COLD_PAGES) else 0, 3):
                self.measure_row(name, row)

    def measure_row(self, name, row):
        self.place.use_memory(128)
        self.figures[name].append(row())

    def disk_use(self):
        """Megabytes of many environments, by copies, hard links and clones."""
        used = {}
        for mode in ('copy', 'clone', 'hardlink'):
            before = self.disk.used()
            for _ in range(self.options.many):
                self.ours('--quiet', '--link-mode', mode)
            used[mode] = (self.disk.used() - before) / 1e6
        return used


# ---- what must hold ----------------------------------------------------------------------------------

# What is to be so many times as fast as another: (ours, the other, times), on ext4 with a journal and tmpfs.
FASTER = [(OURS, 'uv venv --seed --offline', 1.3), (OURS, 'uv venv --seed --offline --link-mode copy', 4),
          (OURS, 'python -m venv', 120), (OURS, 'virtualenv', 12),
          ('venv --no-compile-bytecode', 'uv venv --seed --offline', 2),
          ('venv --link-mode hardlink', 'uv venv --seed --offline', 2.5),
          ('venv, nothing remembered', 'python -m venv', 25),
          ('venv, nothing remembered, a base without pip', 'python -m venv', 5),
          ('venv --no-compile-bytecode, nothing remembered', 'python -m venv', 60),
          ('venv --without-pip', 'uv venv', 6), ('venv --without-pip', 'python -m venv --without-pip', 18),
          ('venv --without-pip', 'virtualenv --without-pip', 80),
          ('venv, first pip install', 'uv venv --seed --offline, first pip install', 2.2)]
OTHER_DISKS = [(OURS, 'uv venv --seed --offline', 1)]


def checks(kind, medians, used, many):
    rows = []

    def add(what, wanted, figure, reached):
        rows.append(f'| {what} | {wanted} | {figure} | {"reached" if reached else "**not reached**"} |\n')
    for ours, other, times in FASTER if kind in ('ext4', 'tmpfs') else OTHER_DISKS:
        if ours in medians and other in medians:
            ratio = medians[other] / medians[ours]
            add(f'`{ours}` against `{other}`', f'{times} times', f'{ratio:.2f} times', ratio >= times)
    if kind in ('ext4', 'tmpfs'):
        ratio = medians[OURS] / medians[FLOOR]
        add('`venv` against the floor of the same files', '1.4 times its time at most', f'{ratio:.2f} times', ratio <= 1.4)
        more = medians['venv --without-pip'] - medians['true']
        add('`venv --without-pip` more than `true`', 'under 1.5 ms', f'{more:.2f} ms', more < 1.5)
        add(f'{many} environments by hard links', 'under 20 MB' if many == 100 else 'told', f'{used["hardlink"]:.0f} MB',
            many != 100 or used['hardlink'] < 20)
    return ''.join(rows)


def markdown(results):
    text = ('# Against the floor, on several disks\n\nMeasured by `bench/run disks`: CPython {python} with pip {pip}, '
            '{tools}; {cpu}, two processors of {processors}, {system}, load {load:.1f} at the start; whole processes, '
            'medians, in milliseconds; images by loop devices. The floor: a program that makes the same files from '
            'memory with two threads, without its own start.\n\n').format(**results)
    for kind, disk in results['disks'].items():
        title = 'ext4 with a journal' if kind == 'ext4' else kind
        floor = disk['medians'][FLOOR]
        text += f'## {title}\n\n| | at least | measured | |\n| --- | ---: | ---: | ---: |\n{disk["checks"]}\n'
        text += '| | ms | range | / floor |\n| --- | ---: | ---: | ---: |\n'
        for name, median in disk['medians'].items():
            runs = disk['ms'][name]
            text += f'| `{name}` | {median:.1f} | {min(runs):.1f} to {max(runs):.1f} | {median / floor:.2f} |\n'
        text += f'\nDisk that {results["many"]} environments with pip take: ' + ', '.join(
            f'{mode} {size:,.0f} MB' for mode, size in disk['used'].items()) + '.\n\n'
    for kind, why in results['missing'].items():
        text += f'- not measured: {kind}: {why}\n'
    return text.rstrip('\n') + '\n'


def measure_on(disk, options, programs, scratch):
    place = Place(disk.path, temporary=Path('/dev/shm') if Path('/dev/shm').is_dir() else None)
    try:
        place.driver = programs['driver']
        measurement = Measurement(place, disk, options, programs)
        measurement.measure()
        medians = {name: statistics.median(runs) for name, runs in measurement.figures.items() if runs}
        used = measurement.disk_use()
        return {'medians': medians, 'ms': measurement.figures, 'used': used,
                'checks': checks(disk.kind, medians, used, options.many)}
    finally:
        shutil.rmtree(place.temporary, ignore_errors=True)


def main():
    options = parse_arguments()
    scratch = Path(tempfile.mkdtemp(prefix='venv-disks-'))
    try:
        python, version, bundled = base_python(options.python)
        if not bundled:
            raise SystemExit('bench: the base interpreter bundles no pip')
        missing = {}
        say('build the programs, install the competitors')
        tools = None if options.quick else install_tools(python, scratch / 'tools', missing)
        programs = {'python': python, 'tools': tools, 'wheel': make_wheel(scratch), 'driver': costs.build_driver(scratch),
                    'floor': costs.build(scratch / 'floor', ROOT / 'bench' / 'floor.cpp', '-static'),
                    'bare': base_without_pip(python, scratch / 'bare'),
                    'venv': costs.program_to_measure(options.program, scratch)}
        model = re.search(r'model name\s*:\s*(.*)', Path('/proc/cpuinfo').read_text())
        results = {'python': version, 'pip': bundled.name.split('-')[1], 'cpu': model.group(1) if model else '',
                   'processors': os.cpu_count(), 'system': f'{platform.system()} {platform.release()}',
                   'load': os.getloadavg()[0], 'many': options.many, 'disks': {}, 'missing': missing,
                   'tools': ' '.join(subprocess.check_output([tools / 'pip', 'freeze'], text=True).split())
                            if tools else 'no others'}
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])   # and all that is measured
        for kind in ('tmpfs',) if options.quick else ('ext4', 'tmpfs', 'btrfs', 'xfs'):
            say(f'measure on {kind}')
            try:
                disk = Disk(kind, scratch if kind == 'tmpfs' else options.images)
            except (Failed, OSError, subprocess.CalledProcessError) as failure:
                missing[kind] = str(failure)
                continue
            try:
                results['disks'][kind] = measure_on(disk, options, programs, scratch)
            finally:
                disk.remove()
        if not results['disks']:
            say(f'bench: nothing can be mounted: {missing}')
            return 77
        text = markdown(results)
        print(text, end='')
        if options.output:
            (options.output / 'disks.json').write_text(json.dumps(results, indent=1) + '\n')
            (options.output / 'disks.md').write_text(text)
        return 0
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == '__main__':
    sys.exit(main())
