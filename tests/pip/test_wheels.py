"""Where wheels come from, and what happens where there is none that can be used."""

import os
import pathlib
import shutil

from machine import PROGRAM, ask, need, need_mounts, need_pyenv, wipe
from support import (Case, bundled_wheel, has_setuptools, installed, newest, oldest, pythons,
                     site_packages_of, small_pip, system_python)


class WheelCase(Case):
    shares_cache = True

    def version_in(self, env_dir):
        return self.succeed(env_dir / 'bin' / 'pip', '--version').out.split()[1]

    def bundled_version(self, python):
        return bundled_wheel(python).name.split('-')[1]


class Wheels(WheelCase):
    def test_the_caller_s_directory_comes_first(self):
        python = newest()
        own = self.tmp / 'own'
        for version in ('0.5', '997.0', '997.0.1', '997.0rc1'):
            small_pip(own, version)
        for directory, cwd in ((own, '/'), ('own', self.tmp), ('./x/../own/', self.tmp)):
            with self.subTest(directory):
                self.make(python, '--pip-wheel-dir=%s' % directory, cwd=cwd)
                self.assert_works(self.env_dir, '997.0.1')
                wipe(self.env_dir)
        for name in own.glob('pip-99*'):
            name.unlink()
        self.make(python, '--pip-wheel-dir=%s' % own)  # even an older one: the caller says so
        self.assert_works(self.env_dir, '0.5')

    def test_a_directory_without_wheels_falls_through(self):
        python = newest()
        empty = self.tmp / 'empty'
        empty.mkdir()
        (empty / 'pip.whl').write_text('no wheel by its name')
        (empty / 'pip-1.0-cp313-cp313-linux_x86_64.whl').write_text('not for every Python')
        (empty / 'piper-9.0-py3-none-any.whl').write_text('another project')
        for directory in (empty, self.tmp / 'missing', empty / 'pip.whl'):
            with self.subTest(directory):
                self.make(python, '--pip-wheel-dir=%s' % directory)
                self.assert_works(self.env_dir, self.bundled_version(python))
                wipe(self.env_dir)

    def test_what_is_named_like_a_wheel_and_is_none_falls_through(self):
        python = newest()
        own = self.tmp / 'own'
        (own / 'pip-999.0-py3-none-any.whl').mkdir(parents=True)
        (own / 'pip-998.0-py3-none-any.whl').symlink_to('nothing')
        os.mkfifo(own / 'pip-996.0-py3-none-any.whl')
        self.make(python, '--pip-wheel-dir=%s' % own)
        self.assert_works(self.env_dir, self.bundled_version(python))
        small_pip(own, '0.5')
        wipe(self.env_dir)
        self.make(python, '--pip-wheel-dir=%s' % own)
        self.assert_works(self.env_dir, '0.5')

    def test_a_wheel_for_other_pythons_falls_through(self):
        python = newest()
        own = self.tmp / 'own'
        other = {'997.0': '<%d.%d' % python.version[:2], '998.0': '>=%d.%d.%d' % (
            *python.version[:2], python.version[2] + 1), '0.5': '==%d.%d.*' % python.version[:2]}
        for version, pythons_of_it in other.items():
            def change(files):
                name, = (name for name in files if name.endswith('dist-info/METADATA'))
                files[name] += b'Requires-Python: %s\n' % pythons_of_it.encode()
            small_pip(own, version, change)
        for expected in ('0.5', self.bundled_version(python)):
            for _ in range(2):  # cold and remembered
                self.make(python, '--pip-wheel-dir=%s' % own)
                self.assert_works(self.env_dir, expected)
                wipe(self.env_dir)
            wipe(own / 'pip-0.5-py3-none-any.whl')

    def test_the_latest_build_wins(self):
        python = newest()
        own = self.tmp / 'own'
        for build in ('-10', '-2', '-9b', ''):
            def change(files):
                files['build.txt'] = build.encode()
            wheel = small_pip(own, '997.0', change)
            wheel.rename(own / ('pip-997.0%s-py3-none-any.whl' % build))
        for build in ('-10', '-9b', '-2', ''):
            self.make(python, '--pip-wheel-dir=%s' % own)
            self.assertEqual((site_packages_of(self.env_dir) / 'build.txt').read_text(), build)
            wipe(self.env_dir)
            wipe(own / ('pip-997.0%s-py3-none-any.whl' % build))

    def test_setuptools_below_3_12(self):
        # Each is looked for by itself: what is not where the caller says comes from the base.
        for python in pythons():
            if not has_setuptools(python) or python is not oldest():
                continue
            own = self.tmp / 'own'
            small_pip(own, '997.0')
            self.make(python, '--pip-wheel-dir=%s' % own)
            self.assert_works(self.env_dir, '997.0')
            self.assert_whole(self.env_dir, 'setuptools')

    def test_names_that_are_spelled_otherwise(self):
        # The file's name and the metadata's directory may differ in case and form.
        python = newest()
        wheel = small_pip(self.tmp / 'own', '997.0')
        wheel.rename(wheel.with_name('Pip-997-py3-none-any.whl'))
        for _ in range(2):
            self.make(python, '--pip-wheel-dir=%s' % (self.tmp / 'own'))
            names = [path.name for path in site_packages_of(self.env_dir).glob('[Pp]ip-*')]
            self.assertEqual(names, ['pip-997.0.dist-info'])
            self.assert_works(self.env_dir, '997.0')
            wipe(self.env_dir)

    def damaged(self, python, how):
        wheel = small_pip(self.tmp / 'damaged', '997.0')
        data = bytearray(wheel.read_bytes())
        if how == 'cut':
            del data[len(data) // 2:]
        if how == 'empty':
            data.clear()
        if how == 'text':
            data[:] = b'<html>not found</html>'
        if how == 'content':
            data[len(data) // 3] ^= 0x10
        wheel.write_bytes(data)
        return wheel.parent

    def test_a_damaged_wheel_falls_back_to_ensurepip(self):
        python = newest()
        for how in ('cut', 'empty', 'text', 'content'):
            with self.subTest(how):
                made = self.venv('--python', python.path,
                                 '--pip-wheel-dir=%s' % self.damaged(python, how), self.env_dir)
                self.assertEqual((made.code, made.out), (0, ''), str(made))
                self.assertEqual(len(made.err.splitlines()), 1, made.err)
                self.assertIn('ensurepip', made.err)
                self.assertIn('arning', made.err)
                self.assert_works(self.env_dir, self.bundled_version(python))
                self.assert_nothing_left_over(self.env_dir)
                wipe(self.env_dir)


class WithoutEnsurepip(WheelCase):
    """A Python whose ensurepip or wheel is away, as distributions have it."""

    under = ()

    def setUp(self):
        super().setUp()
        source = newest()
        prefix = pathlib.Path(os.path.realpath(source.path)).parents[1]
        need_pyenv(prefix != pathlib.Path('/usr'), 'a Python of which a copy can be made')
        copy = self.tmp / 'prefix'
        shutil.copytree(prefix, copy, symlinks=True, ignore=lambda folder, names: [
            name for name in names if name in ('test', 'site-packages', 'idlelib', 'share', '__pycache__')
            or name.startswith('config-')])
        self.library = copy / 'lib' / source.name
        self.python = ask(str(copy / 'bin' / source.name))
        self.bundled = self.library / 'ensurepip' / '_bundled'

    def refused(self, *options):
        made = self.venv('--python', self.python.path, *options, self.env_dir)
        self.assertEqual((made.code, made.out), (1, ''), str(made))
        self.assertFalse(self.env_dir.exists())
        self.assertEqual([line.split(':')[0] for line in made.err.splitlines()], ['Error', 'Hint'])
        return made.err

    def test_a_damaged_wheel_and_no_ensurepip(self):
        (self.library / 'ensurepip' / '__init__.py').unlink()
        wheel, = self.bundled.glob('pip-*.whl')
        wheel.write_bytes(wheel.read_bytes()[:-1000])
        said = self.venv('--python', self.python.path, self.env_dir)
        self.assertEqual(said.code, 1, str(said))
        self.assertFalse(self.env_dir.exists())
        self.assertTrue(said.err.startswith('Error: '), said.err)

    def test_no_wheel_and_no_ensurepip(self):
        shutil.rmtree(self.library / 'ensurepip')
        places = [self.tmp / 'mine', self.bundled]
        self.hide_system_wheels()
        said = self.refused('--pip-wheel-dir=%s' % places[0])
        for place in places:
            self.assertIn(str(place), said)
        self.assertNotIn('/usr/share/python-wheels', said) # that is for the distribution's own Python
        self.assertIn("Hint: Say where a wheel of pip lies (--pip-wheel-dir), or leave pip out (--without-pip).", said)
        self.assertIn(self.python.path, said)
        self.make(self.python, '--without-pip')

    def hide_system_wheels(self):
        """From now on the program runs where Debian's place is empty, for it alone."""
        place = '/usr/share/python-wheels'
        if os.path.isdir(place):
            need_mounts()
            self.under = ('unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs %s && exec "$@"' % place, 'sh')

    def venv(self, *arguments, **options):
        return self.execute(*self.under, PROGRAM, *arguments, **options)

    def test_the_wheel_alone_is_enough(self):
        (self.library / 'ensurepip' / '__init__.py').unlink()
        self.make(self.python)
        self.assert_works(self.env_dir)

    def test_distributions_wheels(self):
        # Debian's place is for Debian's own Python: that pip may not run on another one.
        wheels = list(pathlib.Path('/usr/share/python-wheels').glob('pip-*.whl'))
        need(wheels, 'wheels in /usr/share/python-wheels (python3-pip-whl)')
        self.make(need(system_python(), '/usr/bin/python3'))
        self.assert_works(self.env_dir)
        self.assertEqual(self.version_in(self.env_dir), max(wheels).name.split('-')[1])
        wipe(self.env_dir)
        shutil.rmtree(self.library / 'ensurepip')
        self.assertNotIn('python-wheels', self.refused())

    def test_ensurepip_alone_is_run(self):
        # A layout that nobody knows: the wheel is found by ensurepip's own means.
        wheel, = self.bundled.glob('pip-*.whl')
        elsewhere = self.library / 'ensurepip' / '_hidden'
        elsewhere.mkdir()
        wheel.rename(elsewhere / wheel.name)
        init = self.library / 'ensurepip' / '__init__.py'
        text = init.read_text()
        init.write_text(text.replace('_bundled', '_hidden'))
        self.assertNotEqual(init.read_text(), text)
        self.hide_system_wheels()
        self.make(self.python)
        self.assert_works(self.env_dir)

    def test_the_configured_directory(self):
        # WHEEL_PKG_DIR, as Fedora sets it.
        wheel, = self.bundled.glob('pip-*.whl')
        configured = self.tmp / 'configured'
        configured.mkdir()
        wheel.rename(configured / wheel.name)
        (self.library / 'ensurepip' / '__init__.py').unlink()
        data, = self.library.glob('_sysconfigdata_*.py')
        text = data.read_text()
        self.assertIn("'WHEEL_PKG_DIR': ''", text)
        data.write_text(text.replace("'WHEEL_PKG_DIR': ''", "'WHEEL_PKG_DIR': %r" % str(configured)))
        self.hide_system_wheels()
        self.make(self.python)
        self.assert_works(self.env_dir)


class PyPy(Case):
    def test_pip(self):
        python = next((ask(path) for path in ('/usr/bin/pypy3', '/usr/local/bin/pypy3')
                       if os.path.exists(path)), None)
        need(python, 'pypy3')
        need(self.execute(python.path, '-c', 'import ensurepip, venv').code == 0,
             'pypy3\'s ensurepip (pypy3-venv)')

        def look():
            # What a PyPy brings itself may lack something: cffi 2.1.0 of PyPy 8.0 wants pycparser.
            check = self.execute(self.env_dir / 'bin' / 'python', '-m', 'pip', 'check')
            return installed(self.env_dir), check.code, check.out
        self.reference(python)
        expected = look()
        wipe(self.env_dir)
        for remembered in (False, True):
            with self.subTest(remembered=remembered):
                self.make(python)
                self.assertEqual(look(), expected)
                self.assert_works(self.env_dir)
                wipe(self.env_dir)
