"""Each fuzzer runs for 5 seconds ($VENV_FUZZ_SECONDS) and finds nothing."""

import os

from machine import BUILD, ROOT
from support import Case, clang, run, sources


class Fuzz(Case):
    def test_nothing_is_found(self):
        clang()
        seconds = os.environ.get('VENV_FUZZ_SECONDS', '5')
        done = run(ROOT / 'fuzz' / 'run', seconds,
                   env=dict(os.environ, BUILD=str(BUILD / 'fuzz'), CXX=clang()))
        print(done.stdout, flush=True)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.count(' executions '), len(sources('fuzz/*.cpp')), done.stdout)
