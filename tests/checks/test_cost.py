"""What including the header costs, in processor time of g++; the least of several runs counts. Building the
program takes longest: it is built once, with all functions and every warning, so that this says too that
optimizing finds none (test_warnings leaves it to this).

The limits are seconds on a machine where <filesystem> alone takes 0.56 s: declarations 1.2 s,
everything 6.8 s, the program with -O2 80 s. They are there to show what grows. On a slower machine, or a
busy one, they grow with what <filesystem> costs there in the same moment; on a faster one they stay. The
first two are a tenth above what was measured; the program takes 112 to 134 times as long as <filesystem>,
by the machine and what else runs there, and may take 143."""

import os

from machine import ROOT, need_command
from support import MODES, Case, flags, processor_time

REFERENCE = 0.56
LIMITS = {'declarations': 1.2, 'default': 6.8, 'program': 80}


class Cost(Case):
    def compile(self, source, *options):
        return processor_time(need_command('g++'), '-std=c++17', '-I', ROOT, *options, '-c', source,
                              '-o', os.devnull)

    def test_including_and_building(self):
        alone = self.write('alone.cpp', '#include <filesystem>\n')
        using = self.write('using.cpp', '#include "venv.hpp"\n')
        runs = {'alone': lambda: self.compile(alone, '-O0'),
                'declarations': lambda: self.compile(using, '-O0', *MODES['declarations']),
                'default': lambda: self.compile(using, '-O0')}
        best = {name: min(run() for _ in range(3)) for name, run in runs.items()}
        best['program'] = self.compile(ROOT / 'examples' / 'venv.cpp', '-O2', *flags('g++'), *MODES['implementation'])
        slower = max(1, best['alone'] / REFERENCE)
        for name, seconds in best.items():
            print('%-13s %5.2f s  %5.2f times <filesystem>%s' % (
                name, seconds, seconds / best['alone'],
                ', allowed %.2f s' % (LIMITS[name] * slower) if name in LIMITS else ''), flush=True)
        for name, limit in LIMITS.items():
            with self.subTest(name=name):
                self.assertLessEqual(best[name], limit * slower)

    def test_nothing_is_compiled_that_is_not_used(self):
        source = self.write('using.cpp', '#include "venv.hpp"\n')
        for mode in ('default', 'declarations'):
            with self.subTest(mode=mode):
                self.succeed(need_command('g++'), '-std=c++17', '-O0', '-I', ROOT, *MODES[mode], '-c',
                             source, '-o', self.tmp / 'using.o')
                symbols = self.succeed(need_command('nm'), '--defined-only', self.tmp / 'using.o')
                self.assertNotIn('4venv', symbols)
