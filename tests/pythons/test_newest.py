"""The newest two CPythons, which `tools/install --all` unpacks: their environments are the reference's."""

from machine import PROGRAM, ROOT
from support import Case, name_in_tests, need_installed

FOLDER = ROOT / 'build' / 'tools'


class Newest(Case):
    def setUp(self):
        self.pythons = [need_installed('sid-pythons/usr/bin/' + name, 'of Debian sid', FOLDER,
                                       'tools/install --all') for name in ('python3.14', 'python3.15')]

    def compare(self, suite, *tests):
        self.run_suite(suite, *tests, pythons=self.pythons, program=PROGRAM)

    def test_options(self):
        self.compare('compare', 'test_options.Options.test_tree_configuration_and_sys_are_the_reference_s',
                     'test_options.Options.test_every_name_in_bin_runs_the_environment_s_python')

    def test_what_is_there_already(self):
        self.compare('compare', 'test_reuse.SamePython.test_links_over_copies_and_copies_over_links')

    def test_nested(self):
        self.compare('compare', 'test_directories.Bases.test_from_inside_another_environment')

    def test_through_a_link(self):
        # They were moved: not compared, as the reference's copies don't start.
        self.compare('compare', 'test_pythons.Homes.test_a_copy_of_what_a_link_leads_to_starts',
                     'test_pythons.Homes.test_a_link_from_a_directory_without_a_library_stays_while_it_works')

    def test_pip(self):
        self.compare('pip', *['test_equal.Equal.test_as_%s_makes_it' % name_in_tests(python)
                              for python in self.pythons])
