"""What tests/windows/trees.txt says that CPython's own `venv` makes on Windows is what the one of that release makes,
where it is on this machine. The plan is compared with the file by tests/test_plan_windows.cpp."""

import re

from machine import BUILD, PYENV, ROOT, need_pyenv
from support import Case


class Trees(Case):
    def test_what_was_recorded(self):
        folder = ROOT / 'tests' / 'windows'
        text = (folder / 'trees.txt').read_text('utf-8')
        self.assertEqual(sorted({line.split()[1].rpartition('.')[0] for line in text.splitlines() if line[0] == '#'}),
                         ['3.11', '3.12', '3.13', '3.14', '3.8'])
        compared = 0
        for python in [*(PYENV / 'versions').glob('3.*/bin/python'),
                       *BUILD.glob('tools/sid-pythons/usr/bin/python3.1?')]:
            version = self.succeed(python, '-I', '-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])').strip()
            recorded = ''.join(re.findall(r'(?m)^# %s .*\n(?:[^#].*\n)+' % re.escape(version), text))
            if recorded:
                compared += 1
                self.assertEqual(self.succeed(python, '-I', '-B', folder / 'record.py'), recorded, version)
        need_pyenv(compared, 'a CPython of a release that trees.txt has')
        print('compared: %d releases' % compared)
