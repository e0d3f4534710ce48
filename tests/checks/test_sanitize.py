"""The tests of the parts, and the program, on functions compiled with the address and the
undefined-behaviour sanitizer (and the leak sanitizer, where the machine lets it trace); many threads under
the thread sanitizer."""

import os
import shutil
import sys

from machine import BUILD, ROOT, need_command, pythons
from support import PROCESSORS, Case, run


class Sanitize(Case):
    def test_everything(self):
        self.succeed(need_command('cmake'), '--build', BUILD, '-j', PROCESSORS, '--target', 'test_sanitized',
                     'program_sanitized')
        # With AddressSanitizer the process that watches a child is a copy of the host, so its size counts.
        self.succeed(BUILD / 'tests' / 'test_sanitized', '--test-suite-exclude=long',
                     '--test-case-exclude=*a host with 1 GB of memory*')
        # The program as a whole: what it makes, and what it refuses.
        program = BUILD / 'tests' / 'program_sanitized'
        env_dir = self.tmp / 'made'
        for options in ((), ('--clear', '--without-pip'), ('--upgrade',), ('--no-cache',)):
            with self.subTest(options=options):
                self.succeed(program, '--python', sys.executable, *options, env_dir)
        self.succeed(env_dir / 'bin' / 'python', '-m', 'pip', '--version')
        compared = run(sys.executable, ROOT / 'tests' / 'run.py', '--program', program, 'compare',
                       'test_command_line', 'test_refusals')
        self.assertIn(compared.returncode, (0, 77), compared.text)

    def test_threads(self):
        program = self.tmp / 'threads'
        self.succeed(need_command('g++'), '-std=c++17', '-O0', '-g', '-fsanitize=thread', '-I', ROOT,
                     ROOT / 'tests' / 'trials' / 'threads.cpp', '-o', program, '-pthread')
        found = [python.path for python in pythons()]
        environment = {**os.environ, 'XDG_CACHE_HOME': str(self.tmp / 'cache')}
        several = self.tmp / 'of several'  # which are asked at once
        self.succeed(program, '>=3.6', '>=3.6', several, env={**environment, 'XDG_CACHE_HOME': str(self.tmp / 'other')})
        self.succeed(several / 'bin' / 'python', '-c', '')
        for _ in range(2):  # nothing is remembered, then all is
            folders = [self.tmp / ('thread %d' % i) for i in range(6)]
            self.succeed(program, found[0], found[-1], *folders, env=environment)
            for folder in folders:
                self.succeed(folder / 'bin' / 'python', '-c', '')
                shutil.rmtree(folder)
