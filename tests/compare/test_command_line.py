"""The command line: what is accepted, refused and printed, and which Python is meant."""

import os
import pty
import select
import subprocess

from machine import PROGRAM, PYENV, ask, need, need_ability, need_pyenv, pythons, wipe
from support import Case, about, environment, newest, read_cfg, run

OPTIONS = ('--system-site-packages', '--symlinks', '--copies', '--clear', '--upgrade',
           '--without-pip', '--prompt', '--upgrade-deps', '--without-scm-ignore-files', '--python',
           '--force', '--quiet', '--verbose', '--version', '--help')


def on_terminal(arguments, env, cwd):
    """What a terminal shows, and the exit code."""
    need_ability('terminals')
    ours, theirs = pty.openpty()
    process = subprocess.Popen(arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=env,
                               cwd=cwd)
    os.close(theirs)
    shown = b''
    while select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return shown.decode().replace('\r\n', '\n'), process.wait()


class CommandLine(Case):
    def usage(self, arguments, *words):
        """Usage and one line that says each of `words`; nothing was made."""
        result = self.venv(*arguments, cwd=self.tmp)
        self.assertEqual(result.code, 2, str(result))
        self.assertEqual(result.out, '')
        lines = result.err.splitlines()
        self.assertRegex(lines[0], '^usage: venv ')
        self.assertRegex(lines[1], '^venv: error: ')
        self.assertEqual(len(lines), 2, result.err)
        for word in words:
            self.assertIn(word, lines[1])
        self.assertEqual(os.listdir(self.tmp), ['home'])

    def test_wrong_command_lines(self):
        for arguments, words in (
                ([], ('ENV_DIR',)),
                (['--without-pip'], ('ENV_DIR',)),
                (['--'], ('ENV_DIR',)),
                (['--nonsense', 'env'], ('--nonsense',)),
                (['env', '--nonsense=1'], ('--nonsense',)),
                (['-x', 'env'], ('-x',)),
                (['--s', 'env'], ('--s', '--symlinks', '--system-site-packages')),
                (['--up', 'env'], ('--upgrade', '--upgrade-deps')),
                (['--without', 'env'], ('--without-pip', '--without-scm-ignore-files')),
                (['--ver', 'env'], ('--verbose', '--version')),
                (['--prompt'], ('--prompt',)),
                (['env', '--python'], ('--python',)),
                (['--copies=yes', 'env'], ('--copies',)),
                (['--symlinks', '--copies', 'env'], ('--symlinks', '--copies')),
                (['--copies', 'env', '--symlinks'], ('--symlinks', '--copies')),
                (['--bad\x1b[31m', 'env'], ('\\x1b',))):
            with self.subTest(arguments=arguments):
                self.usage(arguments, *words)

    def test_upgrade_with_clear_is_refused_as_in_the_reference(self):
        reference = run([newest().path, '-m', 'venv', '--upgrade', '--clear', self.tmp / 'env'])
        result = self.venv('--python', newest().path, '--upgrade', '--clear', self.tmp / 'env')
        self.assertEqual(result.code, reference.code)
        self.refused(result, 'upgrade')
        self.assertFalse((self.tmp / 'env').exists())

    def test_unambiguous_beginnings(self):
        python = newest()
        for spelled, key, value in (('--sys', 'include-system-site-packages', 'true'),
                                    ('--pro=p', 'prompt', "'p'")):
            self.make(python, '--without-p', spelled, self.tmp / 'env')
            self.assertEqual(read_cfg(self.tmp / 'env' / 'pyvenv.cfg')[key], value)
        self.make(python, '--without-pip', '--cop', '--without-s', self.tmp / 'copied')
        self.assertFalse((self.tmp / 'copied' / 'bin' / 'python').is_symlink())
        self.assertFalse((self.tmp / 'copied' / '.gitignore').exists())

    def test_a_whole_name_that_begins_another_is_meant_itself(self):
        self.make(newest(), '--without-pip', '--upgrade', self.tmp / 'env')
        self.assertIn('--upgrade ', read_cfg(self.tmp / 'env' / 'pyvenv.cfg')['command'])

    def test_the_last_of_a_repeated_option_counts(self):
        python = newest()
        self.make(python, '--without-pip', '--prompt', 'one', '--prompt=two', self.tmp / 'env')
        self.assertEqual(read_cfg(self.tmp / 'env' / 'pyvenv.cfg')['prompt'], "'two'")
        result = self.venv('--python', '/nonexistent', '--python', python.path, '--without-pip',
                           self.tmp / 'env')
        self.assertEqual(result.code, 0, str(result))

    def test_options_after_directories_and_none_behind_two_dashes(self):
        python = newest()
        self.make(python, 'one', '--without-pip', 'two', '--prompt', 'p', '--', '--copies', '-h',
                  cwd=self.tmp)
        for name in ('one', 'two', '--copies', '-h'):
            cfg = read_cfg(self.tmp / name / 'pyvenv.cfg')
            self.assertEqual(cfg['prompt'], "'p'")
            self.assertTrue((self.tmp / name / 'bin' / 'python').is_symlink())

    def test_values_may_look_like_options_and_be_empty(self):
        python = newest()
        self.make(python, '--without-pip', '--prompt=--copies', self.tmp / 'env')
        self.assertEqual(read_cfg(self.tmp / 'env' / 'pyvenv.cfg')['prompt'], "'--copies'")
        self.make(python, '--without-pip', '--prompt=a=b', self.tmp / 'env')
        self.assertEqual(read_cfg(self.tmp / 'env' / 'pyvenv.cfg')['prompt'], "'a=b'")
        for word in ('-', '-5', '-5.5', '-.5', '-5.', '-.', '-1.2.3', '-x', '-x y', '--clear', '--cl',
                     '--clear x', '--cl=x y', '-h', '--', '--prompt', '-1e5', '-5 x', 'a'):
            # As a value and, in a folder of its own, as a directory's name.
            for words in (('--prompt', word, 'env'), (word, '--')):
                with self.subTest(words=words):
                    codes, listings = [], []
                    for program in ([python.path, '-m', 'venv'], [PROGRAM, '--python', python.path]):
                        cwd = self.tmp / ('folder %d' % len(codes))
                        cwd.mkdir()
                        codes.append(run([*program, '--without-pip', *words], cwd=cwd).code)
                        listings.append(os.listdir(cwd))
                        wipe(cwd)
                    self.assertEqual(codes[1], codes[0])
                    self.assertEqual(listings[1], listings[0])
        self.make(python, '--without-pip', '--prompt', '', self.tmp / 'env')
        self.assertEqual(read_cfg(self.tmp / 'env' / 'pyvenv.cfg')['prompt'], "''")

    def test_several_directories_stop_at_the_first_failure(self):
        (self.tmp / 'two').write_text('a file\n')
        result = self.venv('--python', newest().path, '--without-pip', 'one', 'two', 'three',
                           cwd=self.tmp)
        self.refused(result, "two' is not a directory")
        self.assertEqual(about(self.tmp / 'one/bin/python')['prefix'], str(self.tmp / 'one'))
        self.assertFalse((self.tmp / 'three').exists())

    def test_help_names_every_option(self):
        for name in ('--help', '-h', '--he'):
            result = self.venv(name, 'env', cwd=self.tmp)
            self.assertEqual((result.code, result.err), (0, ''))
            for option in OPTIONS:
                self.assertIn('  ' + option, result.out)
            self.assertLessEqual(max(map(len, result.out.splitlines())), 100)
        self.assertEqual(os.listdir(self.tmp), ['home'])

    def test_version(self):
        result = self.venv('--version')
        self.assertEqual((result.code, result.err), (0, ''))
        self.assertRegex(result.out, r'^venv\.hpp \d+\.\d+\.\d+\n$')

    def test_output_that_cannot_be_written(self):
        need(os.path.exists('/dev/full'), '/dev/full')
        for option in ('--help', '--version'):
            with open('/dev/full', 'w') as full:
                process = subprocess.run([PROGRAM, option], stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(process.returncode, 1)
            self.assertRegex(process.stderr.decode(), r'^Error: [^\n]+\n$')

    def test_quiet_and_verbose(self):
        python = newest()
        result = self.venv('--python', python.path, '--without-pip', '--verbose', self.tmp / 'env')
        self.assertEqual((result.code, result.out), (0, ''))
        self.assertIn(str(self.tmp / 'env'), result.err)
        self.assertIn('%d.%d.%d' % python.version, result.err)
        result = self.venv('--python', python.path, '--without-pip', '--verbose', '--quiet',
                           self.tmp / 'env')
        self.assertEqual((result.code, result.out, result.err), (0, '', ''))

    def test_two_lines_on_a_terminal(self):
        # The second is the command that activates it, in the shell that the program is started from.
        python = newest()
        for shell, command, tool in (('/bin/sh', '. ', 'sh'), ('/bin/bash', 'source ', 'bash')):
            shown, code = on_terminal(
                [shell, '-c', '"$@"; exit', shell, PROGRAM, '--python', python.path, '--without-pip',
                 'env'], environment(SHELL='/bin/false'), self.tmp)
            self.assertEqual(code, 0, shown)
            lines = shown.splitlines()
            self.assertEqual(len(lines), 2, shown)
            self.assertIn('%d.%d.%d' % python.version, lines[0])
            self.assertIn(str(self.tmp / 'env'), lines[0])
            self.assertIn(': ' + command, lines[1])
            command = lines[1].split(': ', 1)[1]
            answer = run([tool, '-c', command + '\nprintf %s "$VIRTUAL_ENV"'])
            self.assertEqual(answer.out, str(self.tmp / 'env'), str(answer))

    def test_colors_on_a_terminal(self):
        marks = '\x1b['
        help_, wrong, failed = (['--help'], ['--nonsense'], ['--info', 'absent'])
        for arguments, shown_as in ((help_, '\x1b[1musage:\x1b[0m venv '), (help_, '\x1b[1moptions:\x1b[0m\n'),
                                    (help_, '  \x1b[1;36m--requirement, -r FILE\x1b[0m  '),
                                    (wrong, '\x1b[1;31mvenv: error:\x1b[0m '),
                                    (failed, '\x1b[1;31mError:\x1b[0m ')):
            with self.subTest(arguments=arguments):
                words = [PROGRAM, *arguments]
                shown, code = on_terminal(words, environment(TERM='xterm'), self.tmp)
                self.assertIn(shown_as, shown)
                plain = shown.replace(marks + '0m', '')
                for way in ('1', '1;31', '1;36'):
                    plain = plain.replace('%s%sm' % (marks, way), '')
                for changes in ({'TERM': 'xterm', 'NO_COLOR': '1'}, {'TERM': 'dumb'}, {}):
                    self.assertEqual(on_terminal(words, environment(**changes), self.tmp), (plain, code))
                self.assertEqual(on_terminal(words, environment(TERM='xterm', NO_COLOR=''), self.tmp), (shown, code))
                result = run(words, env=environment(TERM='xterm'), cwd=self.tmp)
                self.assertEqual((result.out + result.err, result.code), (plain, code))

    def test_silence_on_a_terminal_when_quiet(self):
        shown, code = on_terminal([PROGRAM, '--python', newest().path, '--without-pip', '--quiet',
                                   'env'], environment(), self.tmp)
        self.assertEqual((shown, code), ('', 0))


class WhichPython(Case):
    """--python REQUEST, $VENV_HPP_PYTHON, PATH."""

    def found(self, *arguments, **changes):
        """The base executable and version of the environment that is made."""
        env = environment(**changes)
        result = self.venv('--without-pip', '--clear', *arguments, self.tmp / 'env', env=env)
        self.assertEqual((result.code, result.err), (0, ''), str(result))
        facts = about(self.tmp / 'env' / 'bin' / 'python')
        return facts['base_prefix'], tuple(facts['version'][:3])

    def test_path_and_command(self):
        for python in pythons():
            with self.subTest(python=str(python)):
                folder = os.path.dirname(python.path)
                path = folder + ':/usr/bin:/bin'
                self.assertEqual(self.found('--python', python.path)[1], python.version)
                self.assertEqual(self.found('--python', python.name, PATH=path)[1], python.version)
                self.assertEqual(self.found('--python=python3', PATH=path)[1], python.version)
                self.assertEqual(self.found(PATH=path)[1], python.version)

    def test_version(self):
        for python in pythons():
            if not python.path.startswith(str(PYENV)):
                continue
            with self.subTest(python=str(python)):
                release = '%d.%d.%d' % python.version
                for request in (release, 'python' + release, 'cpython' + release):
                    self.assertEqual(self.found('--python', request)[1], python.version)
                self.assertEqual(self.found('--python', python.name[6:])[1][:2], python.version[:2])

    def test_the_first_on_path_that_fits(self):
        # Not the newest of all: who has a Python on PATH means it.
        for python in pythons():
            path = os.path.dirname(python.path) + ':/usr/bin:/bin'
            for request in ('3', '>=3.8', '>=' + python.name[6:]):
                with self.subTest(python=str(python), request=request):
                    self.assertEqual(self.found('--python', request, PATH=path)[1], python.version)

    def test_at_least(self):
        installed = [python for python in pythons() if python.path.startswith(str(PYENV))]
        need_pyenv(installed, 'a Python of pyenv')
        python = installed[-1]
        request = '>=%d.%d.%d' % python.version
        self.assertEqual(self.found('--python', request, PATH='/usr/bin:/bin')[1], python.version)

    def test_pypy(self):
        need(os.path.exists('/usr/bin/pypy3'), 'pypy3')
        pypy = ask('/usr/bin/pypy3')
        for request in ('pypy3', 'pypy%d.%d' % pypy.version[:2], 'pypy>=3.6'):
            with self.subTest(request=request):
                self.found('--python', request)
                self.assertTrue((self.tmp / 'env/bin/pypy3').exists())

    def test_venv_python_where_no_option_says(self):
        old, new = pythons()[0], newest()
        self.assertEqual(self.found(VENV_HPP_PYTHON=old.path)[1], old.version)
        self.assertEqual(self.found('--python', new.path, VENV_HPP_PYTHON=old.path)[1], new.version)
        self.assertEqual(self.found(VENV_HPP_PYTHON='', PATH=os.path.dirname(new.path))[1], new.version)

    def test_what_was_rejected_is_shown(self):
        folder = self.tmp / 'folder'
        folder.mkdir()
        (folder / 'python3').write_text('#!/bin/sh\nexit 3\n')
        (folder / 'python3').chmod(0o755)
        (folder / 'python').symlink_to(newest().path)
        env = environment(PATH=str(folder), PYENV_ROOT=str(self.tmp / 'none'))
        result = self.venv('--python', '3.99', '--without-pip', self.tmp / 'env', env=env)
        self.refused(result, "'3.99'")
        self.assertIn('exits with 3', result.err)
        self.assertIn('%d.%d.%d' % newest().version, result.err)
        self.assertFalse((self.tmp / 'env').exists())

    def test_a_broken_one_on_path_is_passed_over(self):
        folder = self.tmp / 'folder'
        folder.mkdir()
        (folder / 'python3').write_text('#!/bin/sh\nexit 3\n')
        (folder / 'python3').chmod(0o755)
        path = '%s:%s' % (folder, os.path.dirname(newest().path))
        self.assertEqual(self.found(PATH=path)[1], newest().version)

    def test_none(self):
        env = environment(PATH=str(self.tmp), PYENV_ROOT=str(self.tmp / 'none'))
        for request in ((), ('--python', 'no-such-command'), ('--python', '3')):
            result = self.venv(*request, '--without-pip', self.tmp / 'env', env=env)
            self.refused(result, 'no Python found for ')
            self.assertFalse((self.tmp / 'env').exists())

    def test_nothing_in_the_working_directory_is_run(self):
        (self.tmp / 'python3').write_text('#!/bin/sh\ntouch ran\n')
        (self.tmp / 'python3').chmod(0o755)
        for path in ('', '.', ':/usr/bin', '.:/usr/bin'):
            env = environment(PATH=path, PYENV_ROOT=str(self.tmp / 'none'))
            self.venv('--without-pip', 'env', env=env, cwd=self.tmp)
            self.venv('--python', 'python3', '--without-pip', 'env', env=env, cwd=self.tmp)
            self.assertFalse((self.tmp / 'ran').exists())
