"""Each part compiles by itself: it includes all that it uses."""

import concurrent.futures
import sys

from machine import ROOT, need_command
from support import FLAGS, PROCESSORS, Case, run, sources


class Alone(Case):
    def test_each_part(self):
        self.succeed(sys.executable, ROOT / 'tools' / 'amalgamate.py', '--embed',
                     self.tmp / 'scripts' / 'embedded.hpp')
        # The files of a platform are included by their contracts.
        parts = [path for path in sources('src/*.hpp', 'src/*/*.hpp')
                 if path.name.count('.') == 1 and path.name != 'undef.hpp']
        self.assertGreater(len(parts), 100)
        with concurrent.futures.ThreadPoolExecutor(PROCESSORS) as pool:
            for part, done in zip(parts, pool.map(self.compile, parts)):
                with self.subTest(part=part):
                    self.assertEqual(done.returncode, 0, done.text)

    def compile(self, part):
        # As in the file that holds the functions: those of a class lie in several parts.
        return run(need_command('g++'), '-std=c++17', *FLAGS, '-DVENV_HEADER_ONLY=0', '-fsyntax-only',
                   '-I', ROOT / 'src', '-I', self.tmp, '-include', part, '-x', 'c++', '/dev/null')

    def test_a_missing_include_would_be_seen(self):
        part = self.write('part.hpp', '#pragma once\ninline std::string text() { return {}; }\n')
        done = self.compile(part)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r'string\W+ in namespace')
