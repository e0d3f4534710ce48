"""What is defined after `#include "venv.hpp"` and was not before: the documented macros alone."""

import re

from machine import ROOT
from support import MODES, Case, compilers

DOCUMENTED = {'VENV_HPP', 'VENV_API', 'VENV_HEADER_ONLY', 'VENV_VERSION_MAJOR', 'VENV_VERSION_MINOR',
              'VENV_VERSION_PATCH'}


class Macros(Case):
    def defined(self, cxx, mode, text):
        source = self.write('use.cpp', text)
        output = self.succeed(cxx, '-std=c++17', '-I', ROOT, '-E', '-dM', *mode, source)
        return set(re.findall(r'^#define (\w+)', output, re.MULTILINE))

    def test_only_the_documented_macros_are_left(self):
        header = (ROOT / 'venv.hpp').read_text('utf-8')
        public, border, rest = header.partition('#endif // VENV_HPP')
        self.assertTrue(border)
        for cxx in compilers():
            for name, mode in MODES.items():
                with self.subTest(cxx=cxx, mode=name):
                    included = public if name == 'declarations' else header
                    system = ''.join('#if __has_include(<%s>)\n#include <%s>\n#endif\n' % (it, it)
                                     for it in re.findall(r'^\s*#\s*include <(.+)>', included, re.M)
                                     if it != 'windows.h')
                    ours = (self.defined(cxx, mode, '#include "venv.hpp"\n') -
                            self.defined(cxx, mode, system))
                    expected = set(DOCUMENTED)
                    if name != 'declarations':
                        expected.add('VENV_HPP_IMPLEMENTED')
                    given = {option[2:].partition('=')[0] for option in mode}
                    self.assertEqual(ours - given, expected - given)
