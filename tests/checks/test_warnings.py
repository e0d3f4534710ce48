"""The header compiles without a warning: both compilers, three language versions, each mode."""

import itertools

from machine import ROOT
from support import FLAGS, MODES, Case, compilers


class Warnings(Case):
    def test_none(self):
        source = self.write('use.cpp', '#include "venv.hpp"\n')
        for cxx, standard, mode in itertools.product(compilers(), (17, 20, 23), MODES):
            with self.subTest(cxx=cxx, standard=standard, mode=mode):
                # The newest standard's name when these compilers were made.
                name = {23: '2b'}.get(standard, standard)
                self.succeed(cxx, '-std=c++%s' % name, *FLAGS, '-I', ROOT, *MODES[mode],
                             '-fsyntax-only', source)

    def test_none_from_what_optimizing_finds(self):
        source = self.write('use.cpp', '#include "venv.hpp"\n')
        for cxx in compilers():
            with self.subTest(cxx=cxx):
                self.succeed(cxx, '-std=c++17', '-O2', *FLAGS, '-I', ROOT, *MODES['implementation'],
                             '-c', source, '-o', self.tmp / 'use.o')

    def test_a_warning_would_be_seen(self):
        source = self.write('use.cpp', '#include "venv.hpp"\nint narrow(long x) { return x; }\n')
        for cxx in compilers():
            with self.subTest(cxx=cxx):
                self.fail_with('-Werror', cxx, '-std=c++17', *FLAGS, '-I', ROOT,
                               *MODES['declarations'], '-fsyntax-only', source)

    def test_an_older_language_is_refused_by_name(self):
        source = self.write('use.cpp', '#include "venv.hpp"\n')
        for cxx in compilers():
            with self.subTest(cxx=cxx):
                self.fail_with('venv.hpp needs C++17', cxx, '-std=c++14', '-I', ROOT,
                               '-fsyntax-only', source)
