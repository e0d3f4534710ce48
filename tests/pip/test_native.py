"""Wheels laid out by the library against the same laid out by pip: file by file, mode by mode, RECORD line
by line."""

import os
import unittest
import zipfile

from compare_wheels import download, found_in
from machine import ask, need
from support import Case, newest, pythons, record_hash
from support_native import FEW, NATIVE, Both, differences, snapshot


class Wheel:
    """A wheel that says what each test wants it to say."""

    def __init__(self, name='demo', version='1.0', tag='py3-none-any', purelib=True, points='', info=None):
        self.name, self.version, self.tag = name, version, tag
        self.info = info or '%s-%s.dist-info/' % (name, version)
        self.data = '%s-%s.data/' % (name, version)
        self.files = []  # name, bytes, st_mode
        self.rows = {}   # other rows than those that are true
        self.lists_itself, self.order = True, None
        self.add(self.info + 'METADATA', 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' % (name, version))
        self.add(self.info + 'WHEEL', 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: %s\nTag: %s\n'
                 % (str(purelib).lower(), tag))
        if points:
            self.add(self.info + 'entry_points.txt', points)

    def add(self, name, text='', mode=0o100644):
        self.files.append((name, text if isinstance(text, bytes) else text.encode(), mode))
        return self

    def write(self, folder):
        folder.mkdir(parents=True)
        path = folder / ('%s-%s-%s.whl' % (self.name, self.version, self.tag))
        record = []
        for name, data, _ in self.files:
            if not name.endswith(('/', 'RECORD.jws')):
                field = '"%s"' % name.replace('"', '""') if set(name) & set(',"') else name
                record.append(self.rows.get(name, '%s,%s,%d' % (field, record_hash(data), len(data))))
        record += [self.info + 'RECORD,,'] if self.lists_itself else []
        if self.order:
            record.sort(key=self.order)
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as wheel:
            for name, data, mode in [*self.files, (self.info + 'RECORD', '\n'.join(record) + '\n', 0o100644)]:
                item = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
                item.external_attr = mode << 16
                wheel.writestr(item, data)
        return path


def every_place():
    wheel = Wheel(points='[console_scripts]\ndemo = demo:main\n[gui_scripts]\ndemo-gui = demo.gui:App.run [x]\n')
    wheel.add('demo/__init__.py', 'def main(): pass\n').add('demo/gui.py', 'class App:\n def run(): pass\n')
    for scheme in ('purelib', 'platlib', 'headers', 'data', 'scripts'):
        wheel.add('%s%s/of_%s.py' % (wheel.data, scheme, scheme), 'x = 1\n')
    wheel.add(wheel.data + 'data/share/man/man1/demo.1', 'man\n').add(wheel.data + 'data/etc/demo,"x".conf', '')
    wheel.add(wheel.data + 'purelib/demo/more.py', 'y = 2\n')
    return wheel


def scripts():
    wheel = Wheel('scripted', points='[console_scripts]\nwrapped = scripted:main\n')
    wheel.add('scripted.py', 'def main(): pass\n')
    texts = {'a': '#!python\nprint(1)\n', 'b.py': '#!pythonw -E\r\nprint(2)\n', 'c': '#!/bin/sh\n', 'd': '', 'e': '#!python',
             'f': '#!python3.8 -s\n\n', 'wrapped': '#!python\n', 'wrapped-script.py': '#!python\n', 'Wrapped': 'x\n'}
    for number, (name, text) in enumerate(texts.items()):
        wheel.add(wheel.data + 'scripts/' + name, text, 0o100755 if number % 2 else 0o100644)
    return wheel.add(wheel.data + 'scripts/folder/inner', '#!python\n')


def modes():
    wheel = Wheel('modal').add('modal/__init__.py')
    for mode in (0o100755, 0o100700, 0o100644, 0o100600, 0o100444, 0o100711, 0o100001, 0, 0o755, 0o104755, 0o100666):
        wheel.add('modal/m%o' % mode, 'x', mode)
    return wheel.add('modal/', mode=0o40755).add('empty/', mode=0o40755)


def names():
    wheel = Wheel('Od.d_Name', '1.0.post1').add('O_d/__init__.py').add('a b.py', 'z = 1\n').add('nul.txt', 'x')
    for name in ("it's.txt", 'a,b.txt', 'a"b.txt', 'a+b', 'a', 'aux.py', 'ünï/cödé.py', 'x:y', 'A', 'x.y.py', 'dash-ed.py',
                 'q?.txt', '.hidden', 'dir./x', '__pycache__/shipped.txt'):
        wheel.add('O_d/' + name, '# %s\n' % len(name))
    return wheel


def record_rows():
    wheel = Wheel('rows').add('rows.py', 'x = 1\n').add('rows/b.txt', 'b').add('rows+.txt', 'c')
    wheel.rows['rows/b.txt'] = 'rows/b.txt,%s,' % record_hash(b'b')  # the size may be left out
    wheel.add(wheel.info + 'RECORD.jws', 'signature')
    wheel.lists_itself = False
    wheel.order = lambda row: row[::-1]
    return wheel


def modules():
    wheel = Wheel('mods').add('mods/__init__.py', 'x = 1\n').add('mods/wrong.py', 'def (:\n').add('mods/nul.py', b'x = "\0"\n')
    wheel.add('mods/latin.py', '# -*- coding: latin-1 -*-\nx = "é"\n'.encode('latin-1')).add('mods/bad.py', b'x = "\xff"\n')
    wheel.add('mods/deep.py', 'x = ' + '(' * 150 + ')' * 150 + '\n').add('mods/empty.py').add('mods/run.py', '', 0o100755)
    return wheel.add('mods/x.PY', 'x = 1\n').add('mods/templates/t.py', '{{ this is no Python }}\n')


def compiled():
    wheel = Wheel('native', tag='py3-none-linux_x86_64', purelib=False).add('native/__init__.py').add('native/lib.so', b'\x7fELF', 0o100755)
    return wheel.add(wheel.data + 'data/bin/tool', b'\x7fELF', 0o100755)


def spelled_otherwise():
    wheel = Wheel('Spelled_Otherwise', '1.0.0', info='spelled_otherwise-1.0.dist-info/').add('spelled.py', 'x = 1\n')
    return wheel


CRAFTED = (every_place, scripts, modes, names, record_rows, modules, compiled, spelled_otherwise)


class NativeCase(Case):
    def setUp(self):
        super().setUp()
        need(os.path.exists(NATIVE), 'the program of the tests (build/bin/pip_native)')

    def both(self, python):
        folder = self.tmp / 'both'
        folder.mkdir()
        return Both(python, folder, self.environment())

    def write(self, wheel, folder='wheel'):
        self.count = getattr(self, 'count', 0) + 1
        return wheel.write(self.tmp / ('%s%d' % (folder, self.count)))

    def assert_same(self, both, *wheels):
        self.assertEqual(both.compare(*wheels), [])
        self.assertNotEqual(snapshot(both.env_dir), snapshot(both.seed))


class Crafted(NativeCase):
    def check_all(self, python):
        self.tmp = self.tmp / os.path.basename(os.path.dirname(os.path.dirname(python)))
        folder, wheels = self.tmp / 'all', []
        folder.mkdir(parents=True)
        for maker in CRAFTED:
            path = self.write(maker())
            wheels.append(path.rename(folder / path.name))
        self.assertEqual(self.both(python).compare_all(wheels, folder), [])

    def test_newest(self):
        self.check_all(newest().path)

    def test_oldest(self):
        self.check_all(next(python for python in pythons() if python.version >= (3, 8)).path)

    def test_those_between(self):
        for python in [python for python in pythons() if (3, 8) <= python.version][1:-1]:
            with self.subTest(python=python.path):
                self.check_all(python.path)

    def test_pypy(self):
        python = ask(need(next((path for path in ('/usr/bin/pypy3', '/usr/local/bin/pypy3')
                                if os.path.exists(path)), None), 'pypy3'))
        need(self.execute(python.path, '-c', 'import ensurepip, venv').code == 0, 'pypy3\'s ensurepip')
        self.check_all(python.path)

    def test_long_paths_and_blanks(self):
        self.tmp = self.tmp / 'a long path' / ('x' * 100)  # pip's own quoting fails for ' and $
        self.tmp.mkdir(parents=True)
        self.assert_same(self.both(newest().path), self.write(every_place()), self.write(scripts()))

    def test_upgrades(self):
        both = self.both(newest().path)
        old = Wheel(version='0.9', points='[console_scripts]\nold = demo:main\n').add('demo/__init__.py', 'x = 0\n')
        old.add('demo/gone/x.py', 'x\n').add(old.data + 'data/share/old/x', '').add(old.data + 'scripts/gone', '#!python\n')
        self.assert_same(both, self.write(old), self.write(every_place()))
        # With bytecode that another Python made meanwhile, and a file of the user's.
        first, second = self.write(every_place()), self.write(Wheel(version='2.0').add('demo/__init__.py', 'x = 2\n'))
        found = []
        for install in (both.by_pip, both.by_us):
            install([first])
            site, = both.env_dir.glob('lib/*/site-packages')
            (site / 'demo' / 'own.txt').write_text('mine')
            (site / 'demo' / '__pycache__' / ('gui.%s.opt-1.pyc' % newest().name.replace('python3.', 'cpython-3'))).write_bytes(b'x' * 20)
            both.fresh, fresh = (lambda: None), both.fresh
            try:
                install([second])
            finally:
                both.fresh = fresh
            found.append(snapshot(both.env_dir))
        # pip leaves the bytecode of other optimizations, which nothing reads without its module, and some
        # directories that are empty.
        left = [line for line in differences(*found) if line.endswith(', ours None')]
        self.assertEqual(differences(*found), left)
        self.assertEqual([line for line in left if '.opt-1.pyc' not in line and 'pip directory' not in line], [])

    def test_namespaces_and_shared_files(self):
        both = self.both(newest().path)
        one, two = Wheel('one'), Wheel('two')
        for wheel in (one, two):
            wheel.add('space/%s/__init__.py' % wheel.name, 'x = 1\n').add('tests/__init__.py', '# %s\n' % wheel.name)
            wheel.add(wheel.data + 'data/share/common/%s' % wheel.name, '')
        wheels = self.write(one), self.write(two)
        self.assert_same(both, *wheels)
        said = both.must('native', [NATIVE, 'lay', both.env_dir, wheels[0]])
        self.assertEqual(said, '')
        done = self.execute(NATIVE, 'lay', both.env_dir, wheels[1])
        self.assertEqual((done.code, done.err), (0, ''))

    def test_what_is_required(self):
        """A whole installation: the same distributions as pip's, each requested or not."""
        both = self.both(newest().path)
        folder = self.tmp / 'found'
        for name, version, requires in (('top', '1.0', ['Mid.dle[more]>1', 'none; python_version < "3"']),
                                        ('mid_dle', '1.0', []), ('mid_dle', '2.0', ['leaf; extra == "more"']),
                                        ('leaf', '1.0', []), ('leaf', '2.0rc1', [])):
            wheel = Wheel(name, version).add('%s_module.py' % name, 'x = 1\n')
            wheel.add(wheel.data + 'headers/%s.h' % name, '')
            text = ''.join('Requires-Dist: %s\n' % one for one in requires)
            if name == 'mid_dle':
                text += 'Provides-Extra: more\n'
            wheel.files[0] = (wheel.files[0][0], wheel.files[0][1] + text.encode(), 0o100644)
            path = self.write(wheel)
            folder.mkdir(exist_ok=True)
            path.rename(folder / path.name)
        both.fresh()
        both.pip('install', '-q', '--no-index', '--find-links', folder, 'top')
        expected = snapshot(both.env_dir)
        both.fresh()
        said = both.must('native', [NATIVE, 'install', both.env_dir, folder, 'top'])
        self.assertEqual(said, 'installed leaf 1.0\ninstalled mid_dle 2.0\ninstalled top 1.0\n')
        self.assertEqual(differences(expected, snapshot(both.env_dir)), [])


class Real(NativeCase):
    """Wheels from an index, when one can be reached."""

    def test_a_few(self):
        python = newest()
        folder = self.tmp / 'downloads'
        # Reaches an index as the user is configured to, whose home is another one than the test's.
        download(python.path, folder, FEW[:1])
        need(found_in(folder), 'an index of packages that can be reached')
        download(python.path, folder, FEW[1:])
        wheels = list(found_in(folder).values())
        self.assertGreaterEqual(len(wheels), 20)
        self.assertEqual(self.both(python.path).compare_all(wheels, folder), [])


if __name__ == '__main__':
    unittest.main()
