"""Runs the tests of this directory, or the named ones (`test_equal`, `test_equal.Equal.test_umask`):

    python3 tests/pip/run.py [--program build/bin/venv] [TEST...]

Exit code 0; 1 where a test failed; 77 where none failed but something was skipped."""

import argparse
import os
import pathlib
import sys
import unittest

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument('--program', default=os.environ.get(
    'VENV_PROGRAM', str(here.parents[1] / 'build' / 'bin' / 'venv')))
parser.add_argument('tests', nargs='*', default=sorted(path.stem for path in here.glob('test_*.py')))
arguments = parser.parse_args()

os.environ['VENV_PROGRAM'] = os.path.abspath(arguments.program)
sys.path.insert(0, str(here))
sys.dont_write_bytecode = True
suite = unittest.defaultTestLoader.loadTestsFromNames(arguments.tests)
result = unittest.TextTestRunner(verbosity=2).run(suite)
if not result.testsRun:
    sys.exit('no tests')
for test, reason in result.skipped:
    print('SKIPPED: %s: %s' % (test.id(), reason))
sys.exit(1 if not result.wasSuccessful() else 77 if result.skipped else 0)
