"""Everything compiles with clang++ as well, and the tests of the parts pass."""

from machine import BUILD, ROOT, need_command
from support import PROCESSORS, Case, clang


class Clang(Case):
    def test_everything(self):
        build = BUILD / 'clang'
        self.succeed(need_command('cmake'), '--preset', 'clang', '-B', build,
                     '-DCMAKE_CXX_COMPILER=' + clang(), cwd=ROOT)
        self.succeed('cmake', '--build', build, '-j', PROCESSORS)
        self.succeed('ctest', '--test-dir', build, '-L', 'unit', '--no-tests=error',
                     '--output-on-failure', '-j', PROCESSORS)
