"""packaging/: what shells and `man` know of the program is what its --help says, and they can read it. The
recipes there are the business of test_packages."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

from machine import PROGRAM, ROOT, need_ability, need_command
from support import Case, run

FOLDER = ROOT / 'packaging'


class Packaging(Case):
    def setUp(self):
        super().setUp()
        for name in ('one dir', 'two'):
            (self.tmp / name).mkdir()
        (self.tmp / 'requirements of mine.txt').write_text('')

    def test_is_current(self):
        done = run(ROOT / 'tools' / 'completion.py', PROGRAM, '--check')
        self.assertEqual(done.returncode, 0, done.text)

    def test_names_each_option(self):
        options = re.findall(r'^  (--[a-z-]+)', self.succeed(PROGRAM, '--help'), re.M)
        self.assertGreater(len(options), 30)
        for name in ('_venv', 'venv.1', 'venv.bash', 'venv.fish'):
            path = FOLDER / name
            text = path.read_text('utf-8').replace('\\-', '-').replace(' -l ', ' --')
            for option in options:
                self.assertRegex(text, re.escape(option) + r'(?![a-z-])', path.name)

    def bash(self, *words):
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _venv; '
                  '((${#COMPREPLY[@]} == 0)) || printf "%s\\n" "${COMPREPLY[@]}"')
        return self.succeed(need_command('bash'), '-c', script, 'bash', FOLDER / 'venv.bash', 'venv', *words,
                            cwd=self.tmp).splitlines()

    def fish(self, *words):
        line = ' '.join(word.replace(' ', '\\ ') for word in ('venv', *words))
        out = self.succeed(need_command('fish'), '--no-config', '-c', 'source $argv[1]; complete -C $argv[2]',
                           FOLDER / 'venv.fish', line, cwd=self.tmp, env={**os.environ, 'HOME': str(self.tmp)})
        return [word.split('\t')[0].rstrip('/').replace('\\ ', ' ') for word in out.splitlines()]

    def test_bash_and_fish(self):
        for complete in (self.bash, self.fish):
            with self.subTest(shell=complete.__name__):
                self.assertEqual(sorted(complete('--re')), ['--remove', '--require-hashes', '--requirement'])
                self.assertEqual(sorted(complete('--check', '')), ['one dir', 'two'])
                self.assertEqual(complete('-r', 'req'), ['requirements of mine.txt'])
                self.assertEqual(complete('--wheel-dir', 'o'), ['one dir'])
                self.assertEqual(complete('--prompt', 'o'), [])
                self.assertEqual(complete('--activate', 'f'), ['fish'])
                self.assertEqual(complete('--activate', 'fish', 't'), ['two'])
                self.assertIn('printenv', complete('--run', 'two', '--', 'printen'))
                self.assertEqual(complete('--run', 'two', '--', 'cat', 'req'), ['requirements of mine.txt'])
        self.assertEqual(self.bash('--activate', '=', 'f'), ['fish'])
        self.assertIn('fish', self.bash('--activate', '='))

    def test_zsh(self):
        need_ability('terminals')
        functions = self.tmp / 'functions'
        functions.mkdir()
        shutil.copy(FOLDER / '_venv', functions)
        ours, theirs = pty.openpty()
        shell = subprocess.Popen([need_command('zsh'), '-f', '-i'], stdin=theirs, stdout=theirs, stderr=theirs,
                                 cwd=self.tmp, env={**os.environ, 'TERM': 'dumb', 'HOME': str(self.tmp)},
                                 start_new_session=True)
        os.close(theirs)
        self.addCleanup(os.close, ours)
        self.addCleanup(shell.wait)
        self.addCleanup(shell.kill)

        def shows(typed, expected, seconds=30):
            os.write(ours, typed.encode())
            seen, end = '', time.monotonic() + seconds
            while expected not in seen and time.monotonic() < end:
                if select.select([ours], [], [], 0.2)[0]:
                    seen += os.read(ours, 4096).decode('utf-8', 'replace')
            self.assertIn(expected, seen)
        shows("PS1='> '; unsetopt zle_bracketed_paste; fpath=(functions $fpath); autoload -Uz compinit; compinit -D -u; "
              "print rea''dy\n", 'ready')
        for line, expected in (('--requirem', '--requirement='), ('-r req', 'requirements\\ of\\ mine.txt'),
                               ('--wheel-dir o', 'one\\ dir'), ('--activate tcs', 'tcsh'), ('--check tw', 'two'),
                               ('--run two -- printen', 'printenv')):
            with self.subTest(line=line):
                shows('venv ' + line + '\t', expected)
                os.write(ours, b'\x15')

    def test_the_manual_page(self):
        page = FOLDER / 'venv.1'
        self.assertEqual(self.succeed(need_command('groff'), '-man', '-Tutf8', '-ww', '-z', page), '')
        shown = re.sub('.\b|\x1b\\[[0-9;]*m', '', self.succeed('groff', '-man', '-Tascii', '-P-c', page))
        for text in ('venv --run ENV_DIR -- PROGRAM', '-r FILE, --requirement FILE', 'EXIT STATUS',
                     'venv --check --json .venv', '. ENV_DIR/bin/activate'):
            self.assertIn(text, shown)
