"""Everything compiles with clang++ as well, and the tests of the parts pass."""

from machine import BUILD, ROOT, need_command
from support import PROCESSORS, Case, clang


class Clang(Case):
    def test_everything(self):
        build = BUILD / 'clang'
        self.succeed(need_command('cmake'), '--preset', 'clang', '-B', build,
                     '-DCMAKE_CXX_COMPILER=' + clang(), cwd=ROOT)
        # On the one header: that each part compiles alone is found out with g++.
        self.succeed('cmake', '--build', build, '-j', PROCESSORS, '--target', 'test_single', 'link_split',
                     'link_header_only', 'venv_program', 'example_extended', 'example_hooks',
                     'example_smallest')
        self.succeed('ctest', '--test-dir', build, '-R', '^(test_single|link_.*)$', '--no-tests=error',
                     '--output-on-failure', '-j', PROCESSORS)
