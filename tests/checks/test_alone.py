"""Each part compiles by itself: it includes all that it uses.

What a part includes need not be compiled by itself as well: of parts that include one another one run of the compiler
compiles first the one that is included by all others, and so on. Before each lies nothing then that it doesn't
include itself."""

import concurrent.futures
import re
import sys

from machine import ROOT, need_command
from support import FLAGS, PROCESSORS, Case, run, sources


def included(part, known):
    """What a part includes, and what that does; `known` are those that were asked for."""
    if part not in known:
        known[part] = set()
        for name in re.findall(r'(?m)^ *# *include "(.+)"', part.read_text('utf-8')):
            other = (part.parent / name).resolve()
            if other.exists(): # the scripts lie elsewhere
                known[part] |= {other} | included(other, known)
    return known[part]


def chains(parts):
    """All parts, once each, in lists: each is included by the next one."""
    known, found = {}, []
    for part in sorted(parts, key=lambda part: -len(included(part, known))):
        fitting = [chain for chain in found if part in included(chain[0], known)]
        if fitting:
            min(fitting, key=lambda chain: len(included(chain[0], known))).insert(0, part)
        else:
            found.append([part])
    return found


class Alone(Case):
    def test_each_part(self):
        self.succeed(sys.executable, ROOT / 'tools' / 'amalgamate.py', '--embed',
                     self.tmp / 'scripts' / 'embedded.hpp')
        # The files of a platform are included by their contracts.
        parts = [path for path in sources('src/*.hpp', 'src/*/*.hpp')
                 if path.name.count('.') == 1 and path.name != 'undef.hpp']
        self.assertGreater(len(parts), 100)
        runs = chains(parts)
        self.assertEqual(sorted(sum(runs, [])), sorted(parts))
        with concurrent.futures.ThreadPoolExecutor(PROCESSORS) as pool:
            for chain, done in zip(runs, pool.map(self.compile, runs)):
                with self.subTest(parts=[str(part.relative_to(ROOT)) for part in chain]):
                    self.assertEqual(done.returncode, 0, done.text)

    def compile(self, parts):
        # As in the file that holds the functions: those of a class lie in several parts.
        return run(need_command('g++'), '-std=c++17', *FLAGS, '-DVENV_HEADER_ONLY=0', '-fsyntax-only',
                   '-I', ROOT / 'src', '-I', self.tmp, *sum((['-include', part] for part in parts), []),
                   '-x', 'c++', '/dev/null')

    def test_a_missing_include_would_be_seen(self):
        part = self.write('part.hpp', '#pragma once\ninline std::string text() { return {}; }\n')
        done = self.compile([part])
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r'string\W+ in namespace')
        # The last one includes all before it; another one would not have been compiled before.
        names = ('first', '#include <vector>'), ('second', '#include "first.hpp"'), ('third', '#include "second.hpp"')
        one, two, three = parts = [self.write(name + '.hpp', '#pragma once\n%s\n' % text).resolve()
                                   for name, text in names]
        self.assertEqual(chains([three, *parts[:2], part]), [parts, [part]])
        self.assertEqual(included(three, {}), {one, two})
