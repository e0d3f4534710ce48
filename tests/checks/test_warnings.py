"""The header compiles without a warning: both compilers, three language versions, each mode.

The implementation by itself is compiled with optimization, which finds more: by g++ where it is measured what that
costs (test_cost), and where types are others (test_processors).

VENV_WARNINGS_WHOLE=1: the functions as C++20 too, which lies between the other two, and optimized by clang++, which
finds nothing then but large frames."""

import itertools
import os

from machine import ROOT
from support import MODES, Case, clang, compilers, flags

WHOLE = os.environ.get('VENV_WARNINGS_WHOLE') == '1'

class Warnings(Case):
    def test_none(self):
        source = self.write('use.cpp', '#include "venv.hpp"\n')
        for cxx, standard, mode in itertools.product(compilers(), (17, 20, 23), ('default', 'declarations')):
            if mode == 'default' and standard == 20 and not WHOLE:
                continue
            with self.subTest(cxx=cxx, standard=standard, mode=mode):
                # The newest standard's name when these compilers were made.
                name = {23: '2b'}.get(standard, standard)
                self.succeed(cxx, '-std=c++%s' % name, *flags(cxx), '-I', ROOT, *MODES[mode],
                             '-fsyntax-only', source)

    if WHOLE:
        def test_none_from_what_optimizing_finds(self):
            source = self.write('use.cpp', '#include "venv.hpp"\n')
            self.succeed(clang(), '-std=c++17', '-O2', *flags(clang()), '-I', ROOT, *MODES['implementation'],
                         '-c', source, '-o', self.tmp / 'use.o')

    def test_a_warning_would_be_seen(self):
        both = gcc, llvm = compilers()
        for warning, seen_by, code in (
                ('conversion', both, 'int f(long x) { return x; }'),
                ('old-style-cast', both, 'int f(long x) { return (int)x; }'),
                ('useless-cast', (gcc,), 'int f(int x) { return static_cast<int>(x); }'),
                ('effc++', (gcc,), 'struct A { std::string a; int b = 0; }; A f() { return {}; } A g;'),
                ('comma', (llvm,), 'int f(int x, int y) { return x += y, y; }'),
                ('switch-default', both, 'int f(int x) { switch (x) { case 1: return 2; } return 3; }'),
                ('frame-larger-than', both, 'void f(volatile char*); void g() { volatile char a[20000]; f(a); }')):
            source = self.write('use.cpp', '#include "venv.hpp"\n%s\n' % code)
            for cxx in seen_by:
                with self.subTest(cxx=cxx, warning=warning):
                    self.fail_with('-Werror', cxx, '-std=c++17', *flags(cxx), '-I', ROOT, *MODES['declarations'],
                                   '-c', source, '-o', self.tmp / 'use.o')
