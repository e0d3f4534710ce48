"""Every option, and the pairs that interact, for every Python: the tree, the configuration and what
the environment's Python says of itself are the reference's."""

import os
import pathlib
import shutil

from machine import ask, pythons
from support import Case, about, newest, run

OPTIONS = (
    (),
    ('--copies',),
    ('--symlinks',),
    ('--system-site-packages',),
    ('--without-scm-ignore-files',),
    ('--clear',),
    ('--upgrade',),
    ('--copies', '--system-site-packages'),
    ('--copies', '--without-scm-ignore-files', '--prompt', 'p'),
    ('--system-site-packages', '--prompt', 'two words', '--clear'),
    ('--upgrade', '--prompt', 'p', '--system-site-packages'),
)

PROMPTS = ('plain', '.', '', "it's", 'say "it"', '''both ' and "''', 'back\\slash', 'tab\there',
           'naïve ☃ 🐍', '\u200b\xad\x1b[31m\ue000\U000e0fff', '$(touch ran) `touch ran`', ' = ',
           '__VENV_DIR__', '(parentheses) ')


class Options(Case):
    def test_tree_configuration_and_sys_are_the_reference_s(self):
        for python in pythons():
            for options in OPTIONS:
                with self.subTest(python=str(python), options=options):
                    self.compare(python, '--without-pip', *options)

    def test_prompt(self):
        for python in pythons():
            for prompt in PROMPTS:
                if prompt == '.' and python.version < (3, 9):
                    continue  # has no meaning there yet
                with self.subTest(python=str(python), prompt=prompt):
                    self.compare(python, '--without-pip', '--prompt=' + prompt, cwd=self.tmp)

    def test_prompt_dot_is_the_working_directory_s_name(self):
        folder = self.tmp / "the project's folder"
        folder.mkdir()
        for python in pythons((3, 9)):
            with self.subTest(python=str(python)):
                self.compare(python, '--without-pip', '--prompt', '.', cwd=folder)

    def test_every_name_in_bin_runs_the_environment_s_python(self):
        for python in pythons():
            for kind in ('--symlinks', '--copies'):
                with self.subTest(python=str(python), kind=kind):
                    env_dir = self.tmp / (python.name + kind)
                    self.make(python, '--without-pip', kind, env_dir)
                    names = [name for name in os.listdir(env_dir / 'bin') if name[:6] == 'python']
                    self.assertGreaterEqual(set(names), {'python', 'python3'})
                    for name in names:
                        facts = about(env_dir / 'bin' / name)
                        self.assertEqual(facts['prefix'], str(env_dir))
                        self.assertEqual(tuple(facts['version'][:3]), python.version)

    def test_modes_of_the_base_s_own_templates(self):
        for python in dict.fromkeys((pythons((3, 9))[0], newest())):
            lib = pathlib.Path(run([python.path, '-c', 'import os; print(os.path.dirname(os.__file__))'])
                               .out.strip())
            base = self.tmp / python.name
            ours = base / 'lib' / lib.name
            ours.mkdir(parents=True)
            for path in lib.iterdir():
                if path.name != 'venv':
                    (ours / path.name).symlink_to(path)
            shutil.copytree(lib / 'venv', ours / 'venv')
            (base / 'bin').mkdir()
            shutil.copy(os.path.realpath(python.path), base / 'bin' / python.name)
            for mode in (0o444, 0o664, 0o755):
                with self.subTest(python=str(python), mode=oct(mode)):
                    for path in (ours / 'venv' / 'scripts').glob('*/*'):
                        path.chmod(mode)
                    self.compare(ask(str(base / 'bin' / python.name)), '--without-pip')

    def test_umask(self):
        for python in (pythons()[0], newest()):
            for umask in (0o077, 0o002, 0o000):
                for kind in ('--symlinks', '--copies'):
                    with self.subTest(python=str(python), umask=umask, kind=kind):
                        self.compare(python, '--without-pip', kind,
                                     preexec_fn=lambda: os.umask(umask))
