"""What the tests share: where tools/pythons put what it installed, and how a suite is run with other
Pythons than the machine's."""

import os
import pathlib
import sys
import unittest

from machine import BUILD, ROOT, need, run

FOLDER = pathlib.Path(os.environ.get('VENV_PYTHONS_DIR') or ROOT / 'build' / 'pythons')
STATIC_PROGRAM = BUILD / 'bin' / 'venv-static'
STATIC_LOGGER = BUILD / 'bin' / 'hooks_logger-static'


def need_installed(pattern, why):
    """The one path below the folder that fits; what tools/pythons noted is part of the reason."""
    found = sorted(FOLDER.glob(pattern))
    try:
        why += ': ' + (FOLDER / 'failed').read_text('utf-8').strip().replace('\n', '; ')
    except OSError:
        pass
    return need(found, '%s (tools/pythons) %s' % (pattern, why))[-1]


class Case(unittest.TestCase):
    def run_suite(self, suite, *tests, pythons, command=(sys.executable,), folder=ROOT,
                  program=STATIC_PROGRAM, **changes):
        """Runs tests of another suite with these Pythons; `command` starts Python where `folder` is
        the project's; `changes` are variables."""
        need(STATIC_PROGRAM.exists(), '%s (cmake --build --target venv_static)' % STATIC_PROGRAM)
        environment = {**os.environ, 'VENV_PYTHONS': os.pathsep.join(map(str, pythons)),
                       'PYTHONDONTWRITEBYTECODE': '1', **changes}
        environment.pop('VENV_ABILITIES', None)  # they may be others there
        done = run([*command, pathlib.Path(folder, 'tests', 'run.py'), '--program', program, suite,
                    *tests], timeout=1700, env=environment)
        for line in done.out.splitlines():
            print(line)
        self.assertIn(done.code, (0, 77), done.err[-20000:])
