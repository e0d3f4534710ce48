"""Measures environments with twenty packages from wheels at hand (some 3,000 files, five of them compiled):
ours against `uv venv` and `uv pip install --offline`, and against pip.

The wheels are downloaded once by pip; without an index, or with --quick, they are made here. Whole processes,
in turn (A B C A B C ...), each environment at a fresh path, all deleted at the very end. Prints the tables,
and writes bench-packages.md with --output.
"""

import argparse
import base64
import hashlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import costs
import main
from place import Failed, Place

# Twenty, with what they require; those of the second line are compiled.
NAMES = ('requests Jinja2 Pygments rich click attrs jsonschema Flask babel urllib3 idna certifi Werkzeug itsdangerous '
         'numpy PyYAML MarkupSafe SQLAlchemy greenlet charset-normalizer').split()
FURTHER = 'markdown-it-py mdurl referencing rpds-py jsonschema-specifications typing-extensions blinker'.split()


def parse_arguments():
    parser = argparse.ArgumentParser(prog='bench/run packages', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='a smoke test: one run each, without uv and an index')
    parser.add_argument('--python', default='python3.13', help='the base interpreter (default: %(default)s)')
    parser.add_argument('--place', type=Path, help='where to measure (default: beside the checkout, else /var/tmp)')
    parser.add_argument('--runs', type=int, default=7, help='how many runs each, of pip three (default: %(default)s)')
    parser.add_argument('--program', type=Path, help='a built program to measure instead of one built here')
    parser.add_argument('--output', type=Path, help='folder of bench-packages.md')
    return parser.parse_args()


# ---- the wheels ----------------------------------------------------------------------------------

def make_wheel(folder, name, modules, library):
    """A wheel of that many modules, each as long as one is commonly, perhaps with a library of that size."""
    dice, info, tag = random.Random(name), '%s-1.0.dist-info' % name, 'py3-none-any'
    files = {'%s/m%d/__init__.py' % (name, n): '' for n in range(modules // 20 + 1)}
    for n in range(modules):
        files['%s/m%d/x%d.py' % (name, n % (modules // 20 + 1), n)] = ''.join(
            'def f%d(a, b=%d):\n    """%s"""\n    return [a, b, %r]\n' % (i, i, '%x' % dice.getrandbits(400), 'y' * i)
            for i in range(30))
    files = {file: text.encode() for file, text in files.items()}
    if library:
        files[name + '/lib.so'] = dice.getrandbits(8 * library).to_bytes(library, 'little')
    files[info + '/METADATA'] = b'Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n' % name.encode()
    files[info + '/WHEEL'] = (b'Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: %s\nTag: %s\n'
                              % (b'false' if library else b'true', tag.encode()))
    record = ''.join('%s,sha256=%s,%d\n' % (file, base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=')
                                            .decode(), len(data)) for file, data in files.items())
    files[info + '/RECORD'] = (record + info + '/RECORD,,\n').encode()
    with zipfile.ZipFile(folder / ('%s-1.0-%s.whl' % (name, tag)), 'w', zipfile.ZIP_DEFLATED) as archive:
        for file, data in files.items():
            archive.writestr(file, data)


def wheels_in(folder, python, options, missing):
    """The names of what is to be installed; the wheels lie in `folder` then."""
    folder.mkdir()
    if not options.quick:
        done = subprocess.run([python, '-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest',
                               folder, *NAMES, *FURTHER], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if not done.returncode:
            return NAMES
        missing['wheels from an index'] = done.stdout.strip().splitlines()[-1]
    names = ['made%d' % n for n in range(20)]
    for n, name in enumerate(names):
        make_wheel(folder, name, 4 if options.quick else 150, n % 4 == 0 and (1000 if options.quick else 3_000_000))
    return names


# ---- the commands --------------------------------------------------------------------------------

class Commands:
    """What makes an environment of each kind: the steps, and the variables that they need."""

    def __init__(self, place, python, program, uv, wheels, requirements):
        self.place, self.python, self.program, self.uv = place, python, program, uv
        self.found, self.requirements = wheels, requirements

    def ours(self, *options, fresh=False):
        extra = {'XDG_CACHE_HOME': str(self.place.fresh())} if fresh else {}
        return [[self.program, '--ensure', '--quiet', '--python', self.python, '--without-pip', '--offline', '--wheel-dir',
                 self.found, '-r', self.requirements, *options, self.place.fresh()]], extra

    def uv_does(self, *options, fresh=False):
        env_dir = self.place.fresh()
        extra = {'UV_CACHE_DIR': str(self.place.fresh() if fresh else self.place.root / 'cache' / 'uv')}
        return [[self.uv, 'venv', '--quiet', '--offline', '--python', self.python, env_dir],
                [self.uv, 'pip', 'install', '--quiet', '--python', env_dir, '--offline', '--no-index', '--find-links',
                 self.found, '-r', self.requirements, *options]], extra

    def pip(self):
        env_dir = self.place.fresh()
        return [[self.python, '-m', 'venv', env_dir],
                [env_dir / 'bin' / 'pip', 'install', '--quiet', '--no-index', '--find-links', self.found, '-r',
                 self.requirements]], {}

    def nothing(self, made, packages):
        wanted = ['--offline', '--wheel-dir', self.found, '-r', self.requirements] if packages else []
        return [[self.program, '--ensure', '--quiet', '--python', self.python, '--without-pip', *wanted, made]], {}

    def cases(self):
        """{label: command}"""
        bare = '--no-compile-bytecode'
        found = {'venv, warm': self.ours, 'venv, cold': lambda: self.ours(fresh=True),
                 'venv, warm, no bytecode': lambda: self.ours(bare),
                 'venv, cold, no bytecode': lambda: self.ours(bare, fresh=True), 'pip': self.pip,
                 'venv, warm, hard links': lambda: self.ours('--link-mode', 'hardlink'),
                 'venv, warm, hard links, no bytecode': lambda: self.ours('--link-mode', 'hardlink', bare)}
        if self.uv:
            found['uv, warm, hard links, no bytecode'] = lambda: self.uv_does('--link-mode', 'hardlink')
            for memory, fresh in (('warm', False), ('cold', True)):
                for label, more in (('no bytecode', []), ('bytecode', ['--compile-bytecode'])):
                    found['uv, %s, copies, %s' % (memory, label)] = (
                        lambda fresh=fresh, more=more: self.uv_does('--link-mode', 'copy', *more, fresh=fresh))
        made = {packages: self.place.fresh() for packages in (False, True)}
        for packages, env_dir in made.items():
            label = 'venv, nothing to do' + ('' if packages else ', no requirements')
            found[label] = lambda packages=packages, env_dir=env_dir: self.nothing(env_dir, packages)
        return found


# ---- measuring and telling -----------------------------------------------------------------------

GOALS = [('uv, cold, copies, bytecode', 'venv, cold', 1), ('uv, cold, copies, no bytecode', 'venv, cold, no bytecode', 1),
         ('uv, warm, copies, bytecode', 'venv, warm', 1.5),
         ('uv, warm, copies, no bytecode', 'venv, warm, no bytecode', 1.5), ('pip', 'venv, warm', 20),
         ('uv, warm, copies, no bytecode', 'venv, warm', 1),
         ('uv, warm, hard links, no bytecode', 'venv, warm, hard links', 2),
         ('uv, warm, hard links, no bytecode', 'venv, warm, hard links, no bytecode', 2)]


def measure(commands, runs):
    """{label: milliseconds of each run}; the first run is not counted."""
    cases = commands.cases()
    took = {label: [] for label in cases}
    for turn in range(runs + 1):
        os.sync()
        for label, command in cases.items():
            if label == 'pip' and turn > 3:
                continue
            steps, extra = command()
            commands.place.use_memory(512)
            total = sum(commands.place.run(step, extra) for step in steps)
            if turn:
                took[label].append(total)
    return took


def table(rows, head):
    lines = [head, ['---'] + ['---:'] * (len(head) - 1), *rows]
    return ''.join('| %s |\n' % ' | '.join(line) for line in lines)


def told(took, heading, wheels):
    middle = {label: statistics.median(times) for label, times in took.items()}
    text = '# What it costs to make an environment with twenty packages\n\n%s\n\n%d wheels at hand, %s files, %.0f MB\n' % (
        heading, len(wheels), '{:,}'.format(sum(len(zipfile.ZipFile(wheel).namelist()) for wheel in wheels)),
        sum(info.file_size for wheel in wheels for info in zipfile.ZipFile(wheel).infolist()) / 1e6)
    text += '\n' + table([[label, '%.1f' % middle[label], '%.1f to %.1f' % (min(times), max(times)), str(len(times))]
                          for label, times in took.items()], ['', 'median ms', 'range', 'runs'])
    goals = [[ours, theirs, '%g times' % goal, '%.2f times' % (middle[theirs] / middle[ours]),
              'reached' if middle[theirs] >= goal * middle[ours] else '**not reached**']
             for theirs, ours, goal in GOALS if theirs in middle]
    plain, more = middle['venv, nothing to do, no requirements'], middle['venv, nothing to do']
    goals.append(['venv, nothing to do', 'the same without requirements', '1 ms more at most', '%.2f ms more' % (more - plain),
                  'reached' if more <= plain + 1 else '**not reached**'])
    return text + '\n' + table(goals, ['', 'against', 'at least', 'measured', ''])


def run():
    options, missing = parse_arguments(), {}
    scratch = Path(tempfile.mkdtemp(prefix='venv-bench-'))
    place = Place(main.choose_disk(options.place))
    try:
        python, version, _ = main.base_python(options.python)
        place.driver = costs.build_driver(scratch)
        program = costs.program_to_measure(options.program, scratch)
        tools = None if options.quick else main.install_tools(python, scratch / 'tools', missing)
        names = wheels_in(scratch / 'wheels', tools / 'python' if tools else python, options, missing)
        requirements = scratch / 'requirements.txt'
        requirements.write_text('\n'.join(names) + '\n')
        uv = tools / 'uv' if tools and (tools / 'uv').exists() else None
        commands = Commands(place, python, program, uv, scratch / 'wheels', requirements)
        load = os.getloadavg()[0]
        took = measure(commands, 1 if options.quick else options.runs)
        about = main.machine({'disk': place})
        heading = 'Measured by `bench/run packages`: CPython %s, %s; %s, %d processors, %s, %s, load %.1f at the start.' % (
            version, main.REQUIREMENTS.read_text().split('\n')[1] if uv else 'without uv', about['cpu'],
            about['processors'], about['system'], place.type, load)
        heading += ''.join('\nMissing: %s (%s).' % item for item in missing.items())
        text = told(took, heading, sorted((scratch / 'wheels').glob('*.whl')))
        print(text, end='')
        if options.output:
            (options.output / 'bench-packages.md').write_text(text)
    except Failed as failure:
        return 'bench: %s' % failure
    finally:
        place.remove()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == '__main__':
    started = time.monotonic()
    code = run()
    main.say('took %.0f s' % (time.monotonic() - started))
    sys.exit(code)
