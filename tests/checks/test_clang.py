"""clang++ compiles the functions, and the tests of the parts pass on them; what includes the header links, in both
modes, and the examples are built.

The tests themselves are those that g++ has compiled, without those that wait for pip and Python most of the time.
VENV_CLANG_WHOLE=1: all, by clang++ too, which takes minutes."""

import os

from machine import BUILD, ROOT, need, need_command
from support import PROCESSORS, Case, clang

WAITING = ','.join('*/test_%s.cpp' % name for name in ('check', 'env_builder', 'environment', 'hooks'))
TARGETS = ('link_split', 'link_header_only', 'example_extended', 'example_hooks', 'example_smallest')


class Clang(Case):
    def setUp(self):
        super().setUp()
        self.build = BUILD / 'clang'
        self.succeed(need_command('cmake'), '--preset', 'clang', '-B', self.build,
                     '-DCMAKE_CXX_COMPILER=' + clang(), cwd=ROOT)

    def make(self, *targets):
        self.succeed('cmake', '--build', self.build, '-j', PROCESSORS, '--target', *targets)

    def ctest(self, tests):
        self.succeed('ctest', '--test-dir', self.build, '-R', '^(%s)$' % tests, '--no-tests=error',
                     '--output-on-failure', '-j', PROCESSORS)

    def test_what_includes_the_header(self):
        self.make(*TARGETS)
        self.ctest('link_.*')

    if os.environ.get('VENV_CLANG_WHOLE') == '1':
        def test_the_parts(self):
            self.make('test_single')
            self.ctest('test_single')
    else:
        def test_the_parts_on_its_functions(self):
            self.make('venv_once')
            functions = self.build / 'tests' / 'CMakeFiles' / 'venv_once.dir' / 'linking' / 'once.cpp.o'
            made = BUILD / 'tests' / 'CMakeFiles' / 'test_single.dir'
            tests = need(sorted((made / 'generated' / 'units').glob('*.o')), 'test_single') + [made / 'main.cpp.o']
            program = self.tmp / 'tests'
            self.succeed(clang(), *tests, functions, '-o', program, '-lz', '-pthread')
            self.succeed(program, '--test-suite-exclude=long', '--source-file-exclude=' + WAITING)
