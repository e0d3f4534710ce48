"""Marks that speak of a whole directory are written only where all of it is ours."""

from machine import PROGRAM
from support import Case, newest, snapshot

MARKS = ('CACHEDIR.TAG', '.gitignore')


class Marks(Case):
    def marks(self):
        return [name for name in MARKS if (self.env_dir / name).exists()]

    def test_a_project_gets_none(self):
        projects = {
            'a module': ('main.py',), 'a repository': ('.git/HEAD', 'main.py'),
            'a folder': ('src/main.py',), 'a hidden file': ('.env',), 'bin of one\'s own': ('bin/tool',),
        }
        for name, files in projects.items():
            with self.subTest(name):
                self.env_dir = self.tmp / name
                for file in files:
                    (self.env_dir / file).parent.mkdir(parents=True, exist_ok=True)
                    (self.env_dir / file).write_text('mine\n')
                self.make(newest(), '--without-pip')
                self.assertEqual(self.marks(), [])
                self.make(newest(), '--without-pip')  # nor later

    def test_a_project_is_told(self):
        self.env_dir.mkdir()
        (self.env_dir / 'main.py').write_text('mine\n')
        result = self.venv('--verbose', '--python', newest().path, '--without-pip', '.',
                           cwd=self.env_dir)
        self.assertEqual(result.code, 0, str(result))
        self.assertIn('.gitignore', result.err)

    def test_a_new_directory_gets_both(self):
        self.make(newest(), '--without-pip')
        self.assertEqual(self.marks(), list(MARKS))

    def test_an_empty_directory_gets_both(self):
        self.env_dir.mkdir()
        self.make(newest(), '--without-pip')
        self.assertEqual(self.marks(), list(MARKS))

    def test_an_environment_gets_both_again(self):
        self.make(newest(), '--without-pip')
        for name in MARKS:
            (self.env_dir / name).unlink()
        self.make(newest(), '--without-pip')
        self.assertEqual(self.marks(), list(MARKS))

    def test_a_cleared_environment_gets_both(self):
        self.make(newest(), '--without-pip')
        self.make(newest(), '--without-pip', '--clear')
        self.assertEqual(self.marks(), list(MARKS))

    def test_those_that_are_there_stay(self):
        for prepare in ('project', 'environment'):
            with self.subTest(prepare):
                self.env_dir = self.tmp / prepare
                if prepare == 'environment':
                    self.make(newest(), '--without-pip')
                else:
                    self.env_dir.mkdir()
                for name in MARKS:
                    (self.env_dir / name).write_text('mine\n')
                    (self.env_dir / name).chmod(0o640)
                before = {name: snapshot(self.env_dir)[name] for name in MARKS}
                self.make(newest(), '--without-pip')
                self.assertEqual({name: snapshot(self.env_dir)[name] for name in MARKS}, before)

    def test_a_link_in_their_place_stays(self):
        self.make(newest(), '--without-pip')
        (self.tmp / 'target').write_text('mine\n')
        for name in MARKS:
            (self.env_dir / name).unlink()
            (self.env_dir / name).symlink_to(self.tmp / 'target')
        self.make(newest(), '--without-pip')
        self.assertEqual((self.tmp / 'target').read_text(), 'mine\n')
        for name in MARKS:
            self.assertTrue((self.env_dir / name).is_symlink())

    def test_the_option_leaves_both_out(self):
        self.make(newest(), '--without-pip', '--without-scm-ignore-files')
        self.assertEqual(self.marks(), [])

    def test_half_of_one_that_was_killed_gets_both(self):
        for count in (2, 4, 6):
            with self.subTest(count=count):
                self.env_dir = self.tmp / str(count)
                if self.killed_at('mkdir', count, PROGRAM, '--python', newest().path, '--without-pip',
                                  self.env_dir):
                    self.make(newest(), '--without-pip')
                    self.assertEqual(self.marks(), list(MARKS))
