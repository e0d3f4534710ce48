"""Pythons of other Debians, the newest among them: their environments are the reference's, compared in a
root directory of their own (what tests/compare and tests/pip look at, for every option)."""

import re
import shutil

from machine import ROOT, need, need_mounts
from support import INDIRECTIONS, STATIC_LOGGER, STATIC_PROGRAM, Case, name_in_tests, need_installed

# In a mount namespace: the root directory becomes a mount point, so that the tests within can protect
# its Pythons; the project is seen there, read-only.
ENTER = '''
mount --bind "$0" "$0"
mkdir -p "$0/project"
mount --bind "$1" "$0/project"
mount -o remount,bind,ro "$0/project"
mount -t proc proc "$0/proc"
root=$0
shift
exec chroot "$root" "$@"
'''


class Root(Case):
    release = None

    def setUp(self):
        need_mounts()
        self.root = need_installed(self.release, 'Debian ' + self.release)
        names = [path.name for path in (self.root / 'usr' / 'bin').iterdir()]
        self.pythons = ['/usr/bin/' + name for name in sorted(names)
                        if re.fullmatch(r'python3\.\d+(-dbg)?', name)]
        self.debug = [path for path in self.pythons if path.endswith('-dbg')]
        self.plain = need([path for path in self.pythons if path not in self.debug],
                          'a Python in ' + str(self.root))
        need(STATIC_PROGRAM.exists(), str(STATIC_PROGRAM))
        shutil.copy(STATIC_PROGRAM, self.root / 'venv')

    def compare(self, suite, *tests, pythons=None, **changes):
        self.run_suite(suite, *tests, pythons=pythons or self.plain, folder='/project', program='/venv',
                       **changes,
                       command=('unshare', '--mount', 'sh', '-ec', ENTER, self.root, ROOT,
                                self.plain[-1], '-B'))

    def compare_pypy(self):
        self.compare('compare', 'test_directories.OtherPythons')
        self.compare('pip', 'test_wheels.PyPy')


class Sid(Root):
    release = 'sid'

    def test_the_newest_are_there(self):
        for name in ('python3.14', 'python3.15', 'python3.14-dbg', 'python3.15-dbg'):
            with self.subTest(name=name):
                need('/usr/bin/' + name in self.pythons, name)

    def test_options(self):
        self.compare('compare', 'test_options')

    def test_debug_builds(self):
        # What takes long and doesn't depend on the build is left to the others.
        need(self.debug, 'a debug build')
        self.compare('compare', 'test_options.Options.test_tree_configuration_and_sys_are_the_reference_s',
                     pythons=self.debug)
        self.compare('pip', *['test_equal.Equal.test_as_%s_makes_it' % name_in_tests(python)
                              for python in self.debug], pythons=self.debug)

    def test_hooks(self):
        need(STATIC_LOGGER.exists(), str(STATIC_LOGGER))
        shutil.copy(STATIC_LOGGER, self.root / 'hooks_logger')
        self.compare('hooks', 'test_log', VENV_HOOKS_LOGGER='/hooks_logger')

    def test_what_is_there_already(self):
        self.compare('compare', 'test_reuse.SamePython', 'test_reuse.AnotherPython')

    def test_where_they_are_started_from(self):
        self.compare('compare', 'test_directories.Bases', *INDIRECTIONS, pythons=self.pythons)

    def test_pip(self):
        self.compare('pip', 'test_equal')

    def test_pypy(self):
        self.compare_pypy()


class Trixie(Root):
    release = 'trixie'

    def test_options(self):
        self.compare('compare', 'test_options')

    def test_pip(self):
        self.compare('pip', *['test_equal.Equal.test_as_%s_makes_it' % name_in_tests(python)
                              for python in self.plain])

    def test_pypy(self):
        self.compare_pypy()
