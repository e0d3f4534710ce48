"""The program and what src/system promises, built by a cross compiler and run by wine, with a CPython
for Windows where tools/install could get one."""

import os
import shutil
import subprocess
import zipfile

from machine import BUILD, ROOT, need, need_command
from support import Case

CXX = 'x86_64-w64-mingw32-g++-posix'
# Its own modules would ask wine for what it has not (`_wmi`, by which `platform` asks), and wait.
LEFT_OUT = ('_wmi.pyd',)
# What distlib itself makes of a script for Windows, `wheel` being pip's; on Linux it has to be told.
DISTLIB = '''
import importlib, os, sys
wheel, folder, interpreter = sys.argv[1:]
sys.path.insert(0, wheel)
from pip._internal.operations.install import wheel as of_pip
from pip._vendor.distlib import scripts
os.name, sys.platform = 'nt', 'win32'
importlib.reload(scripts)
scripts.get_platform = lambda: 'win-amd64'
os.name = 'posix'
maker = scripts.ScriptMaker(None, folder)
maker._is_nt = maker.add_launchers = True
maker.script_template = of_pip.PipScriptMaker.script_template
maker._build_shebang = lambda executable, more: b'#!' + executable + more + b'\\n'
maker.clobber, maker.variants = True, {''}
maker.executable = scripts.enquote_executable(interpreter)
maker.make('pip = pip._internal.cli.main:main')
'''


def make_wheel(folder):
    """One whose program says where its environment lies."""
    files = {'demo.py': 'import sys\ndef main():\n    print(ascii(sys.prefix))\n',
             'demo-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n',
             'demo-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
             'demo-1.0.dist-info/entry_points.txt': '[console_scripts]\ndemo = demo:main\n'}
    with zipfile.ZipFile(folder / 'demo-1.0-py3-none-any.whl', 'w') as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
        wheel.writestr('demo-1.0.dist-info/RECORD', ''.join(name + ',,\n' for name in files))


class Wine(Case):
    """A Windows of the test's own, whose only drive besides C: is the test's folder."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for command in (CXX, 'wine'):
            need_command(command)

    def setUp(self):
        super().setUp()
        prefix = self.tmp / 'prefix'
        self.env = {'PATH': os.environ['PATH'], 'HOME': str(self.tmp), 'WINEPREFIX': str(prefix), 'WINEARCH': 'win64',
                    'WINEDEBUG': '-all', 'WINEDLLOVERRIDES': 'mscoree,mshtml=;winemenubuilder.exe=d',
                    'LC_ALL': 'C.UTF-8'}
        self.drive = self.tmp / 'drive'
        self.drive.mkdir()
        self.addCleanup(subprocess.run, ['wineserver', '-k'], env=self.env, check=False)
        self.wine('reg', 'add', r'HKCU\Software\Wine', '/v', 'Version', '/d', 'win10', '/f')
        (prefix / 'dosdevices' / 'z:').unlink()  # nothing here is to see the rest of the machine
        (prefix / 'dosdevices' / 'w:').symlink_to(self.drive)
        for folder in (prefix / 'drive_c' / 'users').glob('*/*'):
            if folder.is_symlink():
                folder.unlink()
                folder.mkdir()

    def wine(self, *words):
        """What it prints; the test fails with it when it fails. A pipe: wine's files fit no Python."""
        done = subprocess.run(['wine', *words], env=self.env, cwd=self.drive, timeout=600, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = done.stdout.decode('utf-8', 'replace').replace('\r\n', '\n')
        self.assertEqual(done.returncode, 0, '%s\n%s' % (words, text))
        return text

    def build(self, source, name):
        doctest = self.tmp / 'include'
        doctest.mkdir(exist_ok=True)
        if not (doctest / 'doctest').exists():  # and nothing else of this machine's
            (doctest / 'doctest').symlink_to('/usr/include/doctest')
        self.succeed(CXX, '-std=c++17', '-O0', '-Wa,-mbig-obj', '-pipe', '-static', '-Wall', '-Wextra',
                     '-Wpedantic', '-Werror', '-isystem', doctest, '-I', ROOT, ROOT / source, '-o', self.drive / name)


class System(Wine):
    def test_its_contracts(self):
        self.build('tests/windows/system.cpp', 'system.exe')
        print(self.wine(r'W:\system.exe').strip().splitlines()[-3])


class Environments(Wine):
    def setUp(self):
        super().setUp()
        jar = need(next(iter(BUILD.glob('tools/windows-python-*/*.jar')), None), 'a Python for Windows (tools/install)')
        inside = 'org/bytedeco/cpython/windows-x86_64/'
        with zipfile.ZipFile(jar) as archive:
            names = [name for name in archive.namelist() if name.startswith(inside)]
            archive.extractall(self.tmp / 'jar', names)
        shutil.move(self.tmp / 'jar' / inside, self.drive / 'base')
        for name in LEFT_OUT:
            (self.drive / 'base' / 'lib' / name).unlink()
        self.base = r'W:\base\python.exe'
        self.build('examples/venv.cpp', 'venv.exe')

    def venv(self, *words):
        return self.wine(r'W:\venv.exe', *words)

    def test_made_used_again_upgraded_and_cleared(self):
        env, name = self.drive / 'two words é', 'W:\\two words é'
        self.assertEqual(self.venv('--python', self.base, name), '')
        self.assertEqual({entry.name for entry in env.iterdir()},
                         {'.gitignore', 'CACHEDIR.TAG', 'Include', 'Lib', 'Scripts', 'pyvenv.cfg'})
        self.assertIn('home = W:\\base\n', (env / 'pyvenv.cfg').read_text('utf-8'))
        asked = 'import sys; print(ascii((sys.prefix, sys.base_prefix)))'
        prefixes = ascii((name, 'W:\\base'))
        self.assertEqual(self.wine(name + r'\Scripts\python.exe', '-c', asked).strip(), prefixes)
        self.assertRegex(self.wine(name + r'\Scripts\pip.exe', '--version'), r'^pip \d')
        self.check_script(env / 'Scripts' / 'pip.exe', name + r'\Scripts\python.exe')

        (env / 'Scripts' / 'pip.exe').write_bytes(b'MZ broken')
        self.venv('--python', self.base, name)
        self.check_script(env / 'Scripts' / 'pip.exe', name + r'\Scripts\python.exe')
        self.venv('--upgrade', name)
        self.assertEqual(self.wine(name + r'\Scripts\python.exe', '-c', asked).strip(), prefixes)

        (env / 'Lib' / 'mine.txt').write_text('mine')
        self.venv('--clear', '--without-pip', '--python', self.base, name)
        self.assertFalse((env / 'Lib' / 'mine.txt').exists())
        self.assertEqual(list((env / 'Scripts').glob('pip*')), [])
        self.assertEqual(self.wine(name + r'\Scripts\python.exe', '-c', asked).strip(), prefixes)
        self.assertEqual([left for left in self.drive.rglob('*') if 'venv.hpp-' in left.name], [])

    def test_one_that_can_be_moved(self):
        """Programs of pip's launcher run by the Python beside them, also those that pip installs later."""
        first, second = self.drive / 'made here', self.drive / "it's there \u00e9"
        self.venv('--relocatable', '--python', self.base, 'W:\\made here')
        self.assertIn('relocatable = true\n', (first / 'pyvenv.cfg').read_text('utf-8'))
        self.check_script(first / 'Scripts' / 'pip.exe', '<launcher_dir>\\python.exe')
        make_wheel(self.drive)
        self.wine('W:\\made here\\Scripts\\pip.exe', 'install', '-q', '--no-index', 'W:\\demo-1.0-py3-none-any.whl')
        first.rename(second)
        place = "W:\\it's there \u00e9"
        self.assertRegex(self.wine(place + '\\Scripts\\pip.exe', '--version'), r'^pip \d')
        self.assertEqual(self.wine(place + '\\Scripts\\demo.exe').strip(), ascii(place))
        self.assertEqual(self.venv('--check', '--relocatable', '--python', self.base, place), '')

    def check_script(self, script, interpreter):
        """It is, byte by byte, what distlib makes."""
        wheel = next((self.drive / 'base').glob('lib/ensurepip/_bundled/pip-*.whl'))
        folder = self.tmp / 'distlib'
        folder.mkdir(exist_ok=True)
        unpacked = self.tmp / 'wheel'
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        subprocess.run(['/usr/bin/python3', '-c', DISTLIB, unpacked, folder, interpreter], check=True,
                       env={'SOURCE_DATE_EPOCH': '315532800', 'PATH': os.environ['PATH'], 'TZ': 'UTC'})
        expected, = folder.glob('pip.exe')
        self.assertEqual(script.read_bytes(), expected.read_bytes())
