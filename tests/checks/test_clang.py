"""Everything compiles with clang++ as well, and the tests of the parts pass."""

from support import PROCESSORS, ROOT, BUILD, Case, clang, command, main


class Clang(Case):
    def test_everything(self):
        build = BUILD / 'clang'
        self.succeed(command('cmake'), '--preset', 'clang', '-B', build,
                     '-DCMAKE_CXX_COMPILER=' + clang(), cwd=ROOT)
        self.succeed('cmake', '--build', build, '-j', PROCESSORS)
        self.succeed('ctest', '--test-dir', build, '-L', 'unit', '--no-tests=error',
                     '--output-on-failure', '-j', PROCESSORS)


if __name__ == '__main__':
    main()
