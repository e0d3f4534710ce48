"""Bad input: each has its own one-line message, and nothing is touched."""

import os
import pathlib
import shutil
import time

from machine import PROGRAM, PYENV, ask, need_command, need_mounts, need_root, wipe
from support import Case, about, environment, newest, read_cfg, run, snapshot

NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']


class Base(Case):
    def python_without(self, *modules):
        """A Python whose standard library lacks `modules`."""
        base = newest()
        facts = run([base.path, '-c', 'import sys, os; print(sys.base_prefix); print(os.__file__)'])
        prefix, os_py = facts.out.split('\n')[:2]
        stdlib = pathlib.Path(os_py).parent
        ours = self.tmp / 'prefix' / 'lib' / stdlib.name
        ours.mkdir(parents=True)
        for path in stdlib.iterdir():
            if path.name not in (*modules, 'site-packages'):
                (ours / path.name).symlink_to(path)
        for library in pathlib.Path(prefix, 'lib').glob('libpython*'):
            (self.tmp / 'prefix' / 'lib' / library.name).symlink_to(library)
        python = self.tmp / 'prefix' / 'bin' / base.name
        python.parent.mkdir()
        shutil.copy(os.path.realpath(base.path), python)
        answer = run([python, '-c', 'import sys; print(sys.base_prefix)'])
        self.assertEqual(answer.out.strip(), str(self.tmp / 'prefix'), str(answer))
        return python


class Paths(Base):
    def refuses(self, env_dir, why, *options, code=1, **more):
        before = snapshot(self.tmp)
        result = self.venv('--python', newest().path, '--without-pip', *options, env_dir, **more)
        self.refused(result, why, code)
        self.assertEqual(snapshot(self.tmp), before)
        return result

    def test_names_that_no_environment_can_have(self):
        for name, why in (('', 'empty'), ('a:b', "PATH separator ':'"), ('a:b/env', "':'"),
                          ('new\nline', 'control character'), ('\x1b[31m', 'control character'),
                          ('tab\t', 'control character'), ('del\x7f', 'control character'),
                          ('c1\x85', 'control character'), (b'\xff\xfe', 'UTF-8'),
                          (b'cut \xe2\x98', 'UTF-8'), (b'surrogate \xed\xa0\x80', 'UTF-8')):
            with self.subTest(name=name):
                result = self.refuses(name, why, cwd=self.tmp)
                self.assertNotRegex(result.err, '[\x00-\x09\x0b-\x1f\x7f]')

    def test_the_same_in_the_working_directory_s_name(self):
        for name in ('a:b', 'new\nline', b'\xff'):
            with self.subTest(name=name):
                cwd = os.path.join(os.fsencode(self.tmp), os.fsencode(name))
                os.mkdir(cwd)
                result = self.venv('--python', newest().path, '--without-pip', 'env', cwd=cwd)
                self.assertEqual(result.code, 1)
                self.assertRegex(result.err, '^Error: [^\n]+\n$')
                self.assertEqual(os.listdir(cwd), [])

    def test_prompts_that_would_write_configuration(self):
        for prompt, why in (('a\nhome = /evil', 'line break'), ('a\rb', 'line break'),
                            (b'\xff', 'UTF-8')):
            with self.subTest(prompt=prompt):
                option = b'--prompt=' + (prompt if isinstance(prompt, bytes) else prompt.encode())
                self.refuses(self.tmp / 'env', why, option)

    def test_a_file_where_a_directory_must_be(self):
        python = newest()
        (self.tmp / 'file').write_text('mine\n')
        self.refuses(self.tmp / 'file', 'is not a directory')
        self.refuses(self.tmp / 'file' / 'env', 'file')
        self.refuses(self.tmp / 'file', 'is not a directory', '--clear', '--force')
        for name in ('bin', 'lib', 'include', 'lib/' + python.name):
            with self.subTest(name=name):
                (self.tmp / 'env' / name).parent.mkdir(parents=True)
                (self.tmp / 'env' / name).write_text('mine\n')
                self.refuses(self.tmp / 'env', 'create directory')
                wipe(self.tmp / 'env')

    def test_a_directory_where_a_file_must_be(self):
        for name in ('pyvenv.cfg', 'bin/python', 'bin/activate'):
            with self.subTest(name=name):
                (self.tmp / 'env' / name / 'mine').mkdir(parents=True)
                self.refuses(self.tmp / 'env', name)
                wipe(self.tmp / 'env')

    def test_special_files(self):
        os.mkfifo(self.tmp / 'fifo')
        self.refuses(self.tmp / 'fifo', 'is not a directory')
        (self.tmp / 'loop').symlink_to('loop')
        self.refuses(self.tmp / 'loop', 'loop')
        self.refuses('n' * 256, 'too long', cwd=self.tmp)

    def test_a_fifo_in_the_place_of_the_configuration(self):
        # Reading it would wait for ever.
        (self.tmp / 'env').mkdir()
        os.mkfifo(self.tmp / 'env' / 'pyvenv.cfg')
        for options in ((), ('--upgrade',)):
            result = self.venv('--python', newest().path, '--without-pip', *options,
                               self.tmp / 'env', timeout=20)
            self.assertIn(result.code, (0, 1))

    def test_a_link_in_the_directory_is_followed_out_of_it(self):
        # What lies in ENV_DIR is no base, whether it is named or comes first on PATH.
        for options in ((), ('--upgrade',), ('--clear', '--force')):
            for named in (True, False):
                with self.subTest(options=options, named=named):
                    prefix = self.tmp / 'prefix'
                    (prefix / 'bin').mkdir(parents=True)
                    (prefix / 'bin' / 'python3').symlink_to(newest().path)
                    (self.tmp / 'py').symlink_to(prefix / 'bin' / 'python3')
                    request = ('--python', self.tmp / 'py') if named else ()
                    env = environment(PATH='%s:/usr/bin:/bin' % (prefix / 'bin'))
                    made = self.venv(*request, '--without-pip', *options, prefix, env=env)
                    self.assertEqual((made.code, made.err), (0, ''), str(made))
                    facts = about(prefix / 'bin' / 'python')
                    self.assertEqual(facts['prefix'], str(prefix))
                    self.assertEqual(tuple(facts['version'][:3]), newest().version)
                    home = read_cfg(prefix / 'pyvenv.cfg')['home']
                    self.assertEqual(home, os.path.dirname(newest().path))
                    wipe(prefix)
                    wipe(self.tmp / 'py')

    def test_an_environment_that_lost_its_configuration_is_made_again(self):
        # Its own python comes first on PATH, as where it is active.
        env_dir = self.tmp / 'env'
        for options in ((), ('--clear', '--force')):
            for text in (None, '', 'home =\n', 'version = 3\n'):
                with self.subTest(options=options, text=text):
                    self.make(newest(), '--without-pip', env_dir)
                    (env_dir / 'pyvenv.cfg').unlink()
                    if text is not None:
                        (env_dir / 'pyvenv.cfg').write_text(text)
                    env = environment(PATH='%s:/usr/bin:/bin' % (env_dir / 'bin'))
                    made = self.venv('--without-pip', *options, env_dir, env=env)
                    self.assertEqual((made.code, made.err), (0, ''), str(made))
                    self.assertEqual(tuple(about(env_dir / 'bin/python')['version'][:3]),
                                     newest().version)
                    self.assertEqual(read_cfg(env_dir / 'pyvenv.cfg')['home'],
                                     os.path.dirname(newest().path))
                    wipe(env_dir)

    def test_the_base_python_s_own_directory_through_links(self):
        # A copy in a prefix of its own: the machine's Pythons must be out of reach.
        python, prefix = self.python_without(), self.tmp / 'prefix'
        for number, (target, env_dir, options) in enumerate((
                (python, prefix, ()),
                (python, prefix, ('--copies',)),
                (python, prefix, ('--clear', '--force')))):
            with self.subTest(target=target, options=options):
                link = self.tmp / str(number) / python.name
                link.parent.mkdir()
                link.symlink_to(self.tmp / str(number) / 'next')
                (link.parent / 'next').symlink_to(os.path.relpath(target, link.parent))
                before = snapshot(self.tmp)
                result = self.venv('--python', link, '--without-pip', *options, env_dir)
                self.refused(result, 'holds the base Python')
                self.assertEqual(snapshot(self.tmp), before)

    def test_read_only_parent(self):
        need_root()
        need_command('setpriv')
        self.tmp.chmod(0o755)
        (self.tmp / 'parent').mkdir(mode=0o755)
        result = run([*NOBODY, PROGRAM, '--python', '/usr/bin/python3', '--without-pip',
                      self.tmp / 'parent' / 'env'])
        self.refused(result, 'Permission denied')
        self.assertIn(str(self.tmp / 'parent' / 'env'), result.err)
        self.assertEqual(os.listdir(self.tmp / 'parent'), [])

    def test_read_only_environment(self):
        need_root()
        need_command('setpriv')
        self.tmp.chmod(0o755)
        env_dir = self.tmp / 'env'
        self.make(ask('/usr/bin/python3'), '--without-pip', env_dir)
        before = snapshot(env_dir)
        for options, code in ((), 0), (('--upgrade',), 1), (('--clear',), 1), (('--copies',), 1):
            with self.subTest(options=options): # without an option there is nothing to change
                result = run([*NOBODY, PROGRAM, '--python', '/usr/bin/python3', '--without-pip',
                              *options, env_dir])
                if code:
                    self.refused(result, 'Permission denied')
                else:
                    self.assertEqual((result.code, result.err), (0, ''))
                self.assertEqual(snapshot(env_dir), before)

    def test_a_directory_that_may_not_be_looked_into(self):
        need_root()
        need_command('setpriv')
        self.tmp.chmod(0o755)
        (self.tmp / 'env' / 'closed').mkdir(parents=True)
        (self.tmp / 'env' / 'closed').chmod(0)
        (self.tmp / 'env').chmod(0o777)
        result = run([*NOBODY, PROGRAM, '--python', '/usr/bin/python3', '--without-pip', '--clear',
                      self.tmp / 'env'])
        self.refused(result, "refusing to clear '%s/env'" % self.tmp)
        self.assertEqual(os.listdir(self.tmp / 'env'), ['closed'])

    def test_a_directory_that_may_not_be_entered(self):
        need_root()
        need_command('setpriv')
        self.tmp.chmod(0o755)
        (self.tmp / 'closed').mkdir(mode=0o700)
        result = run([*NOBODY, PROGRAM, '--python', '/usr/bin/python3', '--without-pip',
                      self.tmp / 'closed' / 'env'])
        self.refused(result, 'Permission denied')


class Interpreters(Case):
    def setUp(self):
        super().setUp()
        self.python = self.tmp / 'python'

    def script(self, text):
        wipe(self.python)
        self.python.write_text('#!/bin/sh\n' + text)
        self.python.chmod(0o755)

    def refuses(self, python, why, **options):
        result = self.venv('--python', python, '--without-pip', self.tmp / 'env', **options)
        self.refused(result, why)
        self.assertIn(str(python), result.err.splitlines()[0])
        self.assertFalse((self.tmp / 'env').exists())
        return result

    def test_what_cannot_be_run(self):
        self.refuses(self.tmp / 'missing', 'does not exist')
        self.refuses(self.tmp, 'is a directory')
        (self.tmp / 'dangling').symlink_to('nowhere')
        self.refuses(self.tmp / 'dangling', 'is a link to nothing')
        self.python.write_text('#!/bin/sh\n')
        self.refuses(self.python, 'is not executable')
        self.python.chmod(0o755)
        self.python.write_bytes(b'\x7fELF garbage')
        self.refuses(self.python, 'cannot be run')
        self.python.write_text('#!/no/such/interpreter\n')
        self.refuses(self.python, 'cannot be run')
        self.python.write_text('')
        self.refuses(self.python, 'cannot be run')
        os.mkfifo(self.tmp / 'fifo')
        self.refuses(self.tmp / 'fifo', 'fifo')

    def test_what_is_no_python(self):
        for text, why in (('', 'does not answer as Python does'),
                          ('echo garbage', 'does not answer as Python does: garbage'),
                          ('head -c 3000000 /dev/zero', 'does not answer as Python does'),
                          ("printf '\\0venv.hpp probe 1\\0003.12.0\\0'", 'does not answer'),
                          ("printf '\\033[31mred\\n'; exit 4", 'exits with 4: \\x1b[31mred'),
                          ('echo one; echo two >&2; exit 5', 'exits with 5: two'),
                          ('kill -SEGV $$', 'was ended by signal 11'),
                          ('kill -KILL $$', 'was ended by signal 9')):
            with self.subTest(text=text):
                self.script(text)
                self.refuses(self.python, why)
        self.refuses('/bin/true', 'does not answer as Python does')
        self.refuses('/bin/false', 'exits with 1')

    def test_paths_that_would_write_configuration(self):
        for name, shown in ((b'a\nhome = x', 'a\\x0ahome = x'), (b'tab\t', 'tab\\x09'),
                            (b'\x7f', '\\x7f'), (b'caf\xe9', 'caf\\xe9')):
            folder = os.path.join(os.fsencode(self.tmp), name)
            os.mkdir(folder)
            python = os.path.join(folder, b'python')
            os.symlink(newest().path, python)
            for given in (python, b'../' + name + b'/python'):
                with self.subTest(given=given):
                    result = self.venv('--python', given, '--without-pip', self.tmp / 'env',
                                       cwd=folder)
                    self.refused(result, shown + "/python' has a path ")
                    self.assertFalse((self.tmp / 'env').exists())

    def test_names_of_scripts(self):
        for name in ('activate', 'activate.fish', 'activate.PS1', 'pip', 'pip3', 'pip3.13'):
            with self.subTest(name=name):
                (self.tmp / name).symlink_to(newest().path)
                self.refuses(self.tmp / name, 'has the name of a script in the environment')
        (self.tmp / 'piper').symlink_to(newest().path)
        result = self.venv('--python', self.tmp / 'piper', self.tmp / 'env')
        self.assertEqual((result.code, result.err), (0, ''))
        self.assertEqual(about(self.tmp / 'env/bin/piper')['prefix'], str(self.tmp / 'env'))

    def test_an_interpreter_that_hangs(self):
        for text in ('exec sleep 100', 'exec >&- 2>&-; exec sleep 100',
                     'trap "" TERM INT HUP; while :; do sleep 1; done'):
            with self.subTest(text=text):
                self.script(text)
                started = time.monotonic()
                self.refuses(self.python, 'did not answer within 10 s', timeout=30)
                self.assertLess(time.monotonic() - started, 15)

    def test_an_answer_that_a_wrapper_talks_around(self):
        self.script('echo hello; echo hello >&2; "%s" "$@"; code=$?; echo bye; exit $code'
                    % newest().path)
        result = self.venv('--python', self.python, '--without-pip', self.tmp / 'env')
        self.assertEqual((result.code, result.err), (0, ''))
        self.assertEqual(about(self.tmp / 'env/bin/python')['prefix'], str(self.tmp / 'env'))

    def test_python_2(self):
        found = sorted((PYENV / 'versions').glob('2.7*/bin/python'))
        if found:
            self.refuses(found[0], 'is Python 2.7.')
        # One that says what Python 2.7 says.
        self.script('case $1 in -V) echo Python 2.7.18 >&2;; *) echo Unknown option: -I >&2; exit 2;;'
                    ' esac')
        self.refuses(self.python, 'is Python 2.7.18; environments can be made of Python 3.6')

    def test_python_that_is_too_old(self):
        self.script('"%s" "$@" | sed "s/3[.]%d[.]%d/3.5.2/"' % ((newest().path,)
                                                              + newest().version[1:]))
        self.refuses(self.python, 'is Python 3.5.2')


class Ensurepip(Base):
    def test_none(self):
        # As on Debian without python3-venv.
        python = self.python_without('ensurepip')
        before = snapshot(self.tmp)
        if pathlib.Path('/usr/share/python-wheels').exists():
            # Wheels that the system has serve as well; hidden here.
            need_mounts()
            hide = ['unshare', '-m', 'sh', '-c',
                    'mount -t tmpfs none /usr/share/python-wheels && exec "$@"', 'sh']
        else:
            hide = []
        result = run([*hide, PROGRAM, '--python', python, self.tmp / 'env'])
        self.refused(result, 'pip')
        self.assertIn('--pip-wheel-dir', result.err)
        self.assertIn('--without-pip', result.err)
        after = snapshot(self.tmp)
        self.assertEqual(after, before)
        result = run([PROGRAM, '--python', python, '--without-pip', self.tmp / 'env'])
        self.assertEqual((result.code, result.err), (0, ''))

    def test_the_same_leaves_what_was_there(self):
        python = self.python_without('ensurepip')
        env_dir = self.tmp / 'env'
        result = run([PROGRAM, '--python', python, '--without-pip', env_dir])
        self.assertEqual(result.code, 0, str(result))
        (env_dir / 'bin' / 'activate').write_text('mine\n')
        before = snapshot(env_dir)
        need_mounts()
        result = run(['unshare', '-m', 'sh', '-c',
                      'mkdir -p /usr/share/python-wheels 2>/dev/null; '
                      'mount -t tmpfs none /usr/share/python-wheels && exec "$@"', 'sh',
                      PROGRAM, '--python', python, '--copies', '--prompt', 'x', env_dir])
        self.assertEqual(result.code, 1, str(result))
        self.assertEqual(snapshot(env_dir), before)
