"""What the tests of pip share: the program, the Pythons of this machine, wheels made on the spot."""

import atexit
import base64
import csv
import functools
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile

import machine
from machine import (PATH, PROGRAM, PYENV, entry, everything, need, need_protection, need_traces,
                     protect, run, work_in_memory)

protect(PYENV, '/usr')
work_in_memory()


# ---- the Pythons that bring ensurepip ----

@functools.lru_cache(maxsize=None)
def pythons():
    return [python for python in machine.pythons()
            if run([python.path, '-c', 'import ensurepip']).code == 0]


def system_python():
    return next((python for python in pythons() if python.path.startswith('/usr/bin/')), None)


def newest():
    return need(pythons(), 'a Python with ensurepip')[-1]


def oldest():
    return need(pythons(), 'a Python with ensurepip')[0]


def oldest_and_newest():
    """For what may differ from version to version, where all would take too long."""
    return list(dict.fromkeys((oldest(), newest())))


def has_setuptools(python):
    return python.version < (3, 12)


@functools.lru_cache(maxsize=None)
def shared_cache():
    """Of this run: what one test had compiled, another one need not."""
    folder = tempfile.TemporaryDirectory(prefix='venv-pip-cache-')
    atexit.register(folder.cleanup)
    return folder.name


class Case(unittest.TestCase):
    """A test with a directory and a home of its own."""
    maxDiff = 4000
    prefix = 'venv-pip-'
    shares_cache = False # with the other tests, where what is remembered isn't the point

    def setUp(self):
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix=self.prefix)).resolve()
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)
        self.home = self.tmp / 'home'
        self.home.mkdir()
        self.cache = self.home / '.cache' / 'venv.hpp'
        self.env_dir = self.tmp / 'env'

    def environment(self, **changes):
        """Nothing of the caller's that could steer a Python, pip or pyenv."""
        result = {'PATH': PATH, 'LANG': 'C.UTF-8', 'HOME': str(self.home), 'PIP_DISABLE_PIP_VERSION_CHECK': '1',
                  'PIP_NO_CACHE_DIR': '1', 'PIP_NO_INDEX': '1'}
        if self.shares_cache:
            result['XDG_CACHE_HOME'] = shared_cache()
        result.update(changes)
        return {name: os.fspath(value) for name, value in result.items() if value is not None}

    def run(self, *arguments, **options):
        # unittest's own method, which takes a result
        if len(arguments) == 1 and not isinstance(arguments[0], (str, os.PathLike, list)):
            return super().run(*arguments)
        raise TypeError('use execute()')

    def execute(self, *arguments, **options):
        options.setdefault('env', self.environment())
        return run(arguments, **options)

    def succeed(self, *arguments, **options):
        result = self.execute(*arguments, **options)
        self.assertEqual(result.code, 0, str(result))
        return result

    def venv(self, *arguments, **options):
        need_protection(arguments, options.get('cwd', '/'))
        return self.execute(PROGRAM, *arguments, **options)

    def traced(self, *arguments, **options):
        """How a run of ours ended, and the programs that it started."""
        need_traces()
        traces = self.tmp / 'traces'
        traces.mkdir()
        # One file for each process (-ff): in a common one, calls made at once are cut in two.
        result = self.execute('strace', '-ff', '-qq', '-e', 'trace=execve', '-o', traces / 'of',
                              PROGRAM, *arguments, **options)
        calls = ''.join(path.read_text() for path in traces.iterdir())
        shutil.rmtree(traces)
        started = re.findall(r'^execve\("([^"]*)".* = 0$', calls, re.MULTILINE)
        started.remove(PROGRAM)
        return result, started

    def make(self, python, *arguments, **options):
        """Our environment, made in silence but for a Python before 3.8; in `self.env_dir` where none is named."""
        arguments = list(arguments) or [self.env_dir]
        if str(arguments[-1]).startswith('--'):
            arguments.append(self.env_dir)
        result = self.venv('--python', python.path, *arguments, **options)
        said = python.beyond_its_age(result.err.splitlines())
        self.assertEqual((result.code, result.out, said), (0, '', []), str(arguments))
        return pathlib.Path(arguments[-1])

    def reference(self, python, *arguments, **options):
        arguments = list(arguments) or [self.env_dir]
        if str(arguments[-1]).startswith('--'):
            arguments.append(self.env_dir)
        self.succeed(python.path, '-m', 'venv', *arguments, **options)
        return pathlib.Path(arguments[-1])

    def pip(self, env_dir, *arguments, **options):
        return self.succeed(env_dir / 'bin' / 'python', '-m', 'pip', *arguments, **options)

    def assert_works(self, env_dir, version=None):
        """pip runs, by the same script under each of its names, is whole, and is that version."""
        self.assert_whole(env_dir)
        scripts = list((env_dir / 'bin').glob('pip*'))
        self.assertIn(env_dir / 'bin' / 'pip', scripts)
        self.assertEqual(len({path.read_bytes() for path in scripts}), 1)
        said = self.succeed(env_dir / 'bin' / 'pip', '--version').out
        self.assertIn(str(env_dir), said)
        if version:
            self.assertTrue(said.startswith('pip %s ' % version), said)

    def assert_whole(self, env_dir, project='pip'):
        """RECORD has every file with its hash, each is there, and there is no other."""
        site_packages = site_packages_of(env_dir)
        info, = site_packages.glob(project + '-*.dist-info')
        self.assertEqual(hash_faults(site_packages, info), [])

    def assert_nothing_left_over(self, *directories):
        for directory in directories:
            left = [str(path) for path in pathlib.Path(directory).rglob('*.venv.hpp-*')]
            self.assertEqual(left, [])


# ---- what an environment holds ----

def site_packages_of(env_dir):
    found, = [path for pattern in ('lib/python*', 'lib/pypy*')
              for path in env_dir.glob(pattern + '/site-packages')]
    return found


def installed(env_dir):
    """What pip's installation made: site-packages and the scripts; bytecode without its content,
    which holds times, and RECORD by its rows."""
    if not list(env_dir.glob('lib/py*/site-packages')):
        return {}  # pip takes away what it left empty
    site_packages = site_packages_of(env_dir)
    found = {'site-packages/' + name: what for name, what in everything(site_packages).items()}
    for path in (env_dir / 'bin').iterdir():
        if path.name.startswith(('pip', 'easy_install')):
            found['bin/' + path.name] = entry(path)
    for name in found:
        if name.endswith('.pyc') or name.endswith('.dist-info/RECORD'):
            found[name] = found[name].rsplit(' ', 1)[0]
    for record in site_packages.glob('*.dist-info/RECORD'):
        found['rows of ' + record.parent.name] = record_of(record)
        found['line ends of ' + record.parent.name] = {
            line[-2:] == b'\r\n' for line in record.read_bytes().splitlines(True)}
    return found


def record_of(record):
    with open(record, newline='', encoding='utf-8') as file:
        rows = [tuple(row) for row in csv.reader(file)]
    assert len(rows) == len(set(rows)), 'a row twice'
    return set(rows)


def record_hash(data):
    return 'sha256=' + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')


def hash_faults(site_packages, info):
    """How RECORD and what lies there differ."""
    faults, listed = [], set()
    for name, digest, size in record_of(info / 'RECORD'):
        path = pathlib.Path(os.path.normpath(site_packages / name))
        listed.add(path)
        if not path.is_file():
            faults.append('missing ' + name)
        elif digest and (digest != record_hash(path.read_bytes()) or size != str(path.stat().st_size)):
            faults.append('changed ' + name)
        elif not digest and not name.endswith(('.pyc', '/RECORD')):
            faults.append('no hash for ' + name)
    tops = {path.relative_to(site_packages).parts[0] for path in listed
            if site_packages in path.parents}
    for top in tops:
        for path in (site_packages / top).rglob('*'):
            if path.is_file() and path not in listed:
                faults.append('not listed ' + str(path))
    return faults


def bytecode_of(env_dir):
    """Every file of bytecode with what changes when it is written again."""
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns)
            for path in env_dir.rglob('*.pyc')}


# ---- wheels ----

def bundled_wheel(python, project='pip'):
    """The wheel that this Python would install."""
    code = 'import ensurepip, os; print(os.path.dirname(ensurepip.__file__))'
    folder = subprocess.run([python.path, '-c', code], stdout=subprocess.PIPE, check=True)
    places = (pathlib.Path(folder.stdout.decode().strip(), '_bundled'),
              pathlib.Path('/usr/share/python-wheels'))
    found = [path for place in places for path in sorted(place.glob(project + '-*.whl'))]
    need(found, '%s, which %s bundles' % (project, python))
    return found[0]


def make_wheel(folder, name, version, files, entry_points='', change=None):
    """A wheel of nothing but `files`: names and their bytes; `change` may edit them."""
    folder.mkdir(parents=True, exist_ok=True)
    info = '%s-%s.dist-info/' % (name, version)
    files = {**files,
             info + 'METADATA': b'Metadata-Version: 2.1\nName: %s\nVersion: %s\n'
                                % (name.encode(), version.encode()),
             info + 'WHEEL': b'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n'
                             b'Tag: py3-none-any\n'}
    if entry_points:
        files[info + 'entry_points.txt'] = entry_points.encode()
    if change:
        change(files)
    return write_wheel(folder / ('%s-%s-py3-none-any.whl' % (name, version)), info, files)


def small_pip(folder, version, change=None):
    """A pip of a few modules, for what depends on that it is installed, not on what it can do."""
    main = (b'import os, sys\n\ndef main():\n'
            b'    if "--version" in sys.argv:\n'
            b'        print("pip %s from", os.path.dirname(__file__))\n' % version.encode())
    files = {'pip/__init__.py': b'', 'pip/__main__.py': b'from pip._internal.cli.main import main\nmain()\n',
             'pip/_internal/__init__.py': b'', 'pip/_internal/cli/__init__.py': b'',
             'pip/_internal/cli/main.py': main, 'pip/_vendor/vendor.txt': b'nothing\n'}
    files.update(('pip/_vendor/module%d.py' % number, b'number = %d\n' % number * 99) for number in range(20))
    return make_wheel(folder, 'pip', version, files, '[console_scripts]\npip = pip._internal.cli.main:main\n'
                      'pip3 = pip._internal.cli.main:main\n', change)


def small_wheels(folder):
    """A directory with such a pip, and a setuptools."""
    small_pip(folder, '42.0')
    make_wheel(folder, 'setuptools', '42.0', {'setuptools/__init__.py': b'', 'pkg_resources/__init__.py': b''})
    return folder


def write_wheel(path, info, files):
    rows = ['%s,%s,%d\n' % (name, record_hash(data), len(data)) for name, data in files.items()
            if not name.endswith('/RECORD.jws')]
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as wheel:
        for name, data in files.items():
            wheel.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
        wheel.writestr(info + 'RECORD', ''.join(rows) + info + 'RECORD,,\n')
    return path


def repacked(wheel, folder, version, change=None):
    """A copy of pip's (or setuptools') wheel that is another version; `change` may edit its files."""
    folder.mkdir(parents=True, exist_ok=True)
    name, old = wheel.name.split('-')[:2]
    files = {}
    with zipfile.ZipFile(wheel) as archive:
        for item in archive.namelist():
            if not item.endswith('/RECORD'):
                files[item.replace('%s-%s.dist-info/' % (name, old),
                                   '%s-%s.dist-info/' % (name, version))] = archive.read(item)
    info = '%s-%s.dist-info/' % (name, version)
    for item in (info + 'METADATA', name + '/__init__.py'):
        files[item] = files[item].replace(old.encode(), version.encode())
    if change:
        change(files)
    return write_wheel(folder / ('%s-%s-py3-none-any.whl' % (name, version)), info, files)
