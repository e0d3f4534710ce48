"""A project of somebody else's uses the header: through add_subdirectory, and installed through
find_package, where a version that doesn't fit is refused."""

import os
import re

from machine import ROOT, need_command
from support import PROCESSORS, Case

HEADER = (ROOT / 'venv.hpp').read_text('utf-8')
MAJOR, MINOR, PATCH = (int(re.search(r'#define VENV_VERSION_%s (\d+)' % part, HEADER).group(1))
                       for part in ('MAJOR', 'MINOR', 'PATCH'))
VERSION = '%d.%d.%d' % (MAJOR, MINOR, PATCH)


class Consumer(Case):
    def configure(self, *arguments):
        return [need_command('cmake'), '-G', 'Ninja', '-S', ROOT / 'tests' / 'consumer',
                '-B', self.tmp / 'consumer', *arguments]

    def build_and_run(self):
        self.succeed('cmake', '--build', self.tmp / 'consumer', '-j', PROCESSORS)
        self.assertIn(VERSION, self.succeed(self.tmp / 'consumer' / 'consumer', '--version'))

    def install(self, prefix):
        build = self.tmp / 'venv'
        self.succeed(need_command('cmake'), '-G', 'Ninja', '-S', ROOT, '-B', build,
                     '-DVENV_BUILD_TESTS=OFF', '-DVENV_BUILD_PROGRAM=OFF', '-DCMAKE_INSTALL_PREFIX=%s' % prefix)
        self.succeed('cmake', '--install', build)

    def test_add_subdirectory(self):
        self.succeed(*self.configure('-DWAY=add_subdirectory', '-DVENV=%s' % ROOT))
        self.build_and_run()
        # Tests, programs and install rules are the business of who works on the header itself.
        made = [name for _, _, names in os.walk(self.tmp / 'consumer') for name in names]
        self.assertIn('consumer', made)
        self.assertFalse({'test_parts', 'example_smallest', 'venv-config.cmake'} & set(made))

    def test_find_package(self):
        prefix = self.tmp / 'the prefix'
        self.install(prefix)
        installed = sorted(str(path.relative_to(prefix)) for path in prefix.rglob('*')
                           if path.is_file())
        self.assertEqual([name for name in installed if not name.endswith('.cmake')],
                         ['include/venv.hpp'])
        here = '-DCMAKE_PREFIX_PATH=%s' % prefix
        for request in ('%d.%d' % (MAJOR, MINOR + 1), '%d.0' % (MAJOR + 1),
                        '%d.%d.%d' % (MAJOR, MINOR, PATCH + 1), '%s;EXACT' % (VERSION + '.1')):
            with self.subTest(request=request):
                self.fail_with('considered but not accepted', *self.configure(
                    '-DWAY=find_package', here, '-DREQUEST=' + request))
        for request in ('', '%d.%d' % (MAJOR, MINOR), VERSION, VERSION + ';EXACT'):
            with self.subTest(request=request):
                self.succeed(*self.configure('-DWAY=find_package', here, '-DREQUEST=' + request))
        self.build_and_run()

    def test_an_installed_header_can_move(self):
        first, second = self.tmp / 'first', self.tmp / 'second'
        self.install(first)
        first.rename(second)
        self.succeed(*self.configure('-DWAY=find_package', '-DCMAKE_PREFIX_PATH=%s' % second))
        self.succeed(need_command('g++'), '-std=c++17', '-fsyntax-only', '-DVENV_HEADER_ONLY=0',
                     '-I', second / 'include', ROOT / 'tests' / 'consumer' / 'main.cpp')
