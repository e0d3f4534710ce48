"""What is said helps: the reason, in the words of who asked."""

import os
import shutil

from machine import BUILD, PROGRAM, PYENV, ask, need, need_pyenv, wipe
from support import (Case, facts, newest, prefix_of_links, second, shared_python, site_packages_of,
                     snapshot)


class Reasons(Case):
    def test_a_compiler_that_runs_out_of_memory(self):
        for size in (30000, 40000, 50000, 60000, 80000):
            with self.subTest(size=size):
                result = self.shell('ulimit -v %d; exec "$@"' % size, PROGRAM, '--no-cache', '--python',
                                    newest().path, self.env_dir)
                error = [line for line in result.err.splitlines() if line.startswith('Error: ')]
                if result.code != 0:
                    self.assertEqual(len(error), 1, str(result))
                    self.assertNotIn('Traceback', error[0])
                    self.assertFalse(self.env_dir.exists())
                else:
                    self.works()
                    shutil.rmtree(self.env_dir)

    def test_where_the_disk_is_full(self):
        # Of what is put together elsewhere, the place is named where it was to go.
        self.make(newest(), self.tmp / 'other')  # what is remembered is laid out by us
        for options in ('size=3m', 'nr_inodes=300'):
            with self.subTest(options):
                disk = self.tmpfs(self.tmp / options, options)
                result = self.venv('--python', newest().path, disk / 'env')
                self.fails(result, 'site-packages/pip/', 'No space left')

    def test_where_site_packages_cannot_be(self):
        python = shared_python()
        for name, mode in (('.', 0o555), ('.', 0o300), ('pip', 0o300)):
            with self.subTest(name=name, mode=mode):
                wipe(self.env_dir)
                self.tmp.chmod(0o777)
                self.make(python, *(['--without-pip'] if name == '.' else []))
                place = site_packages_of(self.env_dir) / name
                self.give(self.env_dir)
                place.chmod(mode)
                before = snapshot(self.env_dir)
                result = self.as_other(PROGRAM, '--python', python.path, self.env_dir)
                self.fails(result, place)
                self.unchanged(before)

    def test_where_bin_cannot_be_listed(self):
        # What another Python left there would stay, and success be said of it.
        python = shared_python()
        self.tmp.chmod(0o777)
        self.make(python, '--without-pip')
        self.give(self.env_dir)
        (self.env_dir / 'bin').chmod(0o300)
        before = snapshot(self.env_dir)
        result = self.as_other(PROGRAM, '--python', python.path, '--without-pip', self.env_dir)
        self.fails(result, self.env_dir / 'bin', 'Permission denied')
        self.unchanged(before)

    def test_an_interpreter_that_is_gone(self):
        links = {'dangling': '/nonexistent/python3', 'relative': '../gone/python3'}
        for name, target in links.items():
            with self.subTest(name):
                (self.tmp / name).symlink_to(target)
                result = self.venv('--python', self.tmp / name, '--without-pip', self.env_dir)
                self.fails(result, self.tmp / name)
                self.assertNotIn('cannot start', result.err)
                self.assertRegex(result.err, '(?i)gone|nothing|not there|no longer|dangl|does not exist')

    def test_an_interpreter_that_is_gone_from_an_environment(self):
        copy = prefix_of_links(self.tmp / 'base', second())
        self.make(copy, '--without-pip')
        shutil.rmtree(self.tmp / 'base')
        result = self.venv('--python', self.env_dir / 'bin' / 'python', '--without-pip',
                           self.tmp / 'other')
        self.fails(result)
        self.assertNotIn('cannot start', result.err)
        self.assertNotIn('No such file or directory', result.err)
        self.assertRegex(result.err, '(?i)gone|nothing|not there|no longer|dangl|does not exist')

    def test_upgrade_says_that_its_python_is_gone(self):
        copy = prefix_of_links(self.tmp / 'base', second())
        self.make(copy, '--without-pip')
        shutil.rmtree(self.tmp / 'base')
        result = self.venv('--upgrade', '--without-pip', self.env_dir)
        self.assertIn(str(copy.parent), result.err)

    def test_one_that_cannot_be_started(self):
        python = self.tmp / 'python'
        python.write_text('#!/nonexistent/interpreter\n')
        python.chmod(0o755)
        self.fails(self.venv('--python', python, '--without-pip', self.env_dir), python)

    def test_old_pythons_say_that_they_are(self):
        found = [ask(str(path)) for path in sorted(PYENV.glob('versions/3.[67].*/bin/python'))]
        for python in need_pyenv(list(filter(None, found)), 'Python 3.6 or 3.7'):
            with self.subTest(str(python)):
                env_dir = self.tmp / python.name
                result = self.venv('--python', python.path, '--without-pip', env_dir)
                self.assertEqual(result.code, 0, str(result))
                self.assertRegex(result.err, r'^Warning: [^\n]*%d\.%d' % python.version[:2])

    def test_python_2_is_refused_by_name(self):
        python = need_pyenv(next(iter(PYENV.glob('versions/2.7*/bin/python')), None), 'Python 2.7')
        self.fails(self.venv('--python', python, '--without-pip', self.env_dir), '2.7')


class Hints(Case):
    """Of a library they speak of fields, of the program of options."""

    def host(self, python, env_dir):
        host = need(next(filter(os.path.exists, (os.environ.get('VENV_FAULTS_HOST', ''),
                                                 str(BUILD / 'bin' / 'faults_host'))), None),
                    'faults_host')
        return self.execute(host, 'plain', python, env_dir)

    def test_a_library_s_name_no_option(self):
        (self.tmp / 'file').write_text('')
        without = prefix_of_links(self.tmp / 'base', newest(), ['ensurepip'])
        self.tmpfs('/usr/share/python-wheels')
        cases = ((self.tmp / 'nothing', self.env_dir), ('3.99', self.env_dir),
                 (newest().path, self.tmp / 'file'), (newest().path, self.tmp / 'a:b'),
                 (without, self.env_dir), (without, without.parents[1]))
        for python, env_dir in cases:
            with self.subTest(python=str(python), env_dir=str(env_dir)):
                result = self.host(python, env_dir)
                self.assertEqual(result.code, 1, str(result))
                self.assertNotRegex(result.err, r' --[a-z]|apt |apt-get|python3-venv')

    def test_the_program_s_name_options(self):
        self.env_dir.mkdir()
        (self.env_dir / 'mine').write_text('')
        result = self.venv('--clear', '--without-pip', '--python', newest().path, self.env_dir)
        self.fails(result, '--force')
        self.make(newest(), '--without-pip', self.tmp / 'made')
        self.fails(self.venv('--uninstall', 'nothing', self.tmp / 'made'), 'Hint: --info')
        without = prefix_of_links(self.tmp / 'base', newest(), ['ensurepip'])
        self.tmpfs('/usr/share/python-wheels')
        result = self.venv('--python', without, self.tmp / 'other')
        self.fails(result, '--without-pip')


class KeysOfOthers(Case):
    """State facts about the Python: set anew or dropped; the user's own stay."""

    def upgraded(self, text, *options):
        self.make(second(), '--without-pip')
        cfg = self.env_dir / 'pyvenv.cfg'
        old = '%d.%d.%d' % second().version
        base = str(facts(second().path)[0])
        cfg.write_text(cfg.read_text() + text.format(old=old, base=base))
        self.make(newest(), '--without-pip', *options)
        found = cfg.read_text()
        self.assertNotIn(old, found)
        self.assertNotIn(base + '\n', found)
        self.assertIn('custom = keep\n', found)
        return found

    VIRTUALENV = ('implementation = CPython\nversion_info = {old}.final.0\nvirtualenv = 20.25.0\n'
                  'base-prefix = {base}\nbase-exec-prefix = {base}\n'
                  'base-executable = {base}/bin/python3\ncustom = keep\n')
    UV = 'implementation = CPython\nuv = 0.9.0\nversion_info = {old}\ncustom = keep\n'

    def test_virtualenv_s_by_upgrade(self):
        self.upgraded(self.VIRTUALENV, '--upgrade')

    def test_uv_s_by_upgrade(self):
        self.upgraded(self.UV, '--upgrade')

    def test_virtualenv_s_in_other_spelling(self):
        self.upgraded('Version_Info={old}.final.0\nbase-prefix={base}\ncustom = keep\n', '--upgrade')
