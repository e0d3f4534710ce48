"""The tests of the parts, and the program, under the address and the undefined-behaviour
sanitizer (and the leak sanitizer, where the machine lets it trace)."""

import sys

from support import BUILD, PROCESSORS, ROOT, Case, command, main


class Sanitize(Case):
    def test_everything(self):
        build = BUILD / 'sanitize'
        self.succeed(command('cmake'), '--preset', 'sanitize', '-B', build, cwd=ROOT)
        self.succeed('cmake', '--build', build, '-j', PROCESSORS)
        self.succeed('ctest', '--test-dir', build, '-L', 'unit', '--no-tests=error',
                     '--output-on-failure', '-j', PROCESSORS)
        program = build / 'bin' / 'venv'
        env_dir = self.tmp / 'made'
        for options in ((), ('--clear', '--without-pip'), ('--upgrade',), ('--no-cache',), ('--help',)):
            with self.subTest(options=options):
                self.succeed(program, '--python', sys.executable, *options, env_dir)
        self.succeed(env_dir / 'bin' / 'python', '-m', 'pip', '--version')
        for arguments in ((), ('--no-such-option',), ('--python', '/dev/null', env_dir),
                          ('/dev/null/below',), ('a:b',)):
            with self.subTest(arguments=arguments):
                self.fail_with('rror', program, *arguments)


if __name__ == '__main__':
    main()
