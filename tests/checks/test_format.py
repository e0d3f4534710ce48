"""The sources look as .clang-format says. Each release of clang-format has its own idea of that, so
it has to be this one."""

from support import ROOT, Case, command, main, sources


class Format(Case):
    def test_format(self):
        files = sources('src/**/*.hpp', 'examples/*.cpp', 'tests/**/*.[ch]pp', 'fuzz/*.[ch]pp',
                        'bench/*.[ch]pp')
        self.assertGreater(len(files), 50)
        self.succeed(command('clang-format-19'), '--dry-run', '-Werror', *files, cwd=ROOT)


if __name__ == '__main__':
    main()
