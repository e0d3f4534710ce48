"""The program uses what is there: what is installed, --ensure, --check, and what goes together."""

import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess

import wheels
from machine import PROGRAM, ask, need_ability, need_command, need_pyenv, need_traces, pythons
from support import Case, about, environment, newest, run


def make_wheel(folder, name, version='1.0', requires=(), code=''):
    """A wheel of one module, with a program of the same name that calls its `main`; without hashes, so that only pip
    takes it."""
    module = 'def main():\n    print("%s %s")\n%s' % (name, version, code)
    return wheels.make_wheel(folder, name, version, {name + '.py': module},
                             '[console_scripts]\n%s = %s:main\n' % (name, name), requires, hashes=False)


def times_below(folder):
    """Of each path, what any change of it changes."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in ['.', *folders, *files]:
            status = os.lstat(os.path.join(root, name))
            found[os.path.join(root, name)] = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size)
    return found


BROUGHT = ('pip', 'setuptools')  # by an environment itself; setuptools by those of Python 3.11 and older


class UsingCase(Case):
    def setUp(self):
        super().setUp()
        self.wheels = self.tmp / 'wheels of "mine"'
        make_wheel(self.wheels, 'one', '1.0')
        make_wheel(self.wheels, 'one', '2.0', requires=['two'])
        make_wheel(self.wheels, 'two')
        self.env_dir = self.tmp / 'its env'
        self.python = newest()

    def write(self, name, text):
        path = self.tmp / name
        path.write_text(text, encoding='utf-8')
        return path

    def succeed(self, *arguments, **options):
        """What the program printed; it must succeed and say nothing else."""
        result = self.venv(*arguments, **options)
        self.assertEqual((result.code, result.err), (0, ''), str(result))
        return result.out

    def offline(self, *arguments):
        return ['--python', self.python.path, '--offline', '--wheel-dir', self.wheels, *arguments]

    def installed(self):
        """{name: version}"""
        answer = run([self.env_dir / 'bin/python', '-c', 'import importlib.metadata as m, json; '
                      'print(json.dumps({d.metadata["Name"]: d.version for d in m.distributions()}))'])
        self.assertEqual(answer.code, 0, str(answer))
        return {name: version for name, version in json.loads(answer.out).items() if name not in BROUGHT}

    def usage_error(self, arguments, *words):
        result = self.venv(*arguments, cwd=self.tmp)
        self.assertEqual((result.code, result.out), (2, ''), str(result))
        self.assertEqual(len(result.err.splitlines()), 2, result.err)
        for word in words:
            self.assertIn(word, result.err.splitlines()[1])

    def problems(self, *arguments, code):
        """What --check says, as JSON; the text says the same."""
        text = self.venv('--check', *arguments)
        result = self.venv('--check', '--json', *arguments)
        self.assertEqual((result.code, result.err), (code, ''), str(result))
        self.assertEqual((text.code, text.err), (code, ''), str(text))
        problems = json.loads(result.out)
        self.assertEqual(len(text.out.splitlines()), len(problems))
        for line, problem in zip(text.out.splitlines(), problems):
            self.assertTrue(line.endswith('%(level)s: %(code)s: %(what)s; %(remedy)s' % problem), line)
            self.assertNotIn('venv::', line)
        return problems


class Requirements(UsingCase):
    def test_are_installed_after_making(self):
        file = self.write('its "requirements" ü.txt', 'one\n')
        self.succeed(*self.offline('--requirement', file, self.env_dir))
        self.assertEqual(self.installed(), {'one': '2.0', 'two': '1.0'})

    def test_each_spelling_and_repetition(self):
        self.write('a.txt', 'one\n')
        self.write('b c.txt', '-r nested.txt\n')
        self.write('nested.txt', 'two\n')
        self.write('limits', 'one<2\n')
        for number, words in enumerate((['-r', 'a.txt', '-rb c.txt', '-climits'],
                                        ['-r=a.txt', '--requirement=b c.txt', '-c=limits'],
                                        ['--requirem', 'a.txt', '--requirement', 'b c.txt', '--cons', 'limits'])):
            with self.subTest(words=words):
                self.env_dir = self.tmp / str(number)
                self.succeed(*self.offline(*words, self.env_dir), cwd=self.tmp)
                self.assertEqual(self.installed(), {'one': '1.0', 'two': '1.0'})

    def test_pip_says_why_it_fails_and_the_environment_stays(self):
        file = self.write('requirements.txt', 'absent==7\n')
        result = self.venv(*self.offline('-r', file, self.env_dir))
        self.assertEqual((result.code, result.out), (1, ''))
        self.assertIn('absent==7', result.err)
        error, hint = result.err.splitlines()[-2:]
        self.assertRegex(error, '^Error: .* exited with 1$')
        self.assertRegex(hint, "^Hint: .*no 'absent'")
        self.assertEqual(about(self.env_dir / 'bin/python')['prefix'], str(self.env_dir))

    def test_hashes_and_wheels_alone(self):
        file = self.write('requirements.txt', 'two\n')
        result = self.venv(*self.offline('-r', file, '--require-hashes', self.env_dir))
        self.assertEqual(result.code, 1)
        self.assertIn('In --require-hashes mode', result.err)
        for value in (':all:', 'two'):
            self.succeed(*self.offline('-r', file, '--only-binary', value, self.env_dir))
            self.assertEqual(self.installed(), {'two': '1.0'})

    def test_system_site_packages_may_have_the_pip(self):
        base = ask('/usr/bin/python3')
        if run([base.path, '-m', 'pip', '--version']).code != 0:
            self.skipTest('missing: pip of the system')
        file = self.write('requirements.txt', 'two\n')
        self.python = base
        self.succeed(*self.offline('-r', file, '--without-pip', '--system-site-packages', self.env_dir))
        self.assertIn('two', self.installed())

    def test_how_to_install_means_nothing_when_nothing_is(self):
        how = ['-c', self.tmp / 'none', '--require-hashes', '--only-binary', 'two']
        self.succeed(*self.offline(*how, '--without-pip', self.env_dir))
        self.succeed('--check', *self.offline(*how, '--without-pip', self.env_dir))
        self.succeed('--ensure', '--without-pip', '--python', self.python.path, self.env_dir)
        before = times_below(self.env_dir)
        self.succeed('--ensure', *self.offline(*how, '--without-pip', self.env_dir))
        self.assertEqual(times_below(self.env_dir), before)
        self.assertFalse((self.env_dir / 'bin/pip').exists())

    def test_what_does_not_go_together(self):
        for arguments, words in (
                (['-r'], ('--requirement', 'FILE')),
                (['-r', '', 'env'], ('--requirement', 'empty')),
                (['-r', '--clear', 'env'], ('--requirement',)),
                (['-c', '', 'env'], ('--constraint', 'empty')),
                (['--wheel-dir=', 'env'], ('--wheel-dir', 'empty')),
                (['--without-pip', '-r', 'x', 'env'], ('--without-pip', '--requirement')),
                (['--ensure', '--clear', 'env'], ('--ensure', '--clear')),
                (['--ensure', '--upgrade', 'env'], ('--ensure', '--upgrade')),
                (['--ensure', '--upgrade-deps', 'env'], ('--ensure', '--upgrade-deps')),
                (['--ensure', '--check', 'env'], ('--ensure', '--check')),
                (['--check', '--force', 'env'], ('--check', '--force')),
                (['--list-pythons', '--check'], ('--list-pythons', '--check')),
                (['--list-pythons', '-r', 'x'], ('--list-pythons', '--requirement')),
                (['--json', '--remove', 'env'], ('--json', '--remove')),
                (['--json', '--activate', 'bash', 'env'], ('--json', '--activate')),
                (['--lock-timeout', '1', 'env'], ('--lock-timeout', '--ensure')),
                (['--ensure', '--lock-timeout', '-1', 'env'], ('--lock-timeout', 'seconds')),
                (['--ensure', '--lock-timeout', '1.5', 'env'], ('--lock-timeout', 'seconds')),
                (['--ensure'], ('ENV_DIR',)),
                (['--check'], ('ENV_DIR',)),
                (['-x', 'env'], ('-x',)),
                (['-hx', 'env'], ('-hx',)),
                (['--requir', 'x', 'env'], ('--requirement', '--require-hashes'))):
            with self.subTest(arguments=arguments):
                before = os.listdir(self.tmp)
                self.usage_error(arguments, *words)
                self.assertEqual(os.listdir(self.tmp), before)

    def test_a_value_with_a_space_may_look_like_a_letter(self):
        # The reference takes it for a value, or for a directory.
        self.succeed('--python', self.python.path, '--without-pip', '--prompt', '-r x', self.env_dir)
        self.assertIn("prompt = '-r x'", (self.env_dir / 'pyvenv.cfg').read_text())


class Events(UsingCase):
    def events(self, *arguments, code=0):
        result = self.venv('--json', *arguments)
        self.assertEqual(result.code, code, str(result))
        return [json.loads(line) for line in result.out.splitlines()], result.err

    def test_as_json_while_it_is_made(self):
        file = self.write('requirements.txt', 'one\n')
        for action in ([], ['--ensure']):
            self.env_dir = self.tmp / ('env' + ''.join(action))
            events, err = self.events(*action, *self.offline('-r', file, self.env_dir))
            self.assertEqual(err, '')
            phases = [event['phase'] for event in events if event['event'] == 'phase']
            self.assertEqual(phases, ['looking'] * len(action) + [
                'python', 'directories', 'interpreter', 'pip', 'scripts', 'packages'])
            packages = [event for event in events if event['event'] == 'package' and event['phase'] == 'packages']
            self.assertEqual(sorted(event['package'] for event in packages), ['one 2.0', 'two 1.0'])
            self.assertEqual([event['count'] for event in packages], [0, 0])  # pip says no number before
            self.assertEqual(events[-1], {
                'event': 'result', 'directory': str(self.env_dir), 'changed': True,
                'python': str(self.env_dir / 'bin/python'), 'version': '%d.%d.%d' % self.python.version[:3]})
            self.assertEqual([event['event'] for event in events].count('result'), 1)
        events, err = self.events('--ensure', *self.offline('-r', file, self.env_dir))
        self.assertEqual(([event['event'] for event in events], events[0]['changed'], err), (['result'], False, ''))

    def test_an_error_is_the_last_one(self):
        file = self.write('requirements.txt', 'absent==7\n')
        events, err = self.events(*self.offline('-r', file, self.env_dir), code=1)
        command = [event for event in events if event['event'] == 'command'][-1]
        self.assertEqual(command['arguments'][1:4], ['-m', 'pip', 'install'])
        self.assertTrue([event for event in events if event['event'] == 'output' and 'absent' in event['text']])
        last = events[-1]
        self.assertEqual((last['event'], last['code'], last['pip_failure'], last['package'], last['exit_code']),
                         ('error', 'command-failed', 'not-found', 'absent', 1))
        self.assertIn('absent==7', last['output'])
        self.assertIn('Error: ', err)
        if os.path.exists('/dev/full'):
            with open('/dev/full', 'w') as full:
                result = subprocess.run([PROGRAM, '--json', '--without-pip', '--python', str(self.python.path),
                                         str(self.tmp / 'full')], stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(result.returncode, 1)
            self.assertIn(b'cannot write to standard output', result.stderr)
            self.assertFalse((self.tmp / 'full').exists())

    def test_a_line_on_a_terminal_says_how_long(self):
        need_ability('terminals')
        slow = self.tmp / 'slow'
        slow.write_text('#!/bin/sh\nsleep 2.5\nexec %s "$@"\n' % shlex.quote(str(self.python.path)))
        slow.chmod(0o755)
        arguments = [PROGRAM, '--python', str(slow), '--without-pip', str(self.env_dir)]
        for options, shown in (([], True), (['--quiet'], False)):
            pid, terminal = pty.fork()
            if pid == 0:
                os.execv(PROGRAM, [*arguments, *options])
            said = b''
            try:
                while piece := os.read(terminal, 4096):
                    said += piece
            except OSError:  # it ended
                pass
            self.assertEqual(os.waitpid(pid, 0)[1], 0)
            os.close(terminal)
            text = said.decode()
            self.assertEqual('looking for the base Python (2 s)' in text, shown, text)
            if shown:  # and nothing is left of it
                self.assertRegex(text.split('Made')[0], '\r +\r$')


class Ensure(UsingCase):
    def ensure(self, *arguments):
        return self.succeed('--ensure', *self.offline(*arguments))

    def test_makes_installs_mends_and_then_does_nothing(self):
        self.write('nested.txt', 'two\n')
        file = self.write('requirements.txt', 'one<2\n-r nested.txt\n')
        self.ensure('-r', file, self.env_dir)
        self.assertEqual(self.installed(), {'one': '1.0', 'two': '1.0'})
        before = times_below(self.env_dir)
        self.ensure('-r', file, self.env_dir)
        self.assertEqual(times_below(self.env_dir), before)
        self.write('nested.txt', 'one==1.0\n')
        os.unlink(self.env_dir / 'bin/python3')
        self.ensure('-r', file, self.env_dir)
        self.assertTrue((self.env_dir / 'bin/python3').exists())
        file.write_text('one==2.0\n')
        self.ensure('-r', file, self.env_dir)
        self.assertEqual(self.installed(), {'one': '2.0', 'two': '1.0'})

    def test_links_stay_links_whichever_is_gone(self):
        for option in ('--symlinks', '--copies'):
            arguments = ['--python', self.python.path, '--without-pip', self.env_dir]
            self.succeed('--clear', option, *arguments)
            before = {path.name: path.is_symlink() for path in (self.env_dir / 'bin').glob('python*')}
            for name in before:
                with self.subTest(option=option, name=name):
                    os.unlink(self.env_dir / 'bin' / name)
                    self.succeed('--ensure', *arguments)
                    self.assertEqual({path.name: path.is_symlink() for path in (self.env_dir / 'bin').glob('python*')},
                                     before)

    def test_several_directories_stop_at_the_first_failure(self):
        (self.tmp / 'two').write_text('a file\n')
        result = self.venv('--ensure', '--python', self.python.path, '--without-pip', 'one', 'two', 'three',
                           cwd=self.tmp)
        self.refused(result, "two'")
        self.assertTrue((self.tmp / 'one/pyvenv.cfg').exists())
        self.assertFalse((self.tmp / 'three').exists())

    def test_nothing_to_do_starts_and_writes_nothing(self):
        need_traces()
        file = self.write('requirements.txt', 'two\n')
        arguments = self.offline('-r', file, self.env_dir)
        self.succeed('--ensure', *arguments)
        trace = self.tmp / 'trace'
        traced = run(['strace', '-f', '-o', trace, '-e', 'trace=process,file,desc,network', PROGRAM, '--ensure',
                      *arguments])
        self.assertEqual((traced.code, traced.out, traced.err), (0, '', ''))
        calls = trace.read_text('utf-8', 'replace').splitlines()
        self.assertGreater(len(calls), 20)
        started = [call for call in calls if re.search(r'^\d+\s+(v?fork|clone3?|execve(at)?)\(', call)]
        self.assertEqual(len(started), 1, started)  # the program itself
        written = [call for call in calls if re.search(
            r'O_(WRONLY|RDWR|CREAT)|^\d+\s+(mkdir|rename|unlink|symlink|link|utime|chmod|truncate|mknod)', call)]
        self.assertEqual(written, [])
        # Whose shell it is matters to the command that is shown on a terminal, and to nothing else.
        self.assertEqual([call for call in calls if re.search(r'"/proc/\d+/', call)], [])

    def test_says_what_it_does_when_asked(self):
        result = self.venv('--ensure', '--verbose', '--python', self.python.path, '--without-pip', self.env_dir)
        self.assertEqual((result.code, result.out), (0, ''))
        self.assertIn("' doesn't exist", result.err)
        self.assertNotIn('empty directory', result.err)  # that this run has made itself
        self.assertIn('Made ', result.err)
        empty = self.tmp / 'empty'
        empty.mkdir()
        result = self.venv('--ensure', '--verbose', '--python', self.python.path, '--without-pip', empty)
        self.assertIn('is an empty directory', result.err)
        result = self.venv('--ensure', '--verbose', '--python', self.python.path, '--without-pip', self.env_dir)
        self.assertIn('Nothing to do ', result.err)
        self.assertEqual(len(result.err.splitlines()), 2)

    def test_waits_for_others_as_long_as_it_may(self):
        self.ensure(self.env_dir)
        holder = subprocess.Popen([need_command('flock'), self.env_dir, 'sleep', '60'])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        while run(['flock', '--nonblock', self.env_dir, 'true']).code == 0:
            pass
        result = self.venv('--ensure', '--lock-timeout', '1', '--prompt', 'another', '--python', self.python.path,
                           self.env_dir)
        self.refused(result, 'is being made by process ')

    def test_a_signal_ends_it_while_it_waits(self):
        self.ensure(self.env_dir)
        holder = subprocess.Popen([need_command('flock'), self.env_dir, 'sleep', '60'])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        while run(['flock', '--nonblock', self.env_dir, 'true']).code == 0:
            pass
        waiting = subprocess.Popen([PROGRAM, '--ensure', '--verbose', '--prompt', 'another', '--python', self.python.path,
                                    self.env_dir], env=environment(), stderr=subprocess.PIPE)
        self.assertIn(b'waiting for process ', waiting.stderr.readline())
        waiting.send_signal(signal.SIGTERM)
        self.assertEqual(waiting.wait(30), -signal.SIGTERM)
        waiting.stderr.close()


def two_minor_versions():
    """The newest Python, and before it the newest of another minor version."""
    others = [python for python in pythons() if python.version[:2] != newest().version[:2]]
    need_pyenv(others, 'two Pythons')
    return others[-1], newest()


class Reinstall(UsingCase):
    def test_for_another_minor_version(self):
        old, new = two_minor_versions()
        make_wheel(self.wheels, 'three')
        wheels = ['--offline', '--wheel-dir', self.wheels]
        file = self.write('r.txt', 'one\nthree\n')
        self.succeed('--ensure', '--python', old.path, *wheels, '-r', file, self.env_dir)
        self.assertEqual(set(self.installed()), {'one', 'two', 'three'})
        (self.env_dir / ('lib/python%d.%d/site-packages/three-1.0.dist-info/direct_url.json' % old.version[:2])
         ).write_text('{"url": "file:///gone", "dir_info": {}}')

        result = self.venv('--ensure', '--python', new.path, *wheels, self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.assertRegex(result.err, 'Warning: .* one==2.0')
        self.assertEqual(self.installed(), {})

        asked = ['--reinstall', '--python', new.path, *wheels]
        self.problems(*asked, self.env_dir, code=3)
        self.assertEqual(self.venv('--ensure', *asked, self.env_dir).code, 0)
        self.assertEqual(self.installed(), {'one': '2.0', 'two': '1.0'})  # not what came from elsewhere
        before = times_below(self.env_dir)
        self.succeed('--ensure', *asked, self.env_dir)
        self.assertEqual(times_below(self.env_dir), before)

    def test_the_warning_says_what_is_installed_again_and_what_is_not(self):
        old, new = two_minor_versions()  # (an older pip takes a $HOME in a path for the variable)
        file = self.write('r.txt', 'one\n')
        for own_place in (False, True):
            shutil.rmtree(self.env_dir, ignore_errors=True)
            self.succeed('--ensure', *self.offline('-r', file, self.env_dir)[2:], '--python', old.path)
            if own_place:
                two = next(self.env_dir.glob('lib/python*/site-packages/two-1.0.dist-info'))
                (two / 'direct_url.json').write_text('{"url": "file:///gone", "dir_info": {}}')
            result = self.venv('--ensure', '--reinstall', '--python', new.path, '--offline', '--wheel-dir', self.wheels,
                               self.env_dir)
            self.assertEqual(result.code, 0, str(result))
            told = [line for line in result.err.splitlines() if 'is for another Python' in line]
            self.assertEqual(len(told), 1, (own_place, str(result)))
            self.assertIn('; it is installed again, unless something else is required: one==2.0', told[0])
            self.assertEqual('install the rest again with:' in told[0], own_place)
            self.assertEqual(told[0].endswith('-m pip install two==1.0'), own_place)
            self.assertEqual(self.installed()['one'], '2.0')

    def test_what_is_required_has_its_way_and_the_index_comes_last(self):
        two_minor_versions()
        old, new = pythons()[0], newest()
        file = self.write('r.txt', 'one<2\ntwo\n')
        self.succeed('--ensure', *self.offline('-r', file, self.env_dir)[2:], '--python', old.path)
        (self.wheels / 'two-1.0-py3-none-any.whl').rename(self.tmp / 'two-1.0-py3-none-any.whl')
        wanted = self.write('new.txt', 'one>=2\n')
        result = self.venv('--ensure', '--verbose', '--reinstall', '--python', new.path, '-r', wanted,
                           '--wheel-dir', self.wheels, self.env_dir, env=environment(PIP_FIND_LINKS='', PIP_NO_INDEX='0',
                                                                                     PIP_INDEX_URL='file:///none'))
        self.assertEqual(result.code, 1)
        self.assertIn('the package index is asked', result.err)
        (self.tmp / 'two-1.0-py3-none-any.whl').rename(self.wheels / 'two-1.0-py3-none-any.whl')
        self.assertEqual(self.venv('--ensure', '--reinstall', '--python', new.path, '-r', wanted,
                                   '--wheel-dir', self.wheels, self.env_dir).code, 0)
        self.assertEqual(self.installed(), {'one': '2.0', 'two': '1.0'})


class Check(UsingCase):
    def test_ready_would_change_broken(self):
        plain = ['--python', self.python.path]
        self.assertEqual([p['code'] for p in self.problems(self.env_dir, code=4)], ['no-environment'])
        self.succeed('--without-pip', *plain, self.env_dir)
        self.assertEqual(self.problems('--without-pip', *plain, self.env_dir, code=0), [])
        self.assertEqual([p['code'] for p in self.problems(*plain, self.env_dir, code=3)], ['pip-missing'])
        found = self.problems('--without-pip', '--prompt', 'ü"\n', *plain, self.env_dir, code=3)
        self.assertEqual([(p['level'], p['code']) for p in found], [('change', 'other-options')])
        os.unlink(self.env_dir / 'bin/python')
        found = self.problems('--without-pip', *plain, self.env_dir, code=4)
        self.assertEqual(found[0]['path'], str(self.env_dir / 'bin/python'))
        self.assertEqual((found[0]['level'], found[0]['code']), ('broken', 'interpreter-missing'))
        self.assertEqual(found[0]['env_dir'], str(self.env_dir))

    def test_a_note_changes_no_exit_code(self):
        self.succeed('--without-pip', '--python', self.python.path, self.env_dir)
        (self.env_dir / 'lib/python3.4/site-packages/old-1.dist-info').mkdir(parents=True)
        found = self.problems('--without-pip', '--python', self.python.path, self.env_dir, code=0)
        self.assertEqual([(p['level'], p['code']) for p in found], [('note', 'other-library')])

    def test_names_what_is_missing(self):
        self.succeed('--python', self.python.path, self.env_dir)
        self.write('nested.txt', 'two>1\n')
        file = self.write('requirements.txt', 'one\n-r nested.txt\n')
        found = self.problems('--python', self.python.path, '-r', file, self.env_dir, code=3)
        self.assertEqual([p['code'] for p in found], ['requirement-missing'] * 2)
        self.assertIn("'one'", found[0]['what'])
        self.assertIn('nested.txt', found[1]['what'])
        self.succeed(*self.offline('-r', self.write('all.txt', 'one\n'), self.env_dir))
        self.assertEqual(len(self.problems('-r', file, '--python', self.python.path, self.env_dir, code=3)), 1)

    def test_several_directories_each_by_its_name(self):
        for name in ('a', 'b'):
            self.succeed('--without-pip', '--python', self.python.path, self.tmp / name)
        os.unlink(self.tmp / 'b/bin/python')
        result = self.venv('--check', '--without-pip', '--python', self.python.path, 'a', 'b', 'c', cwd=self.tmp)
        self.assertEqual(result.code, 4)
        self.assertEqual({line[:10] for line in result.out.splitlines()}, {'b: broken:', 'c: broken:'})

    def test_what_the_requirements_lack_is_an_error(self):
        self.refused(self.venv('--check', '-r', self.tmp / 'none.txt', self.env_dir), 'none.txt')

    def test_other_makers_and_a_closed_output(self):
        self.reference(self.python, '--without-pip', self.env_dir)
        self.problems('--without-pip', '--python', self.python.path, self.env_dir, code=0)
        with open('/dev/full', 'w') as full:
            for options in ([], ['--json']):
                done = subprocess.run([PROGRAM, '--check', *options, self.env_dir], stdout=full,
                                      stderr=subprocess.PIPE, env=environment())
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr.decode(), r'^Error: [^\n]+\n$')

    def test_starts_nothing(self):
        need_traces()
        self.succeed('--python', self.python.path, self.env_dir)
        trace = self.tmp / 'trace'
        before = times_below(self.env_dir)
        traced = run(['strace', '-f', '-o', trace, '-e', 'trace=process', PROGRAM, '--check', '--python',
                      self.python.path, '-r', self.write('r.txt', 'one\n'), self.env_dir])
        self.assertEqual(traced.code, 3)
        self.assertEqual(len(re.findall('(?:fork|clone3?|execve)\\(', trace.read_text())), 1)
        self.assertEqual(times_below(self.env_dir), before)


class Info(UsingCase):
    def setUp(self):
        super().setUp()
        self.succeed(*self.offline('-r', self.write('r.txt', 'one\n'), '--prompt', 'a "prompt" ü', self.env_dir))

    def info(self, *arguments):
        return json.loads(self.succeed('--info', '--json', *arguments))

    def test_says_what_its_python_says(self):
        told, facts = self.info(self.env_dir), about(self.env_dir / 'bin/python')
        self.assertEqual(told['directory'], facts['prefix'])
        self.assertEqual(told['python'], str(self.env_dir / 'bin/python'))
        self.assertEqual(told['version'], '%d.%d.%d' % self.python.version)
        self.assertEqual(told['implementation'], 'cpython')
        self.assertEqual(told['scripts'], facts['paths']['scripts'])
        self.assertEqual(told['site_packages'], facts['paths']['purelib'])
        self.assertEqual(told['platlib'], facts['paths']['platlib'])
        self.assertEqual(told['prompt'], 'a "prompt" ü')
        self.assertEqual(os.path.realpath(told['base']), os.path.realpath(facts['base_executable']))
        build = run([self.python.path, '-c', 'import sysconfig as s; print(s.get_config_var("EXT_SUFFIX"), '
                     's.get_path("include"), s.get_config_var("INSTSONAME"), sep="\\n")']).out.splitlines()
        self.assertEqual(told['extension_suffix'], build[0])
        self.assertEqual(told['include'], build[1] if os.path.exists(build[1] + '/Python.h') else None)
        self.assertIn(os.path.basename(told['libpython'] or build[2]), (build[2], build[2].replace('.so.1.0', '.a')))
        self.assertIs(told['system_site_packages'], False)
        self.assertGreater(told['size'], 5_000_000)
        found = {one['name']: one for one in told['distributions']}
        self.assertEqual({name: one['version'] for name, one in found.items() if name not in BROUGHT},
                         {'one': '2.0', 'two': '1.0'})
        self.assertEqual([found[name]['requested'] for name in ('one', 'two')], [True, False])

    def test_is_opened_by_whatever_means_it(self):
        whole = self.info(self.env_dir)
        (self.tmp / '.venv').write_text('its env\n')
        for place in ('its env/bin', 'its env/bin/python3', '.venv'):
            self.assertEqual(json.loads(self.succeed('--info', '--json', place, cwd=self.tmp)), whole)

    def test_as_text(self):
        text = self.succeed('--info', self.env_dir)
        self.assertIn('python         %s\n' % (self.env_dir / 'bin/python'), text)
        self.assertIn('installed      one 2.0\n', text)
        (self.env_dir / 'pyvenv.cfg').write_text('home = /gone\nversion = 3.13.0\nprompt = a\\x1b\n')
        for name in ('python', 'python3', os.path.basename(self.python.path)):
            (self.env_dir / 'bin' / name).unlink(missing_ok=True)
        self.assertIn('base           gone from /gone\n', self.succeed('--info', self.env_dir))
        gone = self.info(self.env_dir)
        for what in ('base', 'libpython', 'include', 'extension_suffix'):
            self.assertIsNone(gone[what])

    def test_other_bytes_are_json_too(self):
        (self.env_dir / 'pyvenv.cfg').write_bytes(b'home = /\xff"\\\x01\nversion = 3.13\nprompt = \xff\n')
        told = self.info(self.env_dir)
        self.assertEqual(told['home'], '/\udcff"\\\x01')
        self.assertEqual(told['prompt'], '\udcff')

    def test_output_that_cannot_be_written(self):
        for words in (['--info'], ['--info', '--json'], ['--activate', 'sh']):
            with open('/dev/full', 'w') as full:
                done = subprocess.run([PROGRAM, *words, self.env_dir], stdout=full, stderr=subprocess.PIPE,
                                      env=environment())
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr.decode(), r'^Error: [^\n]+\n$')
            closed = run(['sh', '-c', 'exec >&-; exec "$@"', 'sh', PROGRAM, *words, self.env_dir])
            self.refused(closed, 'standard output')

    def test_what_is_no_environment(self):
        for option in (['--info'], ['--activate', 'sh']):
            self.refused(self.venv(*option, self.wheels), 'no environment')
            self.refused(self.venv(*option, self.tmp / 'none'), 'no environment')

    def test_what_does_not_go_together(self):
        for arguments, words in (
                (['--info'], ('ENV_DIR',)),
                (['--info', 'a', 'b'], ('--info', 'one')),
                (['--info', '-r', 'x', 'a'], ('--info', '--requirement')),
                (['--activate', 'sh', 'a', 'b'], ('--activate', 'one')),
                (['--activate', 'sh'], ('ENV_DIR',)),
                (['--activate'], ('--activate', 'SHELL')),
                (['--activate', 'foo', 'a'], ('--activate', 'foo', 'bash')),
                (['--remove'], ('ENV_DIR',)),
                (['--remove', '--force', 'a'], ('--remove', '--force')),
                (['--remove', '--ensure', 'a'], ('--remove', '--ensure')),
                (['--uninstall', 'x'], ('ENV_DIR',)),
                (['--uninstall', '', 'a'], ('--uninstall', 'empty')),
                (['--uninstall', 'x', '-r', 'y', 'a'], ('--uninstall', '--requirement')),
                (['--uninstall', 'x', '--remove', 'a'], ('--uninstall', '--remove')),
                (['--run', '--json', 'a', '--', 'x'], ('--run', '--json')),
                (['--run', 'a'], ('--run', '--')),
                (['--run', 'a', '--'], ('--run', '--')),
                (['--run', 'a', 'b', '--', 'x'], ('--run', 'one')),
                (['--run', '--', 'x'], ('ENV_DIR',))):
            with self.subTest(arguments=arguments):
                self.usage_error(arguments, *words)


class Uninstall(UsingCase):
    def make(self):
        self.succeed('--quiet', '--ensure', '-r', self.write('req.txt', 'one\n'), *self.offline(self.env_dir))
        self.assertEqual(self.installed(), {'one': '2.0', 'two': '1.0'})

    def test_removes_packages_all_or_none(self):
        self.make()
        self.refused(self.venv('--uninstall', 'two', '--uninstall', 'three', self.env_dir), "'three' is not installed")
        self.assertEqual(self.installed(), {'one': '2.0', 'two': '1.0'})
        self.succeed('--uninstall', 'One', self.env_dir)
        self.assertEqual(self.installed(), {'two': '1.0'})
        self.assertFalse((self.env_dir / 'bin/one').exists())
        said = self.venv('--verbose', '--uninstall', 'two', '--uninstall=pip', self.env_dir)
        self.assertEqual((said.code, said.err), (0, "Removed two, pip from '%s'\n" % self.env_dir))
        self.assertEqual(self.installed(), {})
        self.refused(self.venv('--uninstall', 'pip', self.env_dir), "'pip' is not installed")
        self.refused(self.venv('--uninstall', 'pip', self.tmp / 'none'), 'no environment')

    def test_waits_for_others_and_hears_signals(self):
        self.make()
        holder = subprocess.Popen([need_command('flock'), self.env_dir, 'sleep', '60'])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        while run(['flock', '--nonblock', self.env_dir, 'true']).code == 0:
            pass
        waiting = subprocess.Popen([PROGRAM, '--uninstall', 'one', self.env_dir], env=environment())
        with self.assertRaises(subprocess.TimeoutExpired):
            waiting.wait(1)
        waiting.send_signal(signal.SIGINT)
        self.assertEqual(waiting.wait(30), -signal.SIGINT)
        self.assertEqual(self.installed(), {'one': '2.0', 'two': '1.0'})

    def test_only_pip(self):
        for options, words in ((['--only-pip'], 'pip installs: it is asked to'), ([], 'no SHA-256')):
            said = self.venv('--verbose', '--ensure', *options, '-r', self.write('req.txt', 'two\n'),
                             *self.offline(self.tmp / ('env' + ''.join(options))))
            self.assertEqual(said.code, 0, str(said))
            self.assertIn(words, said.err)


class Environments(UsingCase):
    def test_says_whose_which_and_when(self):
        folder = self.tmp / 'all "of them"'
        self.succeed('--ensure', '--owner', 'my "app" ü', '--without-pip', '--python', self.python.path, folder / 'a')
        self.succeed('--without-pip', '--python', self.python.path, folder / 'b')
        self.succeed('--owner', 'other', '--without-pip', '--python', self.python.path, folder / 'c')
        (folder / 'b/bin/python').unlink()
        (folder / 'none').mkdir()
        for name in ('a/.venv.hpp-used', 'b/pyvenv.cfg'):
            os.utime(folder / name, (86400, 86400))
        before = times_below(folder)
        listed = json.loads(self.succeed('--environments', '--json', folder))
        self.assertEqual([os.path.basename(one['directory']) for one in listed], ['a', 'b', 'c'])
        self.assertEqual([one['owner'] for one in listed], ['my "app" ü', None, 'other'])
        self.assertEqual([one['level'] for one in listed], ['ready', 'broken', 'ready'])
        self.assertEqual([one['problems'][:1] for one in listed], [[], ['interpreter-missing'], []])
        self.assertEqual([one['last_used'] for one in listed[:2]], [86400, 86400])
        self.assertGreater(listed[2]['last_used'], 86400)
        for one in listed:
            self.assertEqual(one['version'], '%d.%d.%d' % self.python.version)
            self.assertEqual(os.path.realpath(one['base']), os.path.realpath(self.python.path))
        text = self.succeed('--environments', folder).splitlines()
        self.assertRegex(text[0], 'of my "app" ü, used [0-9]+ days ago, 0 MB, ready$')
        self.assertRegex(text[1], 'broken interpreter-missing( |$)')
        self.assertRegex(text[2], 'of other, used today, ')
        self.assertEqual(times_below(folder), before)
        self.succeed('--run', folder / 'a', '--', 'true')
        self.assertGreater(json.loads(self.succeed('--environments', '--json', folder))[0]['last_used'], 86400)
        self.assertEqual(self.venv('--environments', self.tmp / 'absent').code, 1)
        self.assertEqual(json.loads(self.succeed('--info', '--json', folder / 'a'))['owner'], 'my "app" ü')

    def test_what_does_not_go_together(self):
        for words, said in ((['--environments'], ('ENV_DIR',)),
                            (['--environments', '--owner', 'x', 'a'], ('--environments', '--owner')),
                            (['--owner', '', 'a'], ('--owner', 'empty'))):
            self.usage_error(words, *said)


class Remove(UsingCase):
    def test_deletes_environments_and_nothing_else(self):
        for name in ('one', 'it\'s "two" ü'):
            self.succeed('--without-pip', '--python', self.python.path, self.tmp / name)
        (self.tmp / 'kept').mkdir()
        (self.tmp / 'kept' / 'file').write_text('x')
        self.refused(self.venv('--remove', 'one', 'kept', 'it\'s "two" ü', cwd=self.tmp), 'kept')
        self.assertEqual(sorted(os.listdir(self.tmp)),
                         sorted(['home', 'kept', 'it\'s "two" ü', self.wheels.name]))
        self.succeed('--remove', 'it\'s "two" ü', cwd=self.tmp)
        self.assertEqual(sorted(os.listdir(self.tmp)), sorted(['home', 'kept', self.wheels.name]))
        self.assertTrue((self.tmp / 'kept' / 'file').exists())
        self.refused(self.venv('--remove', self.tmp / 'one'), "isn't there")

    def test_refuses_what_must_not_go(self):
        self.succeed('--without-pip', '--python', self.python.path, self.env_dir)
        (self.tmp / 'link').symlink_to(self.env_dir)
        self.refused(self.venv('--remove', self.tmp / 'link'), 'link')
        self.refused(self.venv('--remove', self.env_dir, cwd=self.env_dir / 'bin'), 'working directory')
        self.refused(self.venv('--remove', '/'), "'/'")
        self.refused(self.venv('--remove', self.home), 'refusing')
        self.assertTrue((self.env_dir / 'pyvenv.cfg').exists())

    def test_waits_for_others_and_hears_signals(self):
        self.succeed('--without-pip', '--python', self.python.path, self.env_dir)
        holder = subprocess.Popen([need_command('flock'), self.env_dir, 'sleep', '60'])
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        while run(['flock', '--nonblock', self.env_dir, 'true']).code == 0:
            pass
        self.refused(self.venv('--remove', '--lock-timeout', '1', self.env_dir), 'is being made by process ')
        waiting = subprocess.Popen([PROGRAM, '--remove', self.env_dir], env=environment())
        with self.assertRaises(subprocess.TimeoutExpired):
            waiting.wait(1)
        waiting.send_signal(signal.SIGINT)
        self.assertEqual(waiting.wait(30), -signal.SIGINT)
        self.assertTrue((self.env_dir / 'pyvenv.cfg').exists())


class Run(UsingCase):
    ECHO = 'import json, os, sys; print(json.dumps([sys.argv, dict(os.environ), os.getcwd(), os.getpid(), sys.prefix]))'

    def setUp(self):
        super().setUp()
        self.succeed('--without-pip', '--python', self.python.path, self.env_dir)
        self.env_dir = self.env_dir.resolve()

    def program(self, name, text, mode=0o755):
        path = self.env_dir / 'bin' / name
        path.write_text(text)
        path.chmod(mode)

    def test_arguments_variables_and_directory_are_as_given(self):
        words = ['', ' ', "it's", '"', '$HOME', '`x`', 'ü\n', '\\', '--', '-h', '--clear', '*']
        env = environment(PYTHONHOME='/nonsense', PYTHONPATH='/nonsense', MINE='a\nb=c', EMPTY='')
        result = self.venv('--run', self.env_dir, '--', 'python', '-c', self.ECHO, *words, env=env, cwd=self.tmp)
        self.assertEqual((result.code, result.err), (0, ''), str(result))
        arguments, variables, cwd, _, prefix = json.loads(result.out)
        self.assertEqual(arguments[1:], words)
        self.assertEqual(prefix, str(self.env_dir))
        self.assertEqual(cwd, str(self.tmp))
        expected = dict(env, VIRTUAL_ENV=str(self.env_dir), VIRTUAL_ENV_PROMPT=self.env_dir.name, PIP_USER='0',
                        PATH='%s/bin:%s' % (self.env_dir, env['PATH']))
        del expected['PYTHONHOME'], expected['PYTHONPATH']
        variables.pop('LC_CTYPE', None)
        self.assertEqual(variables, expected)

    def test_every_byte_but_nul(self):
        every = bytes(range(1, 256))
        answer = subprocess.run([PROGRAM, '--run', self.env_dir, '--', 'python', '-c',
                                 'import os, sys; sys.stdout.buffer.write(os.fsencode(sys.argv[1]) + os.environb[b"X"])',
                                 every], env={**environment(), 'X': every}, stdout=subprocess.PIPE)
        self.assertEqual((answer.returncode, answer.stdout), (0, every * 2))

    def test_it_becomes_the_program(self):
        with subprocess.Popen([PROGRAM, '--run', self.env_dir, '--', 'python', '-c', self.ECHO], env=environment(),
                              stdout=subprocess.PIPE) as process:
            self.assertEqual(json.loads(process.stdout.read())[3], process.pid)

    def test_exit_codes_and_signals_are_the_programs(self):
        for code in (0, 1, 3, 126, 127, 255):
            self.assertEqual(self.venv('--run', self.env_dir, '--', 'python', '-c', 'exit(%d)' % code).code, code)
        for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
            process = subprocess.Popen([PROGRAM, '--run', self.env_dir, '--', 'sh', '-c', 'echo; exec sleep 60'],
                                       env=environment(), stdout=subprocess.PIPE)
            process.stdout.readline()
            process.send_signal(number)
            self.assertEqual(process.wait(30), -number)
            process.stdout.close()

    def test_what_was_ignored_stays_ignored_and_nothing_else(self):
        show = ['--run', self.env_dir, '--', 'grep', '-E', 'Sig(Ign|Blk|Cgt)', '/proc/self/status']
        plain = run(['grep', '-E', 'Sig(Ign|Blk|Cgt)', '/proc/self/status'])
        self.assertEqual(self.succeed(*show), plain.out)
        ignoring = run(['nohup', PROGRAM, *show])
        self.assertEqual(ignoring.out, run(['nohup', *show[3:]]).out)

    def test_input_and_descriptors_are_handed_on(self):
        read, write = os.pipe()
        run([PROGRAM, '--run', self.env_dir, '--', 'sh', '-c', 'echo x >&%d' % write], pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as pipe:
            self.assertEqual(pipe.read(), 'x\n')
        done = subprocess.run([PROGRAM, '--run', self.env_dir, '--', 'cat'], input=b'x' * 70000,
                              stdout=subprocess.PIPE, env=environment())
        self.assertEqual(done.stdout, b'x' * 70000)

    def test_its_own_programs_come_first_then_those_on_path(self):
        self.program('ls', '#!/bin/sh\necho "own: $1"\n')
        self.assertEqual(self.succeed('--run', self.env_dir, '--', 'ls', 'a b'), 'own: a b\n')
        self.assertEqual(self.succeed('--run', self.env_dir, '--', '/bin/echo', 'x'), 'x\n')
        self.assertEqual(self.succeed('--run', self.env_dir, '--', 'echo', 'x'), 'x\n')
        self.assertEqual(self.succeed('--run', '..', '--', './ls', 'x', cwd=self.env_dir / 'bin'), 'own: x\n')

    def test_what_cannot_be_started(self):
        self.program('no-interpreter', '#!/nonexistent/sh\n')
        self.program('nothing', '')
        self.program('not-executable', '#!/bin/sh\n', 0o644)
        for name, code in (('no-such-program', 127), ('/no/such', 127), ('./none', 127), ('', 127),
                           ('not-executable', 127), (self.env_dir / 'bin/not-executable', 126), ('/etc', 126),
                           ('no-interpreter', 126), ('nothing', 126)):
            with self.subTest(name=name):
                self.refused(self.venv('--run', self.env_dir, '--', name), 'cannot start ', code=code)
        self.refused(self.venv('--run', self.tmp, '--', 'true'), 'no environment')
        os.unlink(self.env_dir / 'bin/python')
        os.symlink('/nonexistent', self.env_dir / 'bin/python')
        self.refused(self.venv('--run', self.env_dir, '--', 'python'), 'cannot start ', code=127)

    def test_many_arguments(self):
        words = ['%06d' % number for number in range(100_000)]
        out = self.succeed('--run', self.env_dir, '--', 'python', '-c', 'import sys; print(len(sys.argv), sys.argv[-1])',
                           *words)
        self.assertEqual(out, '100001 099999\n')
        # The most that this program can be given; with the variables that are added, it is too much.
        fits, too_much, result = os.sysconf('SC_ARG_MAX') - 200_000, os.sysconf('SC_ARG_MAX'), None
        while too_much - fits > 16:
            size = (fits + too_much) // 2
            try:
                result = self.venv('--run', self.env_dir, '--', 'true', *['y' * 991] * (size // 1000),
                                   env={'PATH': '/usr/bin:/bin', 'P': 'x' * (size % 1000)})
                fits = size
            except OSError:
                too_much = size
        self.refused(result, 'Argument list too long', code=126)


class Activate(UsingCase):
    def setUp(self):
        super().setUp()
        self.succeed('--without-pip', '--python', self.python.path, self.env_dir)

    def test_in_each_shell(self):
        for name, tool in (('bash', 'bash'), ('sh', 'sh'), ('zsh', 'zsh'), ('ksh', 'ksh'), ('fish', 'fish'),
                           ('tcsh', 'tcsh'), ('/usr/bin/bash', 'bash')):
            with self.subTest(shell=name):
                command = self.succeed('--activate', name, self.env_dir)
                self.assertEqual(command.count('\n'), 1)
                options = ['-f'] if tool == 'tcsh' else []
                answer = run([need_command(tool), *options, '-c', command + '\nprintenv VIRTUAL_ENV'])
                self.assertEqual((answer.out, answer.err), (str(self.env_dir) + '\n', ''))
                if tool in ('bash', 'sh', 'zsh', 'ksh'):
                    answer = run([tool, '-c', 'eval "$("$@")"; printenv VIRTUAL_ENV', tool, PROGRAM, '--activate', name,
                                  self.env_dir])
                    self.assertEqual(answer.out, str(self.env_dir) + '\n')

    def test_the_shell_in_use(self):
        for words in (['--activate', 'auto'], ['--activate', ''], ['--activate=']):
            for shell, expected in (('bash', 'source '), ('sh', '. ')):
                answer = run([shell, '-c', '"$@"; exit', shell, PROGRAM, *words, self.env_dir],
                             env=environment(SHELL='/bin/false'))
                self.assertTrue(answer.out.startswith(expected), str(answer))

    def test_a_script_that_is_not_there_or_cannot_be_named(self):
        self.refused(self.venv('--activate', 'cmd', self.env_dir), 'activate.bat')
        moved = self.tmp / 'a\nb'
        self.env_dir.rename(moved)
        self.refused(self.venv('--activate', 'csh', moved), 'language')
        self.assertIn("a\nb/bin/activate'", self.succeed('--activate', 'sh', moved))


class StampsCase(UsingCase):
    """--stamp and --depfile."""
    names = ('plain.txt', 'a b.txt', 'c#d.txt', 'e$f.txt', 'i\\j.txt', 'k\\ l.txt', 'm:n.txt', 'ü.txt', 'o%p.txt',
             'q(1){2}.txt', '~r.txt', 's=t.txt')

    def setUp(self):
        super().setUp()
        for name in self.names:
            self.write(name, '# nothing\n')
        self.write('all of them.txt', ''.join('-r "%s"\n' % name.replace('\\', '\\\\').replace('"', '\\"')
                                              for name in self.names))
        self.words = ['--ensure', '--python', self.python.path, '--without-pip', '-r', 'all of them.txt', '--stamp',
                      'its stamp', '--depfile', 'env.d', 'its env']
        self.write('go.sh', ' '.join(map(shlex.quote, [PROGRAM, *self.words])) + ' && echo ran\n')

    def ran(self, *command):
        """Whether the tool ran the program; it must succeed."""
        result = run(command, cwd=self.tmp)
        self.assertEqual(result.code, 0, str(result))
        self.assertNotIn('warning', result.err)
        return '\nran\n' in '\n' + result.out

    def touch_all(self, *command):
        """A change of any of the files makes the tool run the program."""
        for name in [*self.names, 'all of them.txt']:
            with self.subTest(name=name):
                path = self.tmp / name
                path.write_text(path.read_text() + '# changed\n')
                self.assertTrue(self.ran(*command))


class Stamps(StampsCase):
    def test_are_written_only_when_something_changed(self):
        self.succeed(*self.words, cwd=self.tmp)
        stamp, depfile = self.tmp / 'its stamp', self.tmp / 'env.d'
        self.assertEqual(stamp.read_bytes(), b'')
        text = depfile.read_text()
        self.assertTrue(text.startswith('its\\ stamp: \\\n'))
        self.assertIn(os.path.realpath(self.python.path) + ':\n', text)
        before = times_below(self.tmp)
        self.succeed(*self.words, cwd=self.tmp)
        self.assertEqual(times_below(self.tmp), before)
        (self.tmp / 'plain.txt').write_text('# another time, nothing to do\n')
        self.succeed(*self.words, cwd=self.tmp)
        self.assertEqual([os.stat(path).st_mtime_ns for path in (stamp, depfile)],
                         [before[str(path)][0] for path in (stamp, depfile)])
        os.unlink(self.env_dir / 'bin/python')
        self.succeed(*self.words, cwd=self.tmp)
        self.assertGreater(stamp.stat().st_mtime_ns, before[str(stamp)][0])
        stamp.unlink()
        depfile.unlink()
        self.succeed(*self.words, cwd=self.tmp)
        self.assertEqual((stamp.read_bytes(), depfile.read_text()), (b'', text))

    def test_failure_leaves_no_stamp_and_a_file_is_not_lost(self):
        self.write('plain.txt', 'absent\n')
        result = self.venv(*self.offline(*self.words), cwd=self.tmp)
        self.assertEqual(result.code, 1)
        self.assertFalse((self.tmp / 'its stamp').exists())
        self.write('plain.txt', '')
        self.write('its stamp', 'a text')
        self.refused(self.venv(*self.words, cwd=self.tmp), 'is no stamp')
        self.assertEqual((self.tmp / 'its stamp').read_text(), 'a text')
        shutil.rmtree(self.tmp / 'its env')
        (self.tmp / 'its stamp').unlink()
        self.write('a\nb.txt', '')
        self.refused(self.venv('--ensure', '--without-pip', '--python', self.python.path, '-r', 'a\nb.txt', '--stamp',
                               'its stamp', '--depfile', 'env.d', 'its env', cwd=self.tmp), "can't be named")

    def test_what_does_not_go_together(self):
        for arguments, words in ((['--stamp', 'x', 'env'], ('--stamp', '--ensure')),
                                 (['--check', '--stamp', 'x', 'env'], ('--check', '--stamp')),
                                 (['--ensure', '--depfile', 'x', 'env'], ('--depfile', '--stamp')),
                                 (['--ensure', '--stamp=', 'env'], ('--stamp', 'empty'))):
            with self.subTest(arguments=arguments):
                self.usage_error(arguments, *words)


class Ninja(StampsCase):
    prefix = 'it is ünüsual, $HOME #\\ -'  # a quote is what Ninja can't read

    def test_ninja(self):
        for deps in ('', '  deps = gcc\n'):
            with self.subTest(deps=deps):
                self.write('build.ninja', 'rule env\n  command = sh go.sh\n  depfile = env.d\n  restat = 1\n' + deps +
                           'build its$ stamp: env\n')
                for name in ('its stamp', '.ninja_log', '.ninja_deps'):
                    (self.tmp / name).unlink(missing_ok=True)
                self.assertTrue(self.ran('ninja'))
                self.assertFalse(self.ran('ninja'))
                self.touch_all('ninja')
                self.assertFalse(self.ran('ninja'))
                shutil.rmtree(self.env_dir)
                self.assertTrue(self.ran('ninja'))
                self.assertFalse(self.ran('ninja'))

    def test_what_it_cannot_read_is_asked_again_each_time(self):
        self.write('build.ninja', 'rule env\n  command = sh go.sh\n  depfile = env.d\n  restat = 1\n'
                   'build its$ stamp: env\n')
        self.write("a'b.txt", '')
        self.write('all of them.txt', '-r "a\'b.txt"\n')
        for _ in range(3):
            self.assertTrue(self.ran('ninja'))


class Meson(StampsCase):
    prefix = 'it is ünüsual -'
    names = ('plain.txt', 'a b.txt')

    def test_meson(self):
        words = ', '.join("'%s'" % word for word in (
            '--ensure', '--without-pip', '--python', self.python.path, '-r', self.tmp / 'all of them.txt', '--stamp',
            '@OUTPUT@', '--depfile', '@DEPFILE@', self.env_dir))
        self.write('meson.build', "project('x')\ncustom_target('env', output: 'env.stamp', depfile: 'env.d', "
                   "build_by_default: true, command: ['%s', %s])\n" % (PROGRAM, words))
        self.assertEqual(run([need_command('meson'), 'setup', 'build'], cwd=self.tmp).code, 0)
        build = ('ninja', '-C', 'build', '--verbose')

        def works():
            result = run(build, cwd=self.tmp)
            self.assertEqual(result.code, 0, str(result))
            return 'no work to do' not in result.out
        self.assertTrue(works())
        self.assertTrue((self.env_dir / 'pyvenv.cfg').exists())
        self.assertFalse(works())
        for name in (*self.names, 'all of them.txt'):
            (self.tmp / name).write_text((self.tmp / name).read_text() + '# changed\n')
            self.assertTrue(works(), name)
            self.assertFalse(works(), name)
        shutil.rmtree(self.env_dir)
        self.assertTrue(works())
        self.assertFalse(works())


class Make(StampsCase):
    names = (*StampsCase.names, 'g\'h".txt', 'q[1]*.txt', 'w|x.txt', 'y&z.txt', 'u<v>?.txt')

    def test_make(self):
        self.write('Makefile', 'its\\ stamp: ; @sh go.sh\n-include env.d\n')
        self.assertTrue(self.ran('make'))
        self.assertFalse(self.ran('make'))
        self.touch_all('make')
        (self.tmp / 'its stamp').unlink()
        self.assertTrue(self.ran('make'))
        self.assertFalse(self.ran('make'))
        shutil.rmtree(self.env_dir)
        self.assertTrue(self.ran('make'))
        self.assertFalse(self.ran('make'))
        self.write('all of them.txt', '')
        (self.tmp / 'plain.txt').unlink()  # which the depfile still names
        self.assertTrue(self.ran('make'))
