"""Runs a suite (a folder beside this file), or some of its tests:

    python3 tests/run.py pip
    python3 tests/run.py --program build/bin/venv compare test_reuse.Clear

Exit code 0; 1 where a test failed; 77 where none failed but something was skipped."""

import argparse
import os
import pathlib
import sys
import unittest

here = pathlib.Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument('--program', help='instead of that in the build directory')
suites = {path.parent.name for path in here.glob('*/test_*.py')} - {'activation'}  # pytest runs that
parser.add_argument('suite', choices=sorted(suites))
parser.add_argument('tests', nargs='*', help='modules, classes or methods; all without one')
arguments = parser.parse_args()

if arguments.program:
    os.environ['VENV_PROGRAM'] = os.path.abspath(arguments.program)
folder = here / arguments.suite
sys.path[:0] = [str(folder), str(here)]
sys.dont_write_bytecode = True
tests = arguments.tests or sorted(path.stem for path in folder.glob('test_*.py'))
result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromNames(tests))
if not result.testsRun:
    sys.exit('no tests')
for test, reason in result.skipped:
    print('SKIPPED: %s: %s' % (test.id(), reason))
sys.exit(1 if not result.wasSuccessful() else 77 if result.skipped else 0)
