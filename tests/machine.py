"""What the suites share: what is on this machine, how it is run, and what it left on the disk."""

import ctypes
import functools
import glob
import hashlib
import os
import pathlib
import pwd
import shutil
import stat
import subprocess
import tempfile
import unittest

import abilities

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get('VENV_BUILD_DIR') or ROOT / 'build')
PROGRAM = os.environ.get('VENV_PROGRAM') or str(BUILD / 'bin' / 'venv')
PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
PYENV = pathlib.Path(os.environ.get('PYENV_ROOT') or
                     pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir) / '.pyenv')


# ---- what a test needs ----

def need(thing, what):
    """`thing`; where it is missing, a skip that is seen, and with CI=true a failure."""
    if thing:
        return thing
    if os.environ.get('CI') == 'true':
        raise AssertionError('missing: ' + what)
    raise unittest.SkipTest('missing: ' + what)


def need_pyenv(thing, what):
    """As `need`, for what only pyenv's Pythons give: without pyenv it is a skip in CI too."""
    if not thing and not (PYENV / 'versions').is_dir():
        raise unittest.SkipTest('missing, as pyenv is: ' + what)
    return need(thing, what)


def need_command(*names):
    """The first of these that is installed."""
    return need(next(filter(None, map(shutil.which, names)), None), ' or '.join(names))


def need_ability(name):
    """What a machine has or has not, whatever is installed: see abilities.py."""
    if not abilities.why_not(name):
        return
    if abilities.is_a_failure(name):
        raise AssertionError(abilities.lacking(name))
    raise unittest.SkipTest(abilities.lacking(name))


def need_root():
    need_ability('root')


def need_mounts():
    """The right to mount in a mount namespace of one's own."""
    need_ability('root')
    need_ability('mounts')


def need_traces():
    """strace."""
    need_ability('traces')


# ---- the Pythons ----

def protect(*folders):
    """Makes folders read-only for this process and its children, if this machine can do that.

    The reference writes through links: `--copies` over an environment of links replaces the base
    interpreters by one another. No mistake in a test may do that to the Pythons of a machine: what
    could is skipped where they can be written (`need_protection`)."""
    if abilities.why_not('mounts'):
        return
    new_mount_namespace = 0x00020000
    if ctypes.CDLL(None, use_errno=True).unshare(new_mount_namespace) != 0:
        raise OSError('unshare is refused, which was possible a moment ago')
    subprocess.check_call(['mount', '--make-rprivate', '/'])
    given = [pathlib.Path(os.path.realpath(path)).parents[1] for path in given_pythons()]
    for folder in filter(os.path.isdir, dict.fromkeys(map(str, [*folders, *given]))):
        subprocess.check_call(['mount', '--bind', folder, folder])
        subprocess.check_call(['mount', '-o', 'remount,bind,ro', folder])


def work_in_memory():
    """Lays the temporary directory of this process and its children, who are in a mount namespace of
    their own (`protect`), into memory, where that is large enough and hides nothing they need. Making
    and deleting thousands of files takes a third of the time there that a disk takes."""
    folder = os.path.realpath(tempfile.gettempdir())
    needed = [ROOT, BUILD, PROGRAM, pathlib.Path.home(), *given_pythons()]
    with open('/proc/meminfo', encoding='ascii') as file:
        available = {line.split(':')[0]: int(line.split()[1]) for line in file}['MemAvailable']
    if (abilities.why_not('mounts') or available < 4 << 20 or
            any(os.path.realpath(path).startswith(folder + '/') for path in needed)):
        return
    subprocess.check_call(['mount', '-t', 'tmpfs', '-o', 'mode=1777', 'tests', folder])


def need_protection(arguments, cwd='/'):
    """Skips a call (its last argument is the environment) that would write through links if it were
    made as the reference makes it, where a link leads to what this user could change."""
    if '--copies' not in arguments or '--clear' in arguments:
        return
    env_dir = pathlib.Path(os.fsdecode(cwd), os.fsdecode(arguments[-1]))
    links = [path for path in env_dir.glob('bin/*')
             if path.is_symlink() and os.path.isabs(os.readlink(path))]
    if any(os.access(os.path.realpath(path), os.W_OK) for path in links):
        need_ability('mounts')


class Python:
    """A base Python and the release that it says it is."""

    def __init__(self, path, version, implementation):
        self.path, self.version, self.implementation = path, version, implementation
        self.name = ('pypy' if implementation == 'pypy' else 'python') + '%d.%d' % version[:2]

    def beyond_its_age(self, lines):
        """`lines` of stderr without the one in which the program says that a Python is old, which has
        to be there for those before 3.8 and for no other."""
        told = [line for line in lines if line.startswith('Warning: ') and 'before 3.8' in line]
        expected = 1 if self.version < (3, 8) else 0
        if len(told) != expected:
            raise AssertionError('%d lines instead of %d say that %s is old' % (len(told), expected, self))
        return [line for line in lines if line not in told]

    def __str__(self):
        return '%s (%s %d.%d.%d)' % (self.path, self.implementation, *self.version)


@functools.lru_cache(maxsize=None)
def starts_when_copied(path):
    """Whether a copy of the interpreter finds the libraries that it is linked with, and no others."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(path, folder)
        copied, itself = [run([program, '--version'], env={'PATH': PATH}) for program in (copy, path)]
        return copied.code == 0 and copied.out == itself.out


@functools.lru_cache(maxsize=None)
def ask(path):
    """The Python at `path`; None where there is none that answers."""
    question = ('import sys; print(*sys.version_info[:3], '
                'getattr(getattr(sys, "implementation", None), "name", "cpython"))')
    try:
        answer = subprocess.run([path, '-c', question], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, check=True, env={'PATH': PATH})
    except (OSError, subprocess.CalledProcessError):
        return None
    *version, implementation = answer.stdout.decode().split()
    return Python(path, tuple(map(int, version)), implementation)


def given_pythons():
    return list(filter(None, os.environ.get('VENV_PYTHONS', '').split(os.pathsep)))


@functools.lru_cache(maxsize=None)
def pythons(oldest=(3, 8)):
    """Every CPython from `oldest` on, oldest first: pyenv's and the system's, or $VENV_PYTHONS."""
    paths = (given_pythons() or
             glob.glob(str(PYENV / 'versions' / '*' / 'bin' / 'python')) + ['/usr/bin/python3'])
    found = [ask(path) for path in paths if os.path.exists(path)]
    return sorted((python for python in found if python and python.implementation == 'cpython'
                   and python.version >= oldest), key=lambda python: (python.version, python.path))


# ---- running ----

class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return 'exit code %s\n%s%s' % (self.code, self.out, self.err)


def run(arguments, timeout=300, **options):
    """Runs a command, its input empty, in a directory of no importance unless told where."""
    options.setdefault('cwd', '/')
    done = subprocess.run([os.fspath(argument) for argument in arguments],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=timeout, **options)
    return Result(done.returncode, done.stdout.decode('utf-8', 'backslashreplace'),
                  done.stderr.decode('utf-8', 'backslashreplace'))


# ---- what lies on the disk ----

def entry(path):
    """Type, mode, and target or content."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return 'link to ' + os.readlink(path)
    mode = '%04o ' % stat.S_IMODE(status.st_mode)
    if stat.S_ISDIR(status.st_mode):
        return mode + 'directory'
    if not stat.S_ISREG(status.st_mode):
        return mode + 'special'
    return mode + 'file ' + hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()[:16]


def everything(root):
    """Every path below `root` with its entry."""
    found = {}
    for folder, directories, files in os.walk(root):
        for name in directories + files:
            path = pathlib.Path(folder, name)
            found[str(path.relative_to(root))] = entry(path)
    return found


def wipe(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
