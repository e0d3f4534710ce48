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

# That an environment's Python is what was asked for, however that is reached.
INDIRECTIONS = ('test_pythons.Indirections',
                'test_pythons.Homes.test_a_link_from_a_directory_without_a_library_stays_while_it_works',
                'test_pythons.Homes.test_an_environment_s_home_that_leads_through_a_link')


def all_installed(pattern, why, folder=FOLDER, maker='tools/pythons'):
    """The paths below the folder that fit; what their maker noted is part of the reason."""
    found = sorted(folder.glob(pattern))
    try:
        why += ': ' + (folder / 'failed').read_text('utf-8').strip().replace('\n', '; ')
    except OSError:
        pass
    return need(found, '%s (%s) %s' % (pattern, maker, why))


def need_installed(*pattern_and_why):
    """The last of them."""
    return all_installed(*pattern_and_why)[-1]


def name_in_tests(python):
    """What tests/pip calls a Python in the names of its tests."""
    return str(python).strip('/').replace('/', '_').replace('.', '_')


class Case(unittest.TestCase):
    def run_suite(self, suite, *tests, pythons, command=(sys.executable,), folder=ROOT,
                  program=STATIC_PROGRAM, **changes):
        """Runs tests of another suite with these Pythons; `command` starts Python where `folder` is
        the project's; `changes` are variables."""
        if program == STATIC_PROGRAM:
            need(STATIC_PROGRAM.exists(), '%s (cmake --build --target venv_static)' % STATIC_PROGRAM)
        environment = {**os.environ, 'VENV_PYTHONS': os.pathsep.join(map(str, pythons)),
                       'PYTHONDONTWRITEBYTECODE': '1', **changes}
        environment.pop('VENV_ABILITIES', None)  # they may be others there
        done = run([*command, pathlib.Path(folder, 'tests', 'run.py'), '--program', program, suite,
                    *tests], timeout=1700, env=environment)
        for line in done.out.splitlines():
            print(line)
        self.assertIn(done.code, (0, 77), done.err[-20000:])
