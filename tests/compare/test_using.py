"""The program uses what is there: what is installed, --ensure, --check, and what goes together."""

import json
import os
import pathlib
import re
import signal
import subprocess
import zipfile

from machine import PROGRAM, ask, need_command, need_traces
from support import Case, about, environment, newest, run


def make_wheel(folder, name, version='1.0', requires=(), code=''):
    """A wheel of one module, with a program of the same name that calls its `main`."""
    info = '%s-%s.dist-info' % (name, version)
    files = {name + '.py': 'def main():\n    print("%s %s")\n%s' % (name, version, code),
             info + '/METADATA': 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n%s' % (
                 name, version, ''.join('Requires-Dist: %s\n' % one for one in requires)),
             info + '/WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
             info + '/entry_points.txt': '[console_scripts]\n%s = %s:main\n' % (name, name)}
    folder.mkdir(exist_ok=True)
    path = folder / ('%s-%s-py3-none-any.whl' % (name, version))
    with zipfile.ZipFile(path, 'w') as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
        wheel.writestr(info + '/RECORD', ''.join(file + ',,\n' for file in [*files, info + '/RECORD']))
    return path


def times_below(folder):
    """Of each path, what any change of it changes."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in ['.', *folders, *files]:
            status = os.lstat(os.path.join(root, name))
            found[os.path.join(root, name)] = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_size)
    return found


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
        return {name: version for name, version in json.loads(answer.out).items() if name != 'pip'}

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
        self.assertRegex(result.err.splitlines()[-1], '^Error: .* exited with 1$')
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
                (['--json', 'env'], ('--json', '--check', '--list-pythons')),
                (['--ensure', '--json', 'env'], ('--ensure', '--json')),
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

    def test_says_what_it_does_when_asked(self):
        result = self.venv('--ensure', '--verbose', '--python', self.python.path, '--without-pip', self.env_dir)
        self.assertEqual((result.code, result.out), (0, ''))
        self.assertIn('is an empty directory', result.err)
        self.assertIn('Made ', result.err)
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
