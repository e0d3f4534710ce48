"""The header compiles for macOS, by a cross compiler: it is never run there."""

from machine import BUILD, ROOT, need
from support import MODES, Case


class MacOS(Case):
    def test_it_compiles(self):
        python = need(next(iter(BUILD.glob('tools/zig-*/bin/python')), None),
                      'ziglang (tools/install)')
        source = self.write('use.cpp', '#include "venv.hpp"\n')
        for target, modes in (('aarch64-macos', ('declarations', 'default')), ('x86_64-macos', ('implementation',))):
            for name in modes:
                with self.subTest(target=target, mode=name):
                    self.succeed(python, '-m', 'ziglang', 'c++', '-target', target, '-std=c++17',
                                 '-Wall', '-Wextra', '-Werror', '-I', ROOT, *MODES[name], '-c', source,
                                 '-o', self.tmp / 'use.o')
