"""The small examples of what programs do with environments: compiled as the tests are, and run."""

import os
import pathlib
import signal
import subprocess
import time

import test_using
from machine import PROGRAM, ROOT
from support import environment, run


class ExamplesOfUse(test_using.UsingCase):
    prefix = 'it is ünüsual-' # with a quote or a dollar, scripts of pip's own don't run
    def setUp(self):
        super().setUp()
        # The only index is a folder of wheels; the first Python on PATH is the newest.
        self.env = environment(PIP_NO_INDEX='1', PIP_FIND_LINKS=self.wheels.as_uri())
        self.env['PATH'] = '%s:%s' % (os.path.dirname(self.python.path), self.env['PATH'])

    def words(self, name, *arguments):
        return [pathlib.Path(PROGRAM).with_name(name), *arguments]

    def example(self, name, *arguments):
        return run(self.words(name, *arguments), env=self.env, cwd=self.tmp)

    def says(self, expected, name, *arguments, code=0):
        result = self.example(name, *arguments)
        self.assertEqual(result.code, code, str(result))
        self.assertIn(expected, result.out)
        return result

    def test_are_short(self):
        sources = sorted((ROOT / 'examples').glob('*.cpp'))
        self.assertGreaterEqual(len(sources), 9)
        for source in sources:
            if source.name != 'extended.cpp': # the manual's long one
                self.assertLess(len(source.read_text('utf-8').splitlines()), 60, source.name)

    def test_plugins(self):
        self.write('one.txt', 'one\n')
        self.write('wrong.txt', 'absent\n')
        self.assertEqual(self.example('plugins', 'list').out, '')
        self.says('one: ', 'plugins', 'add', 'one', 'one.txt')
        self.assertEqual(self.example('plugins', 'add', 'one', 'one.txt').out, '')
        self.assertEqual(self.says('one 2.0\n', 'plugins', 'run', 'one').err, '')
        failed = self.example('plugins', 'add', 'wrong', 'wrong.txt')
        self.assertEqual(failed.code, 1, str(failed))
        self.assertIn('absent', failed.err)
        os.unlink(self.tmp / 'plugins/wrong/bin/python')
        self.assertEqual(set(self.says('', 'plugins', 'list').out.splitlines()), {'one works', 'wrong needs add'})
        for name in ('one', 'wrong'):
            self.says('', 'plugins', 'remove', name)
        self.assertEqual(os.listdir(self.tmp / 'plugins'), [])
        self.assertEqual(self.example('plugins', 'remove', 'one').code, 1)
        self.assertEqual(self.example('plugins').code, 2)

    def test_plugins_cancelled(self):
        # pip waits for a file that nobody writes to.
        os.mkfifo(self.tmp / 'forever.txt')
        self.write('it.txt', 'one\n')
        self.env['PIP_CONSTRAINT'] = 'forever.txt'
        with subprocess.Popen(self.words('plugins', 'add', 'one', 'it.txt'), env=self.env, cwd=self.tmp,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8') as process:
            end = time.monotonic() + 60
            while not (self.tmp / 'plugins/one/pyvenv.cfg').exists() and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 1, out)
            self.assertRegex(err, r'was cancelled\n$')

    def test_build_step(self):
        self.wheels.rename(self.tmp / 'wheels')
        self.write('requirements.txt', 'one<2\n')
        step = ('build_step', 'env', 'requirements.txt', 'one')
        self.assertRegex(self.says('one 1.0\n', *step).out, "doesn't exist")
        self.assertEqual(self.example(*step).out, 'one 1.0\n')
        self.write('requirements.txt', 'one>=2\n')
        self.says('one 2.0\n', *step)
        self.assertEqual(self.example('build_step', 'env', 'requirements.txt', 'python', '-c', 'exit(7)').code, 7)
        self.assertEqual(self.example('build_step').code, 2)

    def test_live_output(self):
        self.succeed('--python', self.python.path, self.env_dir)
        said = self.says('Successfully installed one-2.0 two-1.0', 'live_output', self.env_dir, 'one')
        for line in said.out.splitlines():
            self.assertRegex(line, r'^ *\d+\.\d\d [ !] ')
        failed = self.example('live_output', self.env_dir, 'absent')
        self.assertEqual(failed.code, 1, str(failed))
        self.assertIn(': not-found absent\n', failed.err)

    def test_cancelling(self):
        with subprocess.Popen(self.words('cancelling', self.env_dir), env=self.env, cwd=self.tmp,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding='utf-8') as process:
            self.assertEqual(process.stdout.readline(), 'working\n')
            start = time.monotonic()
            out, _ = process.communicate('\n', timeout=60)
            self.assertLess(time.monotonic() - start, 30) # not the hour that the child sleeps
            self.assertEqual((process.returncode, out), (0, 'cancelled\n'))
        # Before there is anything: what was begun is taken back.
        early = self.example('cancelling', 'other')
        self.assertEqual((early.code, early.out), (0, 'interrupted\n'), str(early))
        self.assertFalse((self.tmp / 'other').exists())

    def test_without_exceptions(self):
        self.says('ask for another Python\n', 'without_exceptions', 'env', '==9.9', code=1)
        self.says('3\n', 'without_exceptions', 'env', self.python.path, 'one')
        self.says('pip: not-found absent\n', 'without_exceptions', 'env', self.python.path, 'absent', code=1)
        self.write('a file', '')
        self.says('a file', 'without_exceptions', 'a file', self.python.path, code=1)
