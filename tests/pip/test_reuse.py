"""pip where one is already: upgraded, kept or made whole."""

import os
import re

from machine import everything, need_pyenv, run, wipe
from support import (Case, bundled_wheel, has_setuptools, installed, newest, oldest,
                     oldest_and_newest, site_packages_of, small_pip)


def stamps(env_dir):
    """All of pip's files with what changes when they are written again."""
    paths = [*site_packages_of(env_dir).rglob('*'), *(env_dir / 'bin').glob('pip*')]
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns, path.stat().st_ctime_ns)
            for path in paths if path.is_file()}


class Reuse(Case):
    shares_cache = True

    def with_pip(self, python, version, change=None):
        """An environment that has another version of pip."""
        wheel = small_pip(self.tmp / ('wheels-' + version), version, change)
        self.make(python, '--pip-wheel-dir=%s' % self.wheel_dir(python, wheel))
        self.assert_works(self.env_dir, version)
        return self.env_dir

    def wheel_dir(self, python, wheel):
        if has_setuptools(python):
            other = bundled_wheel(python, 'setuptools')
            if not (wheel.parent / other.name).exists():
                (wheel.parent / other.name).write_bytes(other.read_bytes())
        return wheel.parent

    def test_an_older_one_is_upgraded_completely(self):
        def change(files):
            files['pip/only_in_old.py'] = b'old = True\n'
            files['pip/folder_of_old/__init__.py'] = b''
            files['pip_top_of_old.py'] = b''

        for python in oldest_and_newest():
            for options in ((), ('--no-compile-bytecode',), ('--upgrade',)):
                with self.subTest(python=str(python), options=options):
                    wipe(self.env_dir)
                    self.make(python, *[option for option in options if option != '--upgrade'])
                    expected = installed(self.env_dir)
                    wipe(self.env_dir)
                    self.with_pip(python, '0.9', change)
                    site_packages = site_packages_of(self.env_dir)
                    self.assertTrue((site_packages / 'pip' / 'folder_of_old').is_dir())
                    own = [site_packages / 'mine.py', site_packages / 'pip' / 'mine.txt',
                           site_packages / 'mine' / 'deep' / 'file', self.env_dir / 'bin' / 'mine']
                    for path in own:
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_text('mine')
                    self.make(python, *options)
                    for path in own:
                        self.assertEqual(path.read_text(), 'mine')
                        path.unlink()
                    (site_packages / 'mine' / 'deep').rmdir()
                    (site_packages / 'mine').rmdir()
                    found = installed(self.env_dir)
                    if has_setuptools(python) and '--no-compile-bytecode' in options:
                        # setuptools was there, and is kept as it is
                        for tree in (found, expected):
                            for name in list(tree):
                                if not re.search(r'\bpip', name):
                                    del tree[name]
                    self.assertEqual(found, expected)
                    self.assert_works(self.env_dir)

    def test_the_same_one_is_not_touched(self):
        for make in (self.make, self.reference):
            for python in oldest_and_newest():
                with self.subTest(python=str(python), make=make.__name__):
                    wipe(self.env_dir)
                    make(python)
                    before = stamps(self.env_dir)
                    self.make(python)
                    self.make(python, '--upgrade')
                    self.assertEqual(stamps(self.env_dir), before)

    def test_a_newer_one_is_kept(self):
        python = newest()
        self.with_pip(python, '999.0')
        before = stamps(self.env_dir)
        self.make(python)
        self.assertEqual(stamps(self.env_dir), before)
        self.assert_works(self.env_dir, '999.0')

    def test_a_newer_one_is_kept_and_its_scripts_are_restored(self):
        python = newest()
        self.with_pip(python, '999.0')
        expected = installed(self.env_dir)
        scripts = [self.env_dir / 'bin' / name for name in ('pip', 'pip3', 'pip' + python.name[6:])]
        # As virtualenv and uv have it: another name of the environment's own Python.
        own = '#!%s/bin/python\n' % self.env_dir
        texts = [own + scripts[0].read_text().split('\n', 1)[1], '#!/nonexistent/python\n', None]
        scripts[0].write_text(texts[0])
        scripts[1].write_text(texts[1])
        scripts[2].unlink()
        # And what only virtualenv's RECORD lists.
        with open(site_packages_of(self.env_dir) / 'pip-999.0.dist-info' / 'RECORD', 'ab') as record:
            record.write(b'pip/__init__.cpython-313.pyc,,\r\npip/_internal/__pycache__,,\r\n')
        for options in ((), ('--upgrade',)):
            self.make(python, *options)
            self.assertEqual(scripts[0].read_text(), texts[0])
            for script in scripts:
                self.assertIn('pip 999.0 ', self.succeed(script, '--version').out)
        scripts[0].unlink()
        self.make(python)
        self.assertEqual({name: what for name, what in installed(self.env_dir).items()
                          if not name.startswith('rows of')},
                         {name: what for name, what in expected.items()
                          if not name.startswith('rows of')})

    def test_a_newer_one_that_is_damaged_is_replaced(self):
        python = newest()
        self.with_pip(python, '999.0')
        (site_packages_of(self.env_dir) / 'pip' / '_internal' / 'cli' / 'main.py').unlink()
        self.make(python)
        self.assert_works(self.env_dir, bundled_wheel(python).name.split('-')[1])

    def test_what_is_left_of_a_newer_one_does_not_count(self):
        python = newest()
        self.with_pip(python, '999.0')
        info = site_packages_of(self.env_dir) / 'pip-999.0.dist-info'
        (info / 'METADATA').unlink()
        self.make(python)
        self.assertFalse(info.exists())
        self.assert_works(self.env_dir)

    def test_a_damaged_one_is_made_whole(self):
        python = newest()
        small = '--pip-wheel-dir=%s' % small_pip(self.tmp / 'small', '42.0').parent
        self.make(python, small)
        expected = installed(self.env_dir)
        site_packages = site_packages_of(self.env_dir)
        info, = site_packages.glob('pip-*.dist-info')
        damages = (('a module', site_packages / 'pip' / '__main__.py'),
                   ('a vendored module', site_packages / 'pip' / '_vendor' / 'module7.py'),
                   ('bytecode', next(site_packages.glob('pip/__pycache__/__init__*.pyc'))),
                   ('the script', self.env_dir / 'bin' / 'pip'),
                   ('another script', self.env_dir / 'bin' / 'pip3'),
                   ('RECORD', info / 'RECORD'),
                   ('METADATA', info / 'METADATA'),
                   ('the metadata', info),
                   ('a package', site_packages / 'pip' / '_vendor'),
                   ('the package', site_packages / 'pip'))
        for what, path in damages:
            with self.subTest(what):
                wipe(path)
                self.make(python, small)
                self.assertEqual(installed(self.env_dir), expected)
        (info / 'RECORD').write_text('this is "not a RECORD\n')
        self.make(python, small)
        self.assertEqual(installed(self.env_dir), expected)
        self.assert_works(self.env_dir)

    def test_a_script_that_runs_elsewhere_is_made_anew(self):
        # A moved environment.
        python = newest()
        self.make(python, self.tmp / 'before')
        os.rename(self.tmp / 'before', self.env_dir)
        self.make(python)
        self.assert_works(self.env_dir)

    def test_a_record_that_leads_out_touches_nothing_there(self):
        python = newest()
        self.with_pip(python, '0.9')
        site_packages = site_packages_of(self.env_dir)
        outside = self.tmp / 'outside'
        outside.mkdir()
        victims = [self.tmp / 'victim', outside / 'victim', self.home / 'victim']
        for victim in victims:
            victim.write_text('not yours')
        (site_packages / 'linked').symlink_to(outside)
        with open(site_packages / 'pip-0.9.dist-info' / 'RECORD', 'a') as record:
            record.write('../../../../victim,,\n%s,,\nlinked/victim,,\n' % victims[2] +
                         'pip/../../../../../outside/victim,,\n../../../bin/python3,,\n')
        self.make(python)
        for victim in victims:
            self.assertEqual(victim.read_text(), 'not yours')
        self.assert_works(self.env_dir)

    def test_metadata_that_is_a_link_is_not_emptied_through_it(self):
        python = newest()
        self.with_pip(python, '0.9')
        info = site_packages_of(self.env_dir) / 'pip-0.9.dist-info'
        elsewhere = self.tmp / 'elsewhere'
        os.rename(info, elsewhere)
        info.symlink_to(elsewhere)
        before = everything(elsewhere)
        self.make(python)
        self.assertEqual(everything(elsewhere), before)
        self.assert_works(self.env_dir)

    def test_a_record_that_is_a_fifo_is_not_waited_for(self):
        python = newest()
        self.with_pip(python, '0.9')
        record = site_packages_of(self.env_dir) / 'pip-0.9.dist-info' / 'RECORD'
        record.unlink()
        os.mkfifo(record)
        self.make(python, timeout=60)
        check = run([self.env_dir / 'bin' / 'pip', '--version'])
        self.assertEqual(check.code, 0, str(check))

    def test_a_record_that_knows_no_script(self):
        python = newest()
        self.make(python)
        expected = installed(self.env_dir)
        record, = site_packages_of(self.env_dir).glob('pip-*/RECORD')
        rows = [row for row in record.read_text().splitlines(True) if '/bin/' not in row]
        record.write_text(''.join(rows))
        (self.env_dir / 'bin' / 'pip').unlink()
        self.make(python)
        self.assertEqual(installed(self.env_dir), expected)

    def test_over_another_python_s_environment(self):
        old, new = oldest(), newest()
        need_pyenv(old.version != new.version, 'two Pythons')
        self.make(new)
        expected = installed(self.env_dir)
        wipe(self.env_dir)
        self.reference(old)
        self.make(new)
        found = {name: what for name, what in installed_of(self.env_dir, new).items()
                 if not re.fullmatch('bin/(pip%d.%d|easy_install.*)' % old.version[:2], name)}
        self.assertEqual(found, expected)
        self.succeed(self.env_dir / 'bin' / 'pip', 'check')

    def test_over_one_without_pip(self):
        python = newest()
        self.make(python)
        expected = installed(self.env_dir)
        wipe(self.env_dir)
        self.make(python, '--without-pip')
        self.assertEqual(installed(self.env_dir), {})
        self.make(python)
        self.assertEqual(installed(self.env_dir), expected)

    def test_cleared(self):
        python = newest()
        self.with_pip(python, '999.0')
        self.make(python, '--clear')
        self.assert_works(self.env_dir, bundled_wheel(python).name.split('-')[1])

    def test_a_failed_upgrade_leaves_the_old_one(self):
        # The last step fails: the script can't be put in its place.
        python = newest()
        for what in ('as it was', 'with files of the user\'s'):
            with self.subTest(what):
                wipe(self.env_dir)
                self.with_pip(python, '0.9')
                if what != 'as it was':  # directories stay, so that the new one is merged into them
                    package = site_packages_of(self.env_dir) / 'pip'
                    (package / '_vendor' / 'mine.py').write_text('mine')
                    (package / '_internal' / 'cli' / 'mine.py').write_text('mine')
                    record, = package.parent.glob('pip-*/RECORD')
                    rows = record.read_text().splitlines(True)  # one file is in the new one's way
                    record.write_text(''.join(row for row in rows if '_vendor/vendor.txt' not in row))
                    (package / '_vendor' / 'vendor.txt').write_text('mine')
                script = self.env_dir / 'bin' / 'pip3'
                script.unlink()
                (script / 'in the way').mkdir(parents=True)
                before = everything(self.env_dir)
                result = self.venv('--python', python.path, self.env_dir)
                self.assertEqual(result.code, 1, str(result))
                self.assertEqual(everything(self.env_dir), before)


def installed_of(env_dir, python):
    """`installed`, where other Pythons have left a site-packages directory too."""
    hidden = [path for path in (env_dir / 'lib').glob('python*') if path.name != python.name]
    for path in hidden:
        os.rename(path, env_dir / ('hidden-' + path.name))
    try:
        return installed(env_dir)
    finally:
        for path in hidden:
            os.rename(env_dir / ('hidden-' + path.name), path)
