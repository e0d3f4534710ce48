"""Environments that can be moved: what their programs find, what pip installs later, and what --check and
--ensure say of them. Activation has its own test, in real shells."""

import csv
import hashlib
import base64
import os
import resource
import shutil
import subprocess
from pathlib import Path

import wheels
from machine import pythons
from support import Case, about, environment, newest, read_cfg, run

SHELLS = (['dash'], ['bash', '--norc'], ['zsh', '-f'], ['ksh93'], ['mksh'], ['busybox', 'sh'])
HOOK = ('_venv_relocatable.pth', '_venv_relocatable.py')
FIRST = '#!/bin/sh\n'


def make_wheel(folder, name='demo', version='1.0'):
    """A wheel with a console script, a GUI script and scripts of its own; each prints `sys.prefix`."""
    body = 'import sys\nprint(sys.prefix)\n'
    own = '%s-%s.data/scripts/%s-' % (name, version, name)
    files = {name + '.py': 'import sys\ndef main():\n    print(sys.prefix, *sys.argv[1:], sep="|")\n',
             own + 'own': '#!python -E\n"""It has a docstring."""\n' + body,
             own + 'latin': ('#!python\n# -*- coding: latin-1 -*-\n' + body + 'print(len("\u00e9"))\n').encode('latin-1'),
             own + 'future': '#!python\n"""It has a docstring."""\nfrom __future__ import print_function\n' + body}
    points = '[console_scripts]\n{0} = {0}:main\n[gui_scripts]\n{0}-gui = {0}:main\n'
    return wheels.make_wheel(folder, name, version, files, points.format(name))


class RelocatableCase(Case):
    prefix = 'un"us\u00fcal-'  # without a blank, below which not all that pip writes itself runs

    def setUp(self):
        super().setUp()
        self.wheel = make_wheel(self.tmp / 'wheels')
        self.env_dir = self.tmp / 'env'
        self.python = newest()

    def make_relocatable(self, *arguments, python=None):
        self.make(python or self.python, '--relocatable', *arguments, self.env_dir)

    def move(self, name):
        """The same environment in another place."""
        self.env_dir = self.env_dir.rename(self.tmp / name)

    def says(self, program, *arguments, env_dir=None):
        answer = run([(env_dir or self.env_dir) / 'bin' / program, *arguments], cwd='/')
        self.assertEqual((answer.code, answer.err), (0, ''), str(answer))
        return answer.out

    def pip(self, *arguments):
        return self.says('pip', '--disable-pip-version-check', *arguments)

    def library(self):
        return next(self.env_dir.glob('lib/py*/site-packages'))

    def problems(self, *arguments):
        """What --check says: levels, codes and files."""
        result = self.venv('--check', *arguments, self.env_dir)
        self.assertEqual(result.err, '')
        return [tuple(line.split(': ', 2)[:2]) for line in result.out.splitlines()], result.out

    def assert_ready(self, *arguments):
        self.assertEqual(self.problems('--relocatable', *arguments), ([], ''))

    def ensure(self, *arguments):
        result = self.venv('--ensure', '--verbose', '--relocatable', *arguments, self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        return result.err

    def assert_record_is_true(self, project):
        """Each file that the RECORD of a package lists has that hash and that size."""
        count = 0
        record = next(self.library().glob(project + '-*.dist-info/RECORD'))
        with open(record, newline='', encoding='utf-8') as file:
            for path, digest, size in csv.reader(file):
                if digest:
                    data = (self.library() / path).read_bytes()
                    found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')
                    self.assertEqual((path, digest, size), (path, 'sha256=' + found, str(len(data))))
                    count += 1
        self.assertGreater(count, 3)


class Programs(RelocatableCase):
    def test_pips_are_found_by_each_way_that_leads_there(self):
        self.make_relocatable()
        self.move('it\'s "so" $x \u00e9\n2')
        pip, names = self.env_dir / 'bin/pip', {path.name for path in (self.env_dir / 'bin').glob('pip*')}
        self.assertGreaterEqual(names, {'pip', 'pip3'})
        for name in names:
            text = (self.env_dir / 'bin' / name).read_bytes()
            self.assertTrue(text.startswith(FIRST.encode()))
            self.assertNotIn(os.fsencode(self.tmp), text)
        folder = self.tmp / '-links'
        folder.mkdir()
        (folder / 'python').write_text('#!/bin/sh\necho another one\n')  # beside a link: not meant
        (folder / 'python').chmod(0o755)
        (folder / 'pip').symlink_to(pip)
        (folder / 'again').symlink_to('pip')
        (folder / 'bin').symlink_to(pip.parent)
        (folder / 'env').symlink_to(self.env_dir)
        ways = [(self.tmp, str(pip)), (self.env_dir, 'bin/pip'), (pip.parent, './pip'), (pip.parent, 'pip'),
                (folder, 'pip'), (folder, './again'), (self.tmp, '-links/pip'), (folder, 'bin/pip'),
                (folder, 'env/bin/pip'), (folder, '../%s/bin/pip' % self.env_dir.name)]
        places = {str(self.env_dir), str(folder / 'env')}
        for command in SHELLS:
            if not shutil.which(command[0]):
                continue
            for cwd, way in ways:
                if way.startswith('-'):
                    way = './' + way
                with self.subTest(shell=command[0], way=way):
                    answer = run([*command, way, '--version'], cwd=cwd, env=environment(CDPATH='/'))
                    self.assertEqual((answer.code, answer.err), (0, ''), str(answer))
                    self.assertTrue(any(' from %s/lib/' % place in answer.out for place in places), answer.out)
        for cwd, way in ways:
            if '/' not in way or way[0] == '-':  # which would be an option of sh
                continue
            with self.subTest(way=way):  # by the kernel
                answer = run([way, '--version'], cwd=cwd)
                self.assertEqual((answer.code, answer.err), (0, ''), str(answer))
        for path in (str(pip.parent), 'env/bin', 'bin', '.'):
            answer = run(['/bin/sh', '-c', 'pip --version'], cwd=folder, env=environment(PATH=path + ':/usr/bin:/bin'))
            self.assertEqual((answer.code, answer.err), (0, ''), str(answer))
            self.assertIn('/lib/python', answer.out)
        answer = run([self.env_dir / 'bin/python', pip, '--version'], cwd='/')  # it is Python, too, whichever reads it
        self.assertEqual(answer.code, 0, str(answer))

    def test_arguments_variables_and_the_directory_stay(self):
        self.make_relocatable()
        program = self.env_dir / 'bin/show'
        head = (self.env_dir / 'bin/pip').read_text().split("\n' '''\n")[0] + "\n' '''\n"
        program.write_text(head + 'import os, sys\nprint(ascii([sys.argv, os.getcwd(), os.environ["file"]]))\n')
        program.chmod(0o755)
        (self.tmp / 'link').symlink_to(program)
        arguments = ['', ' a  b ', '*', '$x', '"\'', '-e', '\n']
        for way in (str(program), '../link'):
            answer = run([way, *arguments], cwd=self.env_dir, env=environment(file='mine'))
            self.assertEqual(answer.out, ascii([[way, *arguments], str(self.env_dir), 'mine']) + '\n', str(answer))
        (self.env_dir / 'bin/python').unlink()
        answer = run([program])
        self.assertIn(answer.code, (126, 127))
        self.assertIn(str(self.env_dir / 'bin/python'), answer.err)

    def test_installed_natively_and_by_every_pip(self):
        """Each Python's own pip, and the newest that is at hand."""
        for python in pythons():
            for by in ('native', 'pip'):
                with self.subTest(python=str(python), by=by):
                    shutil.rmtree(self.env_dir, ignore_errors=True)
                    self.env_dir = self.tmp / 'env'
                    self.make_relocatable(python=python)
                    self.move('first')
                    if by == 'pip':
                        self.pip('install', '-q', '--no-index', self.wheel)
                    else:
                        file = self.tmp / 'requirements.txt'
                        file.write_text('demo\n')
                        self.ensure('--offline', '--wheel-dir', self.wheel.parent, '-r', file)
                    self.assertEqual(self.says('demo-future').strip(), str(self.env_dir))
                    self.assert_record_is_true('demo')
                    self.assert_record_is_true('pip')
                    self.assert_ready()
                    self.move('it\'s the "second" \u00e9')
                    for name, more in (('demo', '|a b'), ('demo-gui', '|a b'), ('demo-own', ''), ('demo-latin', '\n1')):
                        self.assertEqual(self.says(name, 'a b'), str(self.env_dir) + more + '\n')
                    self.assertEqual(about(self.env_dir / 'bin/python')['prefix'], str(self.env_dir))
                    self.pip('uninstall', '-q', '-y', 'demo')
                    self.assertEqual(list(self.env_dir.glob('bin/demo*')), [])
                    shutil.rmtree(self.env_dir)

    def test_pip_upgraded_in_it_goes_on_so(self):
        wheels = sorted({wheel for python in pythons() for wheel in
                         Path(python.path).resolve().parents[1].glob('lib/python3*/ensurepip/_bundled/pip-2*.whl')},
                        key=lambda wheel: [int(part) for part in wheel.name.split('-')[1].split('.')])
        self.python = pythons()[0]
        self.make_relocatable()
        if not wheels or 'pip %s ' % wheels[-1].name.split('-')[1] in self.pip('--version'):
            self.skipTest('missing: a newer pip than that of the oldest Python')
        self.pip('install', '-q', '--no-index', '--upgrade', wheels[-1])
        self.move('moved')
        self.assertIn('pip %s ' % wheels[-1].name.split('-')[1], self.pip('--version'))
        self.assert_record_is_true('pip')
        self.pip('install', '-q', '--no-index', self.wheel)
        self.move('moved again')
        self.assertEqual(self.says('demo'), str(self.env_dir) + '\n')
        # Made again, it keeps the newer pip, whose programs say the same.
        self.env_dir = self.env_dir.rename(self.tmp / 'env')
        for arguments in (['--relocatable'], [], ['--relocatable']):
            self.make(self.python, *arguments, self.env_dir)
            self.assertIn('pip %s ' % wheels[-1].name.split('-')[1], self.pip('--version'))
            self.assert_record_is_true('pip')

    def test_what_pip_puts_elsewhere_names_its_python(self):
        self.make_relocatable()
        self.pip('install', '-q', '--no-index', '--target', self.tmp / 'elsewhere', self.wheel)
        self.assertTrue((self.tmp / 'elsewhere/bin/demo').read_text().startswith('#!%s/bin/py' % self.env_dir))

    def test_a_pip_that_is_otherwise_works_as_ever(self):
        """What is wrapped isn't where it is looked for; or what is to be changed is otherwise."""
        changes = {'pip/_vendor/distlib/scripts.py': ('class ScriptMaker(', 'class OtherMaker('),
                   HOOK[1]: ('def relocated(script):', 'def relocated(script):\n    1 / 0')}
        for name, (old, new) in changes.items():
            with self.subTest(changed=name):
                self.make_relocatable('--clear')
                file = self.library() / name
                text = file.read_text('utf-8')
                self.assertIn(old, text)
                text = text.replace(old, new)
                if name != HOOK[1]:
                    text += '\nScriptMaker = OtherMaker\nOtherMaker.__module__ = "other"\n'
                file.write_text(text, 'utf-8')
                self.pip('install', '-q', '--no-index', self.wheel)
                self.assertNotIn('Runs by the Python beside', (self.env_dir / 'bin/demo').read_text())
                self.assertEqual(self.says('demo'), str(self.env_dir) + '\n')

    def test_costs_little_at_each_start(self):
        self.make_relocatable()
        self.make(self.python, self.tmp / 'plain')
        command = ['bin/python', '-c', 'pass']
        best = {}
        for _ in range(40):  # of processor time, which others on the machine disturb least
            for env_dir in (self.env_dir, self.tmp / 'plain'):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run([env_dir / command[0], *command[1:]], check=True, env=environment())
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                best[env_dir] = min(best.get(env_dir, took), took)
        ratio = best[self.env_dir] / best[self.tmp / 'plain']
        print('a start of Python takes %.2f times as long' % ratio)
        self.assertLess(ratio, 1.3)


class Checked(RelocatableCase):
    def test_what_it_says_of_itself(self):
        self.make_relocatable('--owner', 'somebody')
        self.assertEqual(list(read_cfg(self.env_dir / 'pyvenv.cfg').items())[-2:],
                         [('owner', 'somebody'), ('relocatable', 'true')])
        self.assertIn('"relocatable":true', self.venv('--info', '--json', self.env_dir).out.replace(' ', ''))
        self.make(self.python, self.tmp / 'plain')
        self.assertNotIn('relocatable', read_cfg(self.tmp / 'plain/pyvenv.cfg'))
        self.assertIn('"relocatable":false', self.venv('--info', '--json', self.tmp / 'plain').out.replace(' ', ''))

    def test_moved_and_copied_it_is_as_it_should_be(self):
        self.make_relocatable()
        self.assertIn('Nothing to do', self.ensure())
        self.move('moved "here"')
        self.assert_ready()
        self.assertIn('Nothing to do', self.ensure())
        original = self.env_dir
        shutil.copytree(original, self.tmp / 'copy', symlinks=True)
        (original / 'bin/activate').write_text('')
        self.env_dir = self.tmp / 'copy'
        self.assert_ready()
        self.assertIn('Nothing to do', self.ensure())
        for env_dir in (original, self.env_dir):
            self.assertIn(' from %s/' % env_dir, self.says('pip', '--version', env_dir=env_dir))

    def test_a_copys_stamp_is_not_its_own(self):
        """What is known of the original says nothing of a copy, relocatable or not."""
        self.make(self.python, self.env_dir)
        self.venv('--ensure', self.env_dir)
        shutil.copytree(self.env_dir, self.tmp / 'copy', symlinks=True)
        self.env_dir = self.tmp / 'copy'
        result = self.venv('--ensure', '--verbose', self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.assertIn('made for', result.err)
        self.assertIn(' from %s/' % self.env_dir, self.says('pip', '--version'))

    def test_becomes_one_and_ceases_to_be(self):
        self.make(self.python, self.env_dir)
        self.pip('install', '-q', '--no-index', self.wheel)
        problems, text = self.problems('--relocatable')
        self.assertEqual(problems, [('change', 'other-options')], text)
        self.assertIn('it is not relocatable', text)
        self.assertIn('it is not relocatable', self.ensure())
        self.assert_ready()
        for project in ('demo', 'pip'):
            self.assert_record_is_true(project)
        self.move('moved')
        for name in ('demo', 'demo-gui', 'demo-own', 'demo-latin'):
            self.assertEqual(self.says(name).split('\n')[0], str(self.env_dir))
        problems, text = self.problems()
        self.assertIn(('change', 'other-options'), problems)
        self.assertIn('it is relocatable', text)
        result = self.venv('--ensure', self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.assertEqual(self.problems(), ([], ''))
        self.assertFalse([name for name in HOOK if (self.library() / name).exists()])
        self.assertTrue((self.env_dir / 'bin/pip').read_text().startswith('#!%s/' % self.env_dir))
        self.assertIn(str(self.env_dir), (self.env_dir / 'bin/activate').read_text())
        self.assertEqual(self.says('demo'), str(self.env_dir) + '\n')  # what is at home anywhere stays

    def test_wrong_programs_are_found_and_mended(self):
        self.make_relocatable()
        self.pip('install', '-q', '--no-index', self.wheel)
        elsewhere = self.env_dir
        program = self.env_dir / 'bin/demo'
        for python, code in ((self.env_dir / 'bin/python', 'script-changed'), (elsewhere / 'bin/python3', 'moved')):
            program.write_text('#!%s\nimport demo\ndemo.main()\n' % python)
            if code == 'moved':
                self.move('moved')
                program = self.env_dir / 'bin/demo'
            problems, text = self.problems('--relocatable')
            self.assertIn(code, {code for _, code in problems}, text)
            self.ensure()
            self.assert_ready()
            self.assertTrue(program.read_text().startswith(FIRST))
            self.assertEqual(self.says('demo'), str(self.env_dir) + '\n')
            self.assert_record_is_true('demo')
        self.assertEqual(self.says('demo-future'), str(self.env_dir) + '\n')  # named its Python, and was mended

    def test_what_is_damaged_is_found_and_mended(self):
        self.make_relocatable()
        for name in (self.library() / HOOK[0], self.library() / HOOK[1], self.env_dir / 'bin/activate.fish'):
            before = name.read_bytes()
            for damage in (name.unlink, lambda: name.write_text('# nothing\n')):
                damage()
                problems, text = self.problems('--relocatable')
                self.assertTrue({code for _, code in problems} <= {'script-changed', 'script-missing'}, text)
                self.assertIn(str(name), text)
                self.ensure()
                self.assertEqual(name.read_bytes(), before)
                self.assert_ready()

    def test_another_makers_needs_no_files_of_ours(self):
        """uv's, which has the same key."""
        self.make_relocatable()
        for name in [*(self.env_dir / 'bin').glob('activate.*'), self.library() / HOOK[0], self.library() / HOOK[1]]:
            name.unlink()
        self.assert_ready()

    def test_made_again_it_is_what_is_asked_for(self):
        self.make_relocatable()
        self.make(self.python, '--upgrade', self.env_dir)  # which leaves scripts as they are
        self.assert_ready()
        self.make(self.python, '--upgrade', '--relocatable', self.env_dir)
        self.assert_ready()
        self.make(self.python, self.env_dir)
        self.assertEqual(self.problems(), ([], ''))
        self.assertNotIn('relocatable', read_cfg(self.env_dir / 'pyvenv.cfg'))
        self.assertFalse([name for name in HOOK if (self.library() / name).exists()])
        self.make(self.python, '--upgrade', '--relocatable', self.env_dir)
        self.assertEqual(self.problems(), ([], ''))
        self.make_relocatable('--clear')
        self.assert_ready()

    def test_a_prompt_that_was_given_stays(self):
        self.make_relocatable('--prompt', 'mine')
        self.move('moved')
        self.assert_ready()
        for name, prompt in (('mine', 'mine'), (None, 'other')):
            if name is None:
                shutil.rmtree(self.env_dir)
                self.env_dir = self.tmp / 'env'
                self.make_relocatable()
                self.move('other')
            answer = run(['bash', '-c', '. "$0"; echo "$VIRTUAL_ENV_PROMPT"', self.env_dir / 'bin/activate'])
            self.assertEqual(answer.out, prompt + '\n', str(answer))

    def test_by_ensurepip_too(self):
        """Where the wheel can't be laid out, the environment's own Python installs pip."""
        folder = self.tmp / 'bad'
        folder.mkdir()
        (folder / 'pip-99-py3-none-any.whl').write_text('no archive')
        for python in pythons():
            if run([python.path, '-c', 'import ensurepip']).code:
                continue
            with self.subTest(python=str(python)):
                result = self.venv('--python', python.path, '--relocatable', '--pip-wheel-dir', folder, self.env_dir)
                self.assertEqual(result.code, 0, str(result))
                self.assertIn('ensurepip', result.err)
                self.move('moved')
                self.assertIn(' from %s/' % self.env_dir, self.says('pip', '--version'))
                shutil.rmtree(self.env_dir)
                self.env_dir = self.tmp / 'env'
