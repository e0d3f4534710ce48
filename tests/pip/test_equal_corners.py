"""The environment equals the reference's, in what few changes touch: modes, and paths that are long or strange."""

from machine import wipe
from support import Case, installed, newest


class Corners(Case):
    def test_umask(self):
        python = newest()
        for umask in (0o022, 0o027, 0o077):
            with self.subTest(umask=oct(umask)):
                self.reference(python, umask=umask)
                expected = installed(self.env_dir)
                wipe(self.env_dir)
                for _ in range(2):
                    self.make(python, umask=umask)
                    self.assertEqual(installed(self.env_dir), expected)
                    wipe(self.env_dir)
                wipe(self.home / '.cache')

    def test_a_path_that_the_kernel_would_cut(self):
        # 127 bytes with "#!" and the newline are the most; one more is too many.
        python = newest()
        rest = len(str(self.tmp / 'env' / 'bin' / 'python3')) + 1
        for length in (124, 125):
            with self.subTest(length=length):
                env_dir = self.tmp / ('d' * (length - rest)) / 'env'
                self.assertEqual(len(str(env_dir / 'bin' / 'python3')), length)
                self.reference(python, env_dir)
                expected = installed(env_dir)
                wipe(env_dir)
                self.make(python, env_dir)
                self.assertEqual(installed(env_dir), expected)
                self.assert_works(env_dir)

    def test_paths_that_the_reference_gets_wrong(self):
        for name in ('"quoted"', "it's", '$HOME', '`id`', 'back\\slash', 'ünüsual 日本', "'''",
                     'all " of \' $them` \\ ü'):
            with self.subTest(name=name):
                self.assert_works(self.make(newest(), self.tmp / name / 'env'))
