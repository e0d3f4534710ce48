"""The sources look as .clang-format says. Each release of clang-format has its own idea of that, so
it has to be this one."""

from machine import ROOT, need_command
from support import Case, sources


class Format(Case):
    def test_format(self):
        files = sources('src/**/*.hpp', 'examples/*.cpp', 'tests/**/*.[ch]pp', 'fuzz/*.[ch]pp',
                        'bench/*.[ch]pp')
        self.assertGreater(len(files), 50)
        self.succeed(need_command('clang-format-19'), '--dry-run', '-Werror', *files, cwd=ROOT)
