"""Wheels laid out by the library, in what few changes touch: modes, and runs that are killed."""

import os
import shutil
import subprocess
import time

import test_native as native  # as a module, whose own tests are not run again
from support import newest
from support_native import NATIVE, differences, snapshot


class Modes(native.NativeCase):
    def test_umasks(self):
        both = self.both(newest().path)
        for mask in (0o077, 0o002, 0o027):
            for maker in (native.modes, native.scripts):
                with self.subTest(mask=oct(mask), wheel=maker.__name__):
                    before = os.umask(mask)
                    try:
                        self.assert_same(both, self.write(maker()))
                    finally:
                        os.umask(before)


class Kills(native.NativeCase):
    def test_what_was_there_before_comes_back(self):
        """Killed at many moments of an upgrade: the next run takes back, or finds it finished."""
        both = self.both(newest().path)
        wheels = []
        for version in ('1.0', '2.0'):
            wheel = native.Wheel(version=version, points='[console_scripts]\ndemo = demo:main\n')
            for number in range(400):
                wheel.add('demo/part%d/module%d.py' % (number % 20, number), 'x = %r\n' % version * 20)
            wheels.append(self.write(wheel.add('demo/__init__.py').add(wheel.data + 'data/share/v%s' % version, '')))
        both.fresh()
        both.must('native', [NATIVE, 'lay', both.env_dir, wheels[0]])
        before, begun = snapshot(both.env_dir), time.monotonic()
        shutil.copytree(both.env_dir, self.tmp / 'kept', symlinks=True)
        both.must('native', [NATIVE, 'lay', both.env_dir, wheels[1]])
        after, took = snapshot(both.env_dir), time.monotonic() - begun
        interrupted = 0
        for number in range(16):
            shutil.rmtree(both.env_dir)
            shutil.copytree(self.tmp / 'kept', both.env_dir, symlinks=True)
            running = subprocess.Popen([NATIVE, 'lay', both.env_dir, wheels[1]], env=self.environment())
            # Most of the time is the compiler's; what changes the environment comes last.
            journal = both.env_dir / '.venv.hpp-journal' / 'log'
            deadline = time.monotonic() + took * (1 + number / 16)
            while running.poll() is None and time.monotonic() < deadline and (
                    number % 4 == 0 or not journal.exists() or journal.stat().st_size < number * 3000):
                pass
            running.kill()
            running.wait()
            interrupted += journal.exists()
            both.must('native', [NATIVE, 'uninstall', both.env_dir])
            found = snapshot(both.env_dir)
            self.assertEqual(differences(before if found != after else after, found), [])
        self.assertGreater(interrupted, 4)
