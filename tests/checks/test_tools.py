"""tools/ on a machine that lacks something: each step that fails says which it is and why, the others
go on, and a test knows what it can't do."""

import os
import shutil
import sys

from machine import ROOT, need_command, need_root
from support import Case, run

STEPS = '''
prefix=$1
source "$2/tools/steps.bash"
make first PyPI python_packages six
make second PyPI python_packages six
make third npm npm_package nushell 'node_modules/@nushell/*/bin/nu'
make fourth npm npm_package nushell 'node_modules/@nushell/*/bin/nu'
make fifth nothing false
make sixth nothing touch
finish
'''


class Steps(Case):
    def install(self, **environment):
        unreachable = {'PIP_INDEX_URL': 'http://127.0.0.1:9/simple', 'PIP_CONFIG_FILE': os.devnull,
                       'PIP_FIND_LINKS': '', 'npm_config_registry': 'http://127.0.0.1:9',
                       'npm_config_cache': str(self.tmp / 'npm')}
        kept = {name: value for name, value in os.environ.items()
                if name not in ('CI', 'VENV_INSTALLING')}
        return run('bash', '-uo', 'pipefail', '-c', STEPS, 'steps', self.tmp / 'it is', ROOT,
                   env={**kept, **unreachable, **environment})

    def test_each_says_why_and_an_index_is_asked_once(self):
        done = self.install()
        self.assertEqual(done.returncode, 0, done.text)
        failed = dict(line.split('\t') for line in
                      (self.tmp / 'it is' / 'failed').read_text('utf-8').splitlines())
        self.assertRegex(failed['first'], r"^PyPI can't be reached: .*refused")
        self.assertEqual(failed['second'], "left out: PyPI can't be reached")
        if shutil.which('npm'):
            self.assertRegex(failed['third'], r"^npm can't be reached: .*ECONNREFUSED")
            self.assertEqual(failed['fourth'], "left out: npm can't be reached")
        self.assertRegex(failed['fifth'], '^false ended with exit code 1')
        for name, why in failed.items():
            self.assertIn('%s: %s' % (name, why), done.stdout)
        # What failed leaves nothing behind that a later run would take for whole.
        made = {path.name for path in (self.tmp / 'it is').iterdir()}
        self.assertEqual(made, {'failed', 'logs', 'sixth'})

    def test_it_is_a_failure_with_ci(self):
        self.assertEqual(self.install(CI='true').returncode, 1)


class Abilities(Case):
    def test_mounts_that_are_refused(self):
        need_root()
        without = [need_command('setpriv'), '--bounding-set=-sys_admin', sys.executable, '-B',
                   ROOT / 'tests' / 'abilities.py']
        kept = {name: value for name, value in os.environ.items()
                if name not in ('CI', 'VENV_WITHOUT', 'VENV_ABILITIES')}
        file = self.tmp / 'abilities.json'
        for asked in ({}, {'VENV_ABILITIES': str(file)}):
            for code, more in ((77, {}), (1, {'CI': 'true'}),
                               (77, {'CI': 'true', 'VENV_WITHOUT': 'loop mounts'}),
                               (1, {'CI': 'true', 'VENV_WITHOUT': 'loop'})):
                with self.subTest(asked=asked, more=more):
                    done = run(*without, 'mounts', env={**kept, **asked, **more})
                    self.assertEqual(done.returncode, code, done.text)
                    self.assertIn('missing: mount namespaces (unshare', done.stdout)
            self.assertIn('mounts     no: unshare', self.succeed(*without, '--find-out', file, env=kept))

    def test_a_suite_goes_on_without_mounts(self):
        need_root()
        kept = {name: value for name, value in os.environ.items()
                if name not in ('CI', 'VENV_WITHOUT', 'VENV_ABILITIES')}
        done = run(need_command('setpriv'), '--bounding-set=-sys_admin', sys.executable,
                   ROOT / 'tests' / 'run.py', 'compare', 'test_refusals.Ensurepip',
                   'test_refusals.Paths.test_read_only_parent', env=kept)
        self.assertEqual(done.returncode, 77, done.text)
        self.assertIn('test_read_only_parent (test_refusals.Paths', done.stdout)
        self.assertIn('SKIPPED: test_refusals.Ensurepip.test_none: missing: mount namespaces',
                      done.stdout)
