"""venv.hpp for Conan 2: `conan create packaging/conan` in the sources. See docs/packaging.md."""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

required_conan_version = '>=2.0'


class VenvHppConan(ConanFile):
    name = 'venv-hpp'
    description = 'Python virtual environments from C++17'
    license = 'MIT'
    topics = ('python', 'venv', 'header-only')
    settings = 'os', 'arch', 'compiler', 'build_type'
    options = {'program': [True, False]}  # the command-line program too
    default_options = {'program': False}
    package_type = 'header-library'

    @property
    def _sources(self):
        return os.path.join(self.recipe_folder, '..', '..')

    def set_version(self):
        header = load(self, os.path.join(self._sources, 'venv.hpp'))
        parts = (re.search(r'#define VENV_VERSION_%s (\d+)' % part, header) for part in ('MAJOR', 'MINOR', 'PATCH'))
        self.version = '.'.join(part.group(1) for part in parts)

    def export_sources(self):
        for pattern in ('venv.hpp', 'LICENSE', 'CMakeLists.txt', 'cmake/*', 'packaging/*', 'examples/*'):
            copy(self, pattern, self._sources, self.export_sources_folder, excludes='packaging/conan/*')

    def configure(self):
        if self.options.program:
            self.package_type = 'application'

    def layout(self):
        cmake_layout(self)

    def package_id(self):
        if not self.info.options.program:
            self.info.clear()  # one package for every compiler and system

    def validate(self):
        if self.settings.get_safe('compiler.cppstd'):
            check_min_cppstd(self, 17)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables['VENV_BUILD_PROGRAM'] = bool(self.options.program)
        toolchain.cache_variables['VENV_BUILD_TESTS'] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        if self.options.program:
            cmake.build(target='venv_program')

    def package(self):
        copy(self, 'LICENSE', self.source_folder, os.path.join(self.package_folder, 'licenses'))
        CMake(self).install()

    def package_info(self):
        # find_package(venv) reads what was installed for it: the targets, venv_ensure.
        config_dir = next(folder for folder, _, names in os.walk(self.package_folder) if 'venv-config.cmake' in names)
        self.cpp_info.set_property('cmake_find_mode', 'none')
        self.cpp_info.builddirs = [config_dir]
        self.cpp_info.set_property('pkg_config_name', 'venv')
        self.cpp_info.libdirs = []
        if not self.options.program:
            self.cpp_info.bindirs = []
        if self.settings.get_safe('os') in ('Linux', 'FreeBSD'):
            self.cpp_info.system_libs = ['pthread']
