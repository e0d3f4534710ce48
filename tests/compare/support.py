"""What the tests share: the program under test, the Pythons of this machine, and how two
environments are compared."""

import fnmatch
import json
import os
import pathlib
import shutil
import tempfile
import unittest

import machine
from machine import (PATH, PROGRAM, PYENV, entry, everything, need_protection, protect, pythons,
                     wipe, work_in_memory)

protect(PYENV, '/usr')
work_in_memory()


def newest():
    """One Python, for what doesn't depend on which it is."""
    return pythons()[-1]


# ---- running ----

def environment(**changes):
    """What children see: nothing of the caller's that could steer a Python or pip."""
    result = {'PATH': PATH, 'LANG': 'C.UTF-8', 'HOME': os.environ.get('VENV_TEST_HOME', '/nonexistent'),
              'XDG_CACHE_HOME': os.environ.get('VENV_TEST_CACHE', '/nonexistent'),
              'PYENV_ROOT': str(PYENV), 'PIP_DISABLE_PIP_VERSION_CHECK': '1'}
    result.update(changes)
    return {name: value for name, value in result.items() if value is not None}


def run(arguments, env=None, **options):
    return machine.run(arguments, env=env or environment(), **options)


# ---- two environments ----

def below(minor):
    return lambda version: version < (3, minor)


def every(_):
    return True


# The only things in which our environments may differ from the reference's: path (a pattern), how,
# for which versions of the base, and why.
ALLOWED = (
    ('CACHEDIR.TAG', 'added', every, 'backup programs leave the environment out'),
    ('.gitignore', 'added', below(13), 'written whatever the version'),
    ('.gitignore', 'text', every, 'our own words'),
    ('bin/activate.nu', 'added', every, 'nushell'),
    ('bin/activate.xsh', 'added', every, 'xonsh'),
    ('bin/activate.elv', 'added', every, 'elvish'),
    ('bin/activate_this.py', 'added', every, 'a running Python'),
    ('bin/[aA]ctivate*', 'text', every, 'our own words'),
    ('bin/Activate.ps1', 'added', below(8), 'written whatever the version'),
    ('pyvenv.cfg', 'text', below(11), 'has the keys of newer versions; compared by key'),
    ('*.pyc', 'text', every, 'holds when its source was written'),
)


def snapshot(root):
    """`root` and every path below it with its type, mode, and target or content."""
    return {'.': entry(root), **everything(root)}


def same_but_for_allowed(reference, ours, version):
    """Both snapshots without the differences that are allowed."""
    reference, ours = dict(reference), dict(ours)
    for pattern, how, applies, _ in ALLOWED:
        if not applies(version):
            continue
        for path in fnmatch.filter(list(ours), pattern):
            if how == 'added' and path not in reference:
                del ours[path]
            if how == 'text' and path in reference:
                for tree in (reference, ours):
                    tree[path] = tree[path].rsplit(' ', 1)[0]
    return reference, ours


ABOUT = '''
import json, os, site, sys, sysconfig
try:
    import _ctypes
    extension = getattr(_ctypes, '__file__', None)
except ImportError as error: # a Python that was built for another system
    extension = str(error)
print(json.dumps({
    'version': list(sys.version_info),
    'prefix': sys.prefix, 'base_prefix': sys.base_prefix,
    'exec_prefix': sys.exec_prefix, 'base_exec_prefix': sys.base_exec_prefix,
    'executable': sys.executable, 'base_executable': getattr(sys, '_base_executable', None),
    'path': sys.path, 'site-packages': site.getsitepackages(), 'user site': site.ENABLE_USER_SITE,
    'paths': sysconfig.get_paths(), 'an extension': extension,
}))
'''


def about(python):
    """What a Python says of itself, seen from a directory of no importance."""
    answer = run([python, '-c', ABOUT], cwd='/')
    assert answer.code == 0, str(answer)
    return json.loads(answer.out)


def read_cfg(path):
    lines = pathlib.Path(path).read_text(encoding='utf-8').splitlines()
    return dict(line.split(' = ', 1) for line in lines)


class Case(unittest.TestCase):
    """A test with a directory of its own, whose name is not a harmless one."""
    maxDiff = 3000
    prefix = 'it is "ünüsual" $HOME-'

    def setUp(self):
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix=self.prefix)).resolve()
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)
        self.home = self.tmp / 'home'
        self.home.mkdir()
        os.environ['VENV_TEST_HOME'] = str(self.home)
        # Elsewhere, so that it is no part of what is compared before and after.
        self.cache = pathlib.Path(tempfile.mkdtemp(prefix='cache-')).resolve()
        self.addCleanup(shutil.rmtree, self.cache, ignore_errors=True)
        os.environ['VENV_TEST_CACHE'] = str(self.cache)

    # -- making --

    def venv(self, *arguments, env=None, **options):
        """Runs our program."""
        need_protection(arguments, options.get('cwd', '/'))
        return run([PROGRAM, *arguments], env=env, **options)

    def make(self, python, *arguments, **options):
        """Our environment, which must succeed in silence, but for what is said of an upgrade from
        another minor version and of a Python before 3.8."""
        result = self.venv('--python', python.path, *arguments, **options)
        said = [line for line in python.beyond_its_age(result.err.splitlines())
                if not line.startswith('Warning: upgraded from Python ')]
        self.assertEqual((result.code, result.out, said), (0, '', []))

    def reference(self, python, *arguments, **options):
        """The reference's environment."""
        self.assert_harmless(arguments[-1], options.get('cwd', '/'), arguments)
        if python.version < (3, 13):
            arguments = [a for a in arguments if a != '--without-scm-ignore-files']
        result = run([python.path, '-m', 'venv', *arguments], **options)
        self.assertEqual(result.code, 0, str(result))

    def assert_harmless(self, env_dir, cwd, arguments):
        """The reference's copies must find no link that leads out of the environment: they would be
        written through it (see `protect`)."""
        env_dir = pathlib.Path(os.path.abspath(os.path.join(cwd, os.fspath(env_dir))))
        self.assertIn(self.tmp, [env_dir, *env_dir.parents])
        copies = '--copies' in arguments and '--clear' not in arguments
        for path in env_dir.glob('bin/*') if copies else ():
            self.assertFalse(path.is_symlink() and os.path.isabs(os.readlink(path)), path)

    def refused(self, result, message, code=1):
        """One line that says `message`; below it at most a hint, whose further lines are set in."""
        self.assertEqual(result.code, code, str(result))
        self.assertEqual(result.out, '')
        lines = result.err.splitlines()
        self.assertRegex(lines[0], '^Error: ')
        self.assertIn(message, lines[0])
        self.assertLessEqual(len(lines), 20, result.err)
        if len(lines) > 1:
            self.assertRegex(lines[1], '^Hint: ')
        for line in lines[2:]:
            self.assertRegex(line, '^  ')
        self.assertTrue(result.err.endswith('\n'))

    # -- comparing --

    def look(self, python, env_dir):
        """Everything that is compared."""
        return (snapshot(env_dir), pathlib.Path(env_dir, 'pyvenv.cfg').read_text(encoding='utf-8'),
                about(pathlib.Path(env_dir, 'bin', 'python')))

    def assert_same(self, python, reference, ours, without_ignore_files=False):
        tree, cfg, facts = reference
        our_tree, our_cfg, our_facts = ours
        if without_ignore_files and python.version < (3, 13):
            # An option that this version doesn't have.
            our_cfg = our_cfg.replace(' --without-scm-ignore-files', '')
            for one in (tree, our_tree):
                one['pyvenv.cfg'] = one['pyvenv.cfg'].rsplit(' ', 1)[0]
        tree, our_tree = same_but_for_allowed(tree, our_tree, python.version)
        self.assertEqual(our_facts, facts)
        if python.version >= (3, 11):
            self.assertEqual(our_cfg, cfg)
        else:
            known = dict(line.split(' = ', 1) for line in cfg.splitlines())
            given = dict(line.split(' = ', 1) for line in our_cfg.splitlines())
            self.assertEqual({key: given.get(key) for key in known}, known)
        differ = {path: (our_tree.get(path, 'nothing'), tree.get(path, 'nothing'))
                  for path in {*tree, *our_tree} if tree.get(path) != our_tree.get(path)}
        self.assertEqual(differ, {}, 'path: (ours, the reference\'s)')

    def compare(self, python, *arguments, env_dir=None, prepare=None, name=None, **options):
        """Both make an environment with `arguments` at the same path, after `prepare` has made what
        is there before; they must be the same."""
        env_dir = pathlib.Path(env_dir or self.tmp / 'an environment')
        given = [*arguments, name if name is not None else env_dir]
        if '--copies' in arguments and not machine.starts_when_copied(python.path):
            # The reference makes what does not start, and says nothing.
            self.refused(self.venv('--python', python.path, *given, **options), 'when copied')
            return
        looks = []
        for make in (self.reference, self.make):
            wipe(env_dir)
            if prepare:
                prepare(env_dir)
            make(python, *given, **options)
            looks.append(self.look(python, env_dir))
        self.assert_same(python, *looks,
                         without_ignore_files='--without-scm-ignore-files' in arguments)
        wipe(env_dir)
