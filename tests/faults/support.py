"""What the tests of faults share: an environment seen from outside, mounts, other users, bases that
are odd."""

import base64
import csv
import ctypes
import functools
import hashlib
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest

import machine
from machine import PATH, PROGRAM, PYENV, need, need_command, need_root, protect

protect(PYENV, '/usr')

OTHER = 1000  # a user who is not root; need not have a name


# ---- the Pythons ----

@functools.lru_cache(maxsize=None)
def pythons():
    """Every Python that brings ensurepip, oldest first."""
    return [python for python in machine.pythons()
            if machine.run([python.path, '-c', 'import ensurepip']).code == 0]


def newest():
    return need(pythons(), 'a Python with ensurepip')[-1]


def second():
    """A Python of another minor version than `newest`."""
    return need_pythons(2)[-2]


def need_pythons(count):
    """The newest of each of `count` minor versions, oldest first."""
    by_name = {python.name: python for python in pythons()}
    found = sorted(by_name.values(), key=lambda python: python.version)
    return need(found[-count:] if len(found) >= count else None, '%d Pythons' % count)


def shared_python():
    """A Python that anybody may run."""
    found = machine.ask('/usr/bin/python3')
    return need(found in pythons() and found, "the system's Python with ensurepip")


@functools.lru_cache(maxsize=None)
def facts(path):
    """(prefix, the standard library, the executable) of the Python at `path`."""
    code = 'import os, sys; print(sys.base_prefix, os.path.dirname(os.__file__), sys.executable, sep="\\n")'
    prefix, stdlib, executable = machine.run([path, '-c', code]).out.splitlines()
    return pathlib.Path(prefix), pathlib.Path(stdlib), pathlib.Path(os.path.realpath(executable))


def prefix_of_links(folder, python, leave_out=()):
    """A prefix of its own: a copy of the interpreter, links to the modules. Its executable."""
    prefix, stdlib, executable = facts(python.path)
    ours = pathlib.Path(folder, 'lib', stdlib.name)
    ours.mkdir(parents=True)
    for path in stdlib.iterdir():
        if path.name not in ('site-packages', '__pycache__', *leave_out):
            (ours / path.name).symlink_to(path)
    (ours / 'site-packages').mkdir()
    for library in (prefix / 'lib').glob('libpython*'):
        (ours.parent / library.name).symlink_to(library)
    copy = pathlib.Path(folder, 'bin', python.name)
    copy.parent.mkdir()
    shutil.copy(executable, copy)
    return copy


def python_with_ensurepip_alone(folder, python, text=None):
    """A Python whose wheel isn't found where they lie, so that only ensurepip can install it; or
    one whose ensurepip is `text`."""
    copy = prefix_of_links(folder, python, ['ensurepip'])
    theirs = facts(python.path)[1] / 'ensurepip'
    ours = pathlib.Path(folder, 'lib', theirs.parent.name, 'ensurepip')
    ours.mkdir()
    if text is not None:
        (ours / '__init__.py').write_text('')
        (ours / '__main__.py').write_text(text)
        return copy
    for name in ('__main__.py', '_uninstall.py'):
        shutil.copy(theirs / name, ours)
    (ours / '__init__.py').write_text(
        (theirs / '__init__.py').read_text().replace("'_bundled'", "'_wheels'")
        .replace('"_bundled"', '"_wheels"').replace('/_bundled/', '/_wheels/'))
    shutil.copytree(theirs / '_bundled', ours / '_wheels')
    return copy


# ---- what lies on the disk ----

def deeply(path):
    """All that a rollback must bring back of one file, its place on the disk included."""
    status = os.lstat(path)
    content = ''
    if stat.S_ISLNK(status.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(status.st_mode):
        content = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()[:16]
    attributes = {name: os.getxattr(path, name, follow_symlinks=False)
                  for name in os.listxattr(path, follow_symlinks=False)}
    time_ = status.st_mtime_ns if not stat.S_ISDIR(status.st_mode) else 0
    return (status.st_ino, oct(status.st_mode), status.st_uid, status.st_gid, status.st_nlink,
            time_, content, attributes)


def snapshot(root):
    """Every path from `root` on, with all of it."""
    found = {'.': deeply(root)}
    for folder, directories, files in os.walk(root):
        for name in directories + files:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = deeply(path)
    return found


def names_below(root):
    return {os.path.relpath(os.path.join(folder, name), root)
            for folder, directories, files in os.walk(root) for name in directories + files}


def left_overs(root):
    """What no run may leave behind."""
    return sorted(name for name in names_below(root)
                  if re.search(r'venv\.hpp-|\.venv\.hpp|journal|pyvenv\.cfg\.new$',
                               os.path.basename(name)))


def site_packages_of(env_dir):
    found = list(pathlib.Path(env_dir).glob('lib/py*/site-packages'))
    return found[-1]


def faults_of_pip(env_dir, python=None):
    """How pip's RECORD and what lies there differ; [] where pip is whole."""
    site_packages = (pathlib.Path(env_dir, 'lib', python.name, 'site-packages') if python
                     else site_packages_of(env_dir))
    infos = list(site_packages.glob('pip-*.dist-info'))
    if len(infos) != 1:
        return ['%d distributions: %s' % (len(infos), infos)]
    faults, listed = [], set()
    with open(infos[0] / 'RECORD', newline='', encoding='utf-8') as file:
        for name, digest, size in csv.reader(file):
            path = pathlib.Path(os.path.normpath(site_packages / name))
            listed.add(path)
            if not path.is_file():
                faults.append('missing ' + name)
            elif digest:
                found = hashlib.sha256(path.read_bytes()).digest()
                if digest != 'sha256=' + base64.urlsafe_b64encode(found).decode().rstrip('='):
                    faults.append('changed ' + name)
    for path in [*(site_packages / 'pip').rglob('*'), *infos[0].rglob('*')]:
        if path.is_file() and path not in listed:
            faults.append('not listed ' + str(path.relative_to(site_packages)))
    return faults


def dead_shebangs(env_dir):
    """Scripts whose interpreter isn't there, by name."""
    dead = []
    for path in pathlib.Path(env_dir, 'bin').iterdir():
        if path.is_symlink() or not path.is_file():
            continue
        head = path.read_bytes()[:600].decode('utf-8', 'replace')
        found = re.match(r"#!(/[^\n]*?)\n|#!/bin/sh\n'''exec' \"?([^\"\n]*?)\"? ", head)
        interpreter = found and (found.group(2) or found.group(1))
        if interpreter and not os.path.exists(interpreter.strip()) and \
                not os.path.exists(interpreter.split()[0]):
            dead.append('%s: %s' % (path.name, interpreter))
    return sorted(dead)


# ---- a test ----

class Case(unittest.TestCase):
    """A test with a directory, a home and a cache of its own."""
    maxDiff = 3000
    prefix = 'faults "of" ünusual $HOME '

    def setUp(self):
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix=self.prefix)).resolve()
        self.tmp.chmod(0o755)
        self.addCleanup(self.remove)
        self.mounted, self.servers = [], []
        self.home = self.tmp / 'home'
        self.home.mkdir()
        self.cache = self.home / '.cache' / 'venv.hpp'
        self.env_dir = self.tmp / 'env'

    def remove(self):
        for place in reversed(self.mounted):
            subprocess.call(['umount', '-l', place])
        for server in self.servers:
            server.terminate()
            server.wait()
        shutil.rmtree(self.tmp, ignore_errors=True)

    def environment(self, **changes):
        """Nothing of the caller's that could steer a Python or pip; None takes a variable out."""
        result = {'PATH': PATH, 'LANG': 'C.UTF-8', 'HOME': self.home, 'PYENV_ROOT': PYENV,
                  'PIP_DISABLE_PIP_VERSION_CHECK': '1', 'PIP_NO_INDEX': '1', 'PIP_NO_CACHE_DIR': '1'}
        result.update(changes)
        return {name: os.fspath(value) for name, value in result.items() if value is not None}

    def execute(self, *arguments, **options):
        options.setdefault('env', self.environment())
        return machine.run(arguments, **options)

    def venv(self, *arguments, **options):
        return self.execute(PROGRAM, *arguments, **options)

    def make(self, python, *arguments, **options):
        """Our environment, which must succeed; in `self.env_dir` unless a path is named."""
        arguments = list(arguments)
        if not arguments or isinstance(arguments[-1], str):
            arguments.append(self.env_dir)
        path = python.path if isinstance(python, machine.Python) else python
        result = self.venv('--python', path, *arguments, **options)
        self.assertEqual(result.code, 0, str(result))
        return result

    def shell(self, script, *arguments, **options):
        """A shell script, `$@` its arguments; the first is the program unless given."""
        return self.execute('sh', '-c', script, 'sh', *(arguments or [PROGRAM]), **options)

    def as_other(self, *arguments, user=OTHER, **options):
        """Runs a command as another user, with none of root's rights."""
        need_root()
        need_command('setpriv')
        return self.execute('setpriv', '--reuid=%d' % user, '--regid=%d' % user, '--clear-groups',
                            '--inh-caps=-all', '--bounding-set=-all', *arguments, **options)

    def give(self, *paths, user=OTHER):
        """Paths, with what is below them, become another user's."""
        for path in paths:
            subprocess.check_call(['chown', '-hR', '%d:%d' % (user, user), path])

    # -- judging --

    def unchanged(self, before, root=None, where='', places=True):
        """Every path is there with all that `snapshot` tells of it; with `places` false it may have
        been written anew."""
        root = root or self.env_dir
        after = snapshot(root) if os.path.lexists(root) else {}
        gone, new = sorted(set(before) - set(after)), sorted(set(after) - set(before))
        self.assertEqual((gone[:5], new[:5]), ([], []), '%s: (gone, new)' % where)
        fields = ('inode', 'mode', 'owner', 'group', 'hard links', 'time', 'content', 'attributes')
        differ = ['%s: %s %s, was %s' % (name, field, now, old)
                  for name in before for field, old, now in zip(fields, before[name], after[name])
                  if old != now and (places or field != 'inode')]
        self.assertEqual(differ[:8], [], where)

    def fails(self, result, *words):
        """One line that says why, at most a hint below it; and no file of ours in it."""
        self.assertEqual(result.code, 1, str(result))
        lines = [line for line in result.err.splitlines() if not line.startswith('Warning: ')]
        errors = [line for line in lines if line.startswith('Error: ')]
        self.assertEqual(len(errors), 1, str(result))
        self.assertNotRegex(errors[0], r'venv\.hpp-\d|aside\.')
        for word in words:
            self.assertIn(str(word), result.err)

    def works(self, env_dir=None, python=None, pip=True):
        """The environment is one, of that Python, and its pip is whole and runs."""
        env_dir = pathlib.Path(env_dir or self.env_dir)
        said = self.execute(env_dir / 'bin' / 'python', '-c',
                            'import sys; print(sys.prefix, *sys.version_info[:3], sep="\\n")')
        self.assertEqual(said.code, 0, str(said))
        prefix, *version = said.out.splitlines()
        self.assertEqual(os.path.realpath(prefix), os.path.realpath(env_dir))
        if python:
            self.assertEqual(tuple(map(int, version)), python.version)
        if pip:
            self.assertTrue(os.access(env_dir / 'bin' / 'pip', os.X_OK), 'bin/pip cannot be run')
            for command in ([env_dir / 'bin' / 'pip'], [env_dir / 'bin' / 'python', '-m', 'pip']):
                said = self.execute(*command, '--version')
                self.assertEqual(said.code, 0, str(said))
            self.assertEqual(faults_of_pip(env_dir, python), [])
        self.assertEqual(left_overs(env_dir), [])

    def whole(self, *arguments, env_dir=None, python=None, pip=True, **options):
        """The same command again makes it whole, without left-overs."""
        result = self.venv(*arguments, **options)
        self.assertEqual(result.code, 0, str(result))
        self.works(env_dir, python, pip)

    # -- mounts --

    def mount(self, place, *arguments):
        """Mounts at `place`, which is made; seen by this process and its children alone."""
        need_root()
        need_command('mount')
        private_mounts()
        pathlib.Path(place).mkdir(parents=True, exist_ok=True)
        done = subprocess.run(['mount', *map(str, arguments), str(place)], stderr=subprocess.PIPE)
        need(done.returncode == 0, 'mount %s: %s' % (' '.join(map(str, arguments)),
                                                     done.stderr.decode(errors='replace')))
        self.mounted.append(str(place))
        return pathlib.Path(place)

    def tmpfs(self, place, options='size=64m'):
        return self.mount(place, '-t', 'tmpfs', '-o', options, 'none')

    def refusing_disk(self, *refusals):
        """A directory on a file system that refuses: `call=ERRNO` for each (see refusing_fs.py)."""
        need_root()
        need(os.path.exists('/dev/fuse'), '/dev/fuse')
        need(machine.run(['/usr/bin/python3', '-c', 'import fusepy']).code == 0, 'python3-fusepy')
        private_mounts()
        below = pathlib.Path(tempfile.mkdtemp(dir=self.tmp, prefix='below'))
        place = pathlib.Path(tempfile.mkdtemp(dir=self.tmp, prefix='disk'))
        below.chmod(0o755)
        server = subprocess.Popen(['/usr/bin/python3', pathlib.Path(__file__).with_name('refusing_fs.py'),
                                   below, place, *refusals])
        self.servers.append(server)
        self.mounted.append(str(place))
        for _ in range(500):
            if os.path.ismount(place) or server.poll() is not None:
                break
            time.sleep(0.01)
        self.assertTrue(os.path.ismount(place), 'the file system of the test is not mounted')
        return place

    # -- in the middle --

    def delayed(self, calls, watch, *command, seconds=1.0, **options):
        """Runs a command whose `calls` each wait a moment before they begin; `watch` is called again
        and again meanwhile, until it returns true."""
        need_command('strace')
        process = subprocess.Popen(
            ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=' + calls,
             '-e', 'inject=%s:delay_enter=%d' % (calls, int(seconds * 1e6)), *map(os.fspath, command)],
            env=self.environment(), cwd='/', stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, **options)
        done = False
        while process.poll() is None:
            done = done or watch()
            time.sleep(0.002)
        out, err = process.communicate()
        self.assertTrue(done, 'it was over before')
        return machine.Result(process.returncode, out.decode(), err.decode())

    def killed_at(self, call, count, *command, **options):
        """Runs a command and kills it at the n-th of a system call. Whether it came to that."""
        need_command('strace')
        result = self.execute('strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=' + call, '-e',
                              'inject=%s:signal=KILL:when=%d' % (call, count), *command, **options)
        return result.code in (-signal.SIGKILL, 128 + signal.SIGKILL)


@functools.lru_cache(maxsize=None)
def private_mounts():
    """What is mounted from here on is seen by this process and its children alone."""
    new_mount_namespace = 0x00020000
    need(ctypes.CDLL(None, use_errno=True).unshare(new_mount_namespace) == 0, 'unshare')
    subprocess.check_call(['mount', '--make-rprivate', '/'])
    return True
