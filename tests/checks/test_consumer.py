"""A project of somebody else's uses the header and the program: through add_subdirectory and
FetchContent, and installed through find_package, where a version that doesn't fit is refused.

The header itself is compiled by add_subdirectory, and its declarations as they are installed. Elsewhere it is one of a
few lines, whose program becomes the real one (test_packages)."""

import os
import re
import sys

import test_packages
from machine import ROOT, need_command
from support import PROCESSORS, Case

HEADER = (ROOT / 'venv.hpp').read_text('utf-8')
MAJOR, MINOR, PATCH = (int(re.search(r'#define VENV_VERSION_%s (\d+)' % part, HEADER).group(1))
                       for part in ('MAJOR', 'MINOR', 'PATCH'))
VERSION = '%d.%d.%d' % (MAJOR, MINOR, PATCH)


class Consumer(Case):
    def configure(self, *arguments):
        return [need_command('cmake'), '-G', 'Ninja', '-S', ROOT / 'tests' / 'consumer',
                '-B', self.tmp / 'consumer', '-DPYTHON=' + os.path.realpath(sys.executable), *arguments]

    def build(self, target):
        self.succeed('cmake', '--build', self.tmp / 'consumer', '-j', PROCESSORS, '--target', target)

    def build_and_run(self):
        self.build('all')
        self.assertIn(VERSION, self.succeed(self.tmp / 'consumer' / 'consumer', '--version'))

    def made(self):
        return {name for _, _, names in os.walk(self.tmp / 'consumer') for name in names}

    def check_program(self):
        """The build makes an environment by `COMMAND venv::program`."""
        self.build('environment')
        environment = self.tmp / 'consumer' / 'environment'
        self.assertEqual(self.succeed(environment / 'bin' / 'python', '-c', 'import sys; print(sys.prefix)'),
                         '%s\n' % environment)

    def check_included(self):
        self.build_and_run()
        # Tests, programs and install rules are the business of who works on the header itself.
        self.assertIn('consumer', self.made())
        self.assertFalse({'venv', 'test_parts', 'example_smallest', 'smallest', 'venv-config-version.cmake'}
                         & self.made())
        self.check_program()
        self.assertFalse((self.tmp / 'consumer' / 'own-target').exists())
        self.build('venv')
        self.assertTrue((self.tmp / 'consumer' / 'own-target').exists())

    def install(self, prefix, program='OFF', sources=ROOT):
        build = self.tmp / 'venv'
        self.succeed(need_command('cmake'), '-G', 'Ninja', '-S', sources, '-B', build, '-DVENV_BUILD_TESTS=OFF',
                     '-DVENV_BUILD_PROGRAM=' + program, '-DCMAKE_INSTALL_PREFIX=%s' % prefix)
        if program == 'ON':
            self.succeed('cmake', '--build', build, '-j', PROCESSORS, '--target', 'venv_program')
        self.succeed('cmake', '--install', build)
        return sorted(str(path.relative_to(prefix)) for path in prefix.rglob('*')
                      if path.is_file() and path.suffix != '.cmake')

    def test_add_subdirectory(self):
        self.succeed(*self.configure('-DWAY=add_subdirectory', '-DVENV=%s' % ROOT))
        self.check_included()

    def test_fetch_content(self):
        sources = test_packages.lay_sources(self.tmp / 'sources')
        self.succeed(*self.configure('-DWAY=FetchContent', '-DVENV=%s' % sources))
        self.check_included()

    def test_find_package(self):
        prefix = self.tmp / 'the prefix'
        sources = test_packages.lay_sources(self.tmp / 'sources')
        self.assertEqual(self.install(prefix, sources=sources), ['include/venv.hpp', 'share/pkgconfig/venv.pc'])
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
        self.assertNotIn('venv_program', self.made())
        self.check_program() # built then, as only the header was installed

    def test_find_package_with_the_program(self):
        prefix = self.tmp / 'the prefix'
        sources = test_packages.lay_sources(self.tmp / 'sources')
        self.assertEqual(self.install(prefix, 'ON', sources), [
            'bin/venv', 'include/venv.hpp', 'share/bash-completion/completions/venv',
            'share/fish/vendor_completions.d/venv.fish', 'share/man/man1/venv.1', 'share/pkgconfig/venv.pc',
            'share/zsh/site-functions/_venv'])
        self.succeed(*self.configure('-DWAY=find_package', '-DCMAKE_PREFIX_PATH=%s' % prefix))
        self.check_program()
        self.assertNotIn('venv_program', self.made())

    def test_an_installed_header_can_move(self):
        first, second = self.tmp / 'first', self.tmp / 'second'
        self.install(first)
        first.rename(second)
        self.succeed(*self.configure('-DWAY=find_package', '-DCMAKE_PREFIX_PATH=%s' % second))
        self.succeed(need_command('g++'), '-std=c++17', '-fsyntax-only', '-DVENV_HEADER_ONLY=0',
                     '-I', second / 'include', ROOT / 'tests' / 'consumer' / 'main.cpp')
