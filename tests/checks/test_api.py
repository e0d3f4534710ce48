"""The public declarations are those that are committed in docs/api.txt: no change to them goes by
unseen."""

import shutil
import sys

from machine import ROOT
from support import Case, run


class Api(Case):
    def setUp(self):
        super().setUp()
        for name in ('src', 'tools'):
            shutil.copytree(ROOT / name, self.tmp / name, ignore=shutil.ignore_patterns('__pycache__'))
        (self.tmp / 'docs').mkdir()
        shutil.copy(ROOT / 'docs' / 'api.txt', self.tmp / 'docs' / 'api.txt')
        self.tool = (sys.executable, self.tmp / 'tools' / 'api.py')

    def edit(self, name, old, new):
        path = self.tmp / 'src' / name
        text = path.read_text('utf-8')
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1), 'utf-8')

    def test_the_committed_declarations_are_current(self):
        self.succeed(*self.tool, '--check')

    def test_a_change_is_shown_with_the_command_that_takes_it_over(self):
        for name, old, new, shown in (
                ('api/error.hpp', 'const std::string& hint() const', 'std::string hint() const',
                 '+  [[nodiscard]] std::string hint() const noexcept;'),
                ('api/options.hpp', 'bool clear = false;', 'bool clear = true;', '+  bool clear = true;'),
                ('api/error.hpp', '  busy, ', '  late, busy, ', '+  late, busy,'),
                ('api/options.hpp', '  bool upgrade = false;\n', '', '-  bool upgrade = false;'),
                ('config.hpp', '#ifndef VENV_API', '/// New.\n#define VENV_NEW\n#ifndef VENV_API', '+VENV_NEW')):
            with self.subTest(shown=shown):
                before = (self.tmp / 'src' / name).read_text('utf-8')
                self.edit(name, old, new)
                done = run(*self.tool, '--check')
                self.assertEqual(done.returncode, 1, done.text)
                self.assertIn('\n%s\n' % shown, done.stdout)
                self.assertIn('python3 tools/api.py', done.stdout)
                (self.tmp / 'src' / name).write_text(before, 'utf-8')
        self.edit('api/options.hpp', 'bool clear = false;', 'bool clear = true;')
        self.succeed(*self.tool)
        self.succeed(*self.tool, '--check')

    def test_documentation_and_what_is_private_may_change(self):
        self.edit('api/error.hpp', '/// The kind of failure.', '/// Which kind of failure it is.')
        self.edit('api/error.hpp', '  ErrorCode code_;', '  int other_;\n  ErrorCode code_;')
        self.edit('create/env_builder.hpp', 'return EnvBuilder(options).create(env_dir);', '')
        self.succeed(*self.tool, '--check')
