"""The program compiles for systems that aren't here, by zig's clang, which brings headers and libraries of
each: for those that differ most.

VENV_ZIG_WHOLE=1: for all, and they are linked too, and where this machine runs what comes of it, it makes the same
environments as the native one. For each system that compiles a C++ library once, for minutes."""

import concurrent.futures
import os

from machine import BUILD, PATH, PROGRAM, ROOT, everything, need, need_command, wipe
from machine import run as run_program
from support import MODES, PROCESSORS, Case

WHOLE = os.environ.get('VENV_ZIG_WHOLE') == '1'
# By that machine's own name for itself: how it is run.
SYSTEMS = {'x86_64-linux-musl': (), 'aarch64-linux-musl': ('qemu-aarch64',), 'aarch64-macos': None,
           'x86_64-macos': None, 'x86_64-freebsd': None, 'x86_64-windows-gnu': None}
CHOSEN = tuple(SYSTEMS) if WHOLE else ('aarch64-linux-musl', 'aarch64-macos', 'x86_64-freebsd')
FLAGS = ('-std=c++17', '-O0', '-fno-sanitize=undefined', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow',
         '-Wtype-limits', '-Werror', '-I', ROOT)


class Zig(Case):
    def setUp(self):
        super().setUp()
        python = need(next(iter(BUILD.glob('tools/zig-*/bin/python')), None), 'ziglang (tools/install)')
        self.zig = (python, '-m', 'ziglang', 'c++')
        cache = str(BUILD / 'zig')  # what is made for a system serves all later runs
        self.env = dict(os.environ, ZIG_GLOBAL_CACHE_DIR=cache, ZIG_LOCAL_CACHE_DIR=str(self.tmp / 'zig'))

    def compile(self, system, source, *options):
        made = self.tmp / ('%s %s.o' % (source.stem, system))
        self.succeed(*self.zig, '-target', system, *FLAGS, *options, '-c', source, '-o', made, env=self.env)
        return made

    def test_the_program_compiles_and_links(self):
        with concurrent.futures.ThreadPoolExecutor(PROCESSORS) as pool:
            objects = {system: pool.submit(self.compile, system, ROOT / 'examples' / 'venv.cpp') for system in CHOSEN}
        for system in CHOSEN:
            with self.subTest(system=system):
                made = objects[system].result()
                if not WHOLE:
                    continue
                program = self.tmp / ('venv of ' + system)
                self.succeed(*self.zig, '-target', system, made, '-o', program, env=self.env)
                if SYSTEMS[system] is not None:
                    self.makes_the_same([*map(need_command, SYSTEMS[system]), program])

    def makes_the_same(self, command):
        """An environment with pip, nothing remembered, and one from what is remembered."""
        own = need(os.path.exists(PROGRAM) and PROGRAM, 'the program')
        for _ in range(2):
            self.assertEqual(self.environment(command, 'theirs'), self.environment([own], 'own'))

    def environment(self, command, cache):
        place = self.tmp / 'the same place'
        wipe(place)
        done = run_program([*command, '--python', '/usr/bin/python3', place],
                           env={'PATH': PATH, 'HOME': str(self.tmp), 'XDG_CACHE_HOME': str(self.tmp / cache),
                                'SOURCE_DATE_EPOCH': '1600000000'})
        self.assertEqual((done.code, done.out, done.err), (0, '', ''), command)
        return everything(place)

    def test_declarations_compile_for_macos(self):
        """As users include them, who define the functions elsewhere."""
        source = self.write('use.cpp', '#include "venv.hpp"\n')
        self.compile('aarch64-macos', source, *MODES['declarations'])
