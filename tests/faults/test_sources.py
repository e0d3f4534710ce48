"""What lies in the directory is no source of the Python; where a request comes from is said."""

import os
import pathlib
import shutil

from machine import PATH, PROGRAM, wipe
from support import Case, facts, newest, prefix_of_links, second, snapshot

LOSSES = {
    'no pyvenv.cfg': lambda cfg: cfg.unlink(),
    'an empty one': lambda cfg: cfg.write_text(''),
    'one without home': lambda cfg: cfg.write_text('include-system-site-packages = false\n'),
    'one of garbage': lambda cfg: cfg.write_bytes(b'\xff\xfe\x00'),
}


class AnEnvironmentOnThePath(Case):
    """Its own bin is first on PATH, as in an image, with direnv or when it is active."""

    def path(self):
        return '%s:%s:%s' % (self.env_dir / 'bin', pathlib.Path(newest().path).parent, PATH)

    def again(self, *options, **changes):
        result = self.venv('--without-pip', *options, self.env_dir,
                           env=self.environment(PATH=self.path(), **changes))
        self.assertEqual(result.code, 0, str(result))
        self.works(pip=False)
        home = [line for line in (self.env_dir / 'pyvenv.cfg').read_text().splitlines()
                if line.startswith('home = ')]
        self.assertNotIn(str(self.env_dir), home[0])

    def each_loss(self, *options, **changes):
        for name, lose in LOSSES.items():
            with self.subTest(name):
                wipe(self.env_dir)
                self.make(newest(), '--without-pip')
                lose(self.env_dir / 'pyvenv.cfg')
                self.again(*options, **changes)

    def test_is_made_again(self):
        self.each_loss()

    def test_is_cleared(self):
        self.each_loss('--clear', '--force')

    def test_is_made_again_by_its_own_python(self):
        self.each_loss('--python', self.env_dir / 'bin' / 'python')

    def test_is_made_again_by_the_variable(self):
        self.each_loss(VENV_HPP_PYTHON=self.env_dir / 'bin' / 'python3')

    def test_is_made_again_when_active(self):
        self.each_loss(VIRTUAL_ENV=self.env_dir)

    def test_is_made_again_after_a_kill(self):
        for call, count in (('symlink', 2), ('symlink', 3), ('symlink', 4), ('rename', 4),
                            ('rename', 9)):
            with self.subTest(call=call, count=count):
                wipe(self.env_dir)
                if self.killed_at(call, count, PROGRAM, '--python', newest().path, '--without-pip',
                                  self.env_dir):
                    self.again()

    def test_of_copies_is_made_again(self):
        self.make(newest(), '--without-pip', '--copies')
        (self.env_dir / 'pyvenv.cfg').unlink()
        self.again()

    def test_with_dangling_links_is_made_again(self):
        self.make(newest(), '--without-pip')
        for path in (self.env_dir / 'bin').glob('python*'):
            path.unlink()
            path.symlink_to('/nonexistent/python3')
        self.again()

    def test_of_copies_by_another_python(self):
        self.make(second(), '--without-pip', '--copies')
        (self.env_dir / 'pyvenv.cfg').unlink()
        self.make(newest(), '--without-pip')
        self.works(python=newest(), pip=False)
        self.assertFalse((self.env_dir / 'bin' / second().name).exists())

    def test_what_is_installed_with_an_activation_script_is_refused(self):
        # As conda's own prefix: an interpreter, links to it, its library, and bin/activate.
        copy = prefix_of_links(self.env_dir, second(), ['os.py'])
        shutil.copy(facts(second().path)[1] / 'os.py', self.env_dir / 'lib' / second().name)
        (copy.parent / 'activate').write_text('# another maker\'s\n')
        for linked in ('no link', 'python', 'python3'):
            if linked != 'no link':
                (copy.parent / linked).symlink_to(copy.name)
            before = snapshot(self.env_dir)
            for options in ((), ('--clear',), ('--clear', '--force'), ('--copies',), ('--upgrade',)):
                with self.subTest(linked=linked, options=options):
                    result = self.venv('--python', newest().path, '--without-pip', *options,
                                       self.env_dir)
                    self.fails(result, copy)
                    self.unchanged(before)

    def test_that_is_a_base_is_refused(self):
        copy = prefix_of_links(self.env_dir, newest())
        result = self.venv('--python', copy, '--without-pip', self.env_dir)
        self.fails(result, self.env_dir)


class WhereARequestComesFrom(Case):
    def test_the_common_variable_is_not_ours(self):
        for value in ('.venv/bin/python', '/nonexistent/python', '3.99', str(self.env_dir / 'bin/python')):
            with self.subTest(value=value):
                wipe(self.env_dir)
                path = '%s:%s' % (pathlib.Path(newest().path).parent, PATH)
                result = self.venv('--without-pip', self.env_dir,
                                   env=self.environment(PATH=path, VENV_PYTHON=value))
                self.assertEqual(result.code, 0, str(result))
                self.works(python=newest(), pip=False)

    def test_our_variable_chooses(self):
        result = self.venv('--without-pip', self.env_dir,
                           env=self.environment(VENV_HPP_PYTHON=second().path))
        self.assertEqual(result.code, 0, str(result))
        self.works(python=second(), pip=False)

    def test_the_option_is_asked_first(self):
        result = self.venv('--python', newest().path, '--without-pip', self.env_dir,
                           env=self.environment(VENV_HPP_PYTHON=second().path))
        self.assertEqual(result.code, 0, str(result))
        self.works(python=newest(), pip=False)

    def test_a_message_names_the_variable(self):
        for value in ('/nonexistent/python', '3.99', 'no-such-python'):
            with self.subTest(value=value):
                result = self.venv('--without-pip', self.env_dir,
                                   env=self.environment(VENV_HPP_PYTHON=value))
                self.fails(result, 'VENV_HPP_PYTHON', value)

    def test_a_message_names_the_option(self):
        for value in ('/nonexistent/python', '3.99', 'no-such-python'):
            with self.subTest(value=value):
                self.fails(self.venv('--python', value, '--without-pip', self.env_dir),
                           '--python', value)

    def test_the_cache_can_be_switched_off_by_a_variable(self):
        result = self.venv('--python', newest().path, '--without-pip', self.env_dir,
                           env=self.environment(VENV_HPP_NO_CACHE='1'))
        self.assertEqual(result.code, 0, str(result))
        self.assertFalse(self.cache.exists())


class ABaseThatIsAnEnvironment(Case):
    def home_of(self, env_dir):
        for line in (env_dir / 'pyvenv.cfg').read_text().splitlines():
            if line.startswith('home = '):
                return line[7:]
        return None

    def stable(self):
        """As Homebrew has it: `opt` is a link to what the next upgrade deletes."""
        cellar = self.tmp / 'Cellar' / 'python' / '1.0'
        copy = prefix_of_links(cellar, newest())
        (self.tmp / 'opt').mkdir()
        (self.tmp / 'opt' / 'python').symlink_to(cellar)
        return self.tmp / 'opt' / 'python' / 'bin' / copy.name

    def test_hands_on_its_home(self):
        stable = self.stable()
        self.make(stable, '--without-pip', self.tmp / 'outer')
        self.assertEqual(self.home_of(self.tmp / 'outer'), str(stable.parent))
        self.make(self.tmp / 'outer' / 'bin' / 'python', '--without-pip')
        self.assertEqual(self.home_of(self.env_dir), str(stable.parent))
        self.works(pip=False)

    def test_hands_on_its_home_through_two(self):
        stable = self.stable()
        self.make(stable, '--without-pip', self.tmp / 'outer')
        self.make(self.tmp / 'outer' / 'bin' / 'python', '--without-pip', self.tmp / 'middle')
        self.make(self.tmp / 'middle' / 'bin' / 'python', '--without-pip')
        self.assertEqual(self.home_of(self.env_dir), str(stable.parent))

    def test_made_by_the_reference_hands_on_its_home(self):
        stable = self.stable()
        done = self.execute(stable, '-m', 'venv', '--without-pip', self.tmp / 'outer')
        self.assertEqual(done.code, 0, str(done))
        self.make(self.tmp / 'outer' / 'bin' / 'python', '--without-pip')
        self.assertEqual(self.home_of(self.env_dir), str(stable.parent))

    def test_whose_home_holds_another_file_is_asked(self):
        stable = self.stable()
        self.make(stable, '--without-pip', self.tmp / 'outer')
        cfg = self.tmp / 'outer' / 'pyvenv.cfg'
        other = self.tmp / 'other'
        other.mkdir()
        (other / stable.name).write_text('#!/bin/sh\nexit 1\n')
        text = cfg.read_text().replace('home = %s' % stable.parent, 'home = %s' % other)
        cfg.write_text(text)
        result = self.venv('--python', self.tmp / 'outer' / 'bin' / 'python', '--without-pip',
                           self.env_dir)
        if result.code == 0:
            self.works(pip=False)
            self.assertNotEqual(self.home_of(self.env_dir), str(other))
        else:
            self.fails(result)

    def without_home(self, text, linked):
        outer = self.tmp / 'outer'
        (outer / 'bin').mkdir(parents=True)
        (outer / 'pyvenv.cfg').write_text(text)
        (outer / 'bin' / 'python3').symlink_to(linked)
        self.make(outer / 'bin' / 'python3', '--without-pip')
        self.assertNotIn(str(outer), self.home_of(self.env_dir))
        self.works(pip=False)
        shutil.rmtree(outer)
        self.works(pip=False)  # it doesn't need the other one

    def test_without_home_is_followed_to_the_real_one(self):
        self.without_home('', os.path.realpath(newest().path))

    def test_with_other_keys_alone_is_followed_to_the_real_one(self):
        self.without_home('include-system-site-packages = false\n', os.path.realpath(newest().path))

    def test_without_home_of_a_stable_link(self):
        self.without_home('', self.stable())
