"""A subclass killed at every seventh of its calls to the system: the next run makes it whole. All calls,
and with pip: tests/campaign subclass."""

import sys
import unittest

from machine import ROOT, need_traces, run

SCENARIOS = ('new', 'reused', 'replaced', 'upgraded', 'cleared')


class Kills(unittest.TestCase):
    def test_every_seventh_call(self):
        need_traces()
        only = [word for name in SCENARIOS for word in ('--only', 'subclass/%s/' % name)]
        done = run([sys.executable, '-B', ROOT / 'tests' / 'campaign', '--part', '1/7', *only],
                   timeout=1500)
        if done.code == 77:
            self.skipTest(done.out.splitlines()[0])
        self.assertEqual(done.code, 0, str(done))
        self.assertRegex(done.out, r'in all +\d{3,} cases, 0 failed')
