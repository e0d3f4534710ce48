"""clang-tidy finds nothing in the parts, the examples and the fuzzers, by the rules in .clang-tidy;
pyflakes finds nothing in what is written in Python."""

import concurrent.futures
import os
import sys

from machine import ROOT, need_command, pythons
from support import PROCESSORS, Case, run, sources


def python_headers():
    """The directory of some Python's `Python.h`, if there is one."""
    for python in pythons():
        said = run(python.path, '-I', '-c', 'import sysconfig; print(sysconfig.get_path("include"))').stdout.strip()
        if os.path.exists(said + '/Python.h'):
            return said
    return None


class Tidy(Case):
    def test_tidy(self):
        tidy = need_command('clang-tidy-19')
        umbrella = self.write('umbrella.cpp', '#include "venv.hpp"\n')
        self.succeed(sys.executable, ROOT / 'tools' / 'amalgamate.py', '--embed',
                     self.tmp / 'scripts' / 'embedded.hpp')
        parts = ['-I', ROOT / 'src', '-I', self.tmp]
        # The examples need declarations alone: the implementation is looked at once.
        single = ['-I', ROOT, '-DVENV_HEADER_ONLY=0']
        jobs = [(umbrella, parts)]
        jobs += [(source, parts) for source in sources('fuzz/*.cpp')]
        headers = python_headers()
        jobs += [(source, [*single, '-isystem', headers] if headers else single)
                 for source in sources('examples/*.cpp') if headers or source.name != 'embedded.cpp']

        def check(job):
            source, options = job
            return run(tidy, '--quiet', '--config-file=%s' % (ROOT / '.clang-tidy'), source, '--',
                       '-std=c++17', *options)

        with concurrent.futures.ThreadPoolExecutor(PROCESSORS) as pool:
            for (source, _), done in zip(jobs, pool.map(check, jobs)):
                with self.subTest(source=source.name):
                    self.assertEqual(done.returncode, 0, done.text)

    def test_python(self):
        self.succeed(need_command('pyflakes3', 'pyflakes'), *sources(
            'tests/**/*.py', 'tools/*.py', 'bench/*.py', 'src/scripts/*.py'))
