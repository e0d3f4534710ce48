"""What the checks share: running commands, and what is missing."""

import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import unittest

from machine import BUILD, ROOT, need, need_command

FLAGS = ('-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-Wold-style-cast',
         '-Wnull-dereference', '-Weffc++', '-Wswitch-default', '-Wtype-limits',
         '-Wframe-larger-than=16384', '-Werror')
MODES = {'default': (), 'declarations': ('-DVENV_HEADER_ONLY=0',),
         'implementation': ('-DVENV_HEADER_ONLY=0', '-DVENV_IMPLEMENTATION')}
PROCESSORS = len(os.sched_getaffinity(0))


def compilers():
    """g++ and the newest clang++ that there is."""
    return need_command('g++'), clang()


def clang():
    return need_command('clang++-19', 'clang++')


def flags(cxx):
    """The warnings that projects compile with, those included that one compiler alone knows."""
    return FLAGS + (('-Wcomma',) if 'clang' in cxx else ('-Wuseless-cast',))


def functions():
    """Every function of the header, which the build compiles once for all (venv_compiled)."""
    made = BUILD / 'tests' / 'CMakeFiles' / 'venv_compiled.dir' / 'linking' / 'implementation.cpp.o'
    return need(made.exists() and made, 'what the build compiles (cmake --build --target venv_compiled)')


def run(*arguments, **options):
    """Runs a command; its output is in the result's `stdout`, and part of the failure."""
    arguments = [str(argument) for argument in arguments]
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding='utf-8', errors='replace', **options)
    done.text = '$ %s\n%s' % (' '.join(arguments), done.stdout)
    return done


def processor_time(*arguments):
    """Seconds that a command and its children computed: unlike the clock's, neighbours on the same
    machine hardly change it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(argument) for argument in arguments], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def sources(*patterns):
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.tmp = pathlib.Path(tempfile.mkdtemp(prefix='venv check '))
        self.addCleanup(shutil.rmtree, self.tmp, ignore_errors=True)

    def succeed(self, *arguments, **options):
        done = run(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.text)
        return done.stdout

    def fail_with(self, text, *arguments, **options):
        done = run(*arguments, **options)
        self.assertNotEqual(done.returncode, 0, done.text)
        self.assertIn(text, done.stdout)

    def write(self, name, text):
        path = self.tmp / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding='utf-8')
        return path
