"""Ways in which programs subclass `venv.EnvBuilder`, each the least of its kind: ways.py NAME ENV_DIR.
ways.cpp has the same, by the same names; without one, prints the names."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import types
import venv


class Builder(venv.EnvBuilder):
    def __init__(self, **options):
        super().__init__(**{'symlinks': True, **options})


def write(path, text):
    with open(path, 'w') as file:
        file.write(text)


def prefix_of(context):
    return subprocess.check_output([context.env_exec_cmd, '-c', 'import sys; print(sys.prefix)'],
                                   text=True).strip()


def post_setup_adds_paths(env_dir):
    class Own(Builder):
        def post_setup(self, context):
            site = subprocess.check_output(
                [context.env_exec_cmd, '-c', 'import site; print(site.getsitepackages()[0])'], text=True)
            write(os.path.join(site.strip(), 'own.pth'), '/usr\n')
    Own().create(env_dir)


def post_setup_runs_python(env_dir):
    class Own(Builder):
        def post_setup(self, context):
            print(prefix_of(context))
    Own().create(env_dir)


def context_is_kept(env_dir):
    class Own(Builder):
        def post_setup(self, context):
            self.context = context
    builder = Own()
    builder.create(env_dir)
    print(builder.context.env_exe, prefix_of(builder.context))


def ensure_directories_keeps_the_context(env_dir):
    class Own(Builder):
        def ensure_directories(self, env_dir):
            self.context = super().ensure_directories(env_dir)
            return self.context
    builder = Own()
    builder.create(env_dir)
    print(builder.context.bin_path)


def setup_python_then_another_name(env_dir):
    class Own(Builder):
        def setup_python(self, context):
            super().setup_python(context)
            name = os.path.join(context.bin_path, 'build-python')
            if not os.path.lexists(name):
                os.symlink(context.python_exe, name)
            print(prefix_of(context))
    Own().create(env_dir)


def setup_python_after_a_wrapper(env_dir):
    class Own(Builder):
        def setup_python(self, context):
            name = os.path.join(context.bin_path, 'python3')
            if os.path.lexists(name):
                os.remove(name)
            write(name, '#!/bin/sh\nexec "$(dirname "$0")/python" "$@"\n')
            os.chmod(name, 0o755)
            super().setup_python(context)
    Own().create(env_dir)


def setup_python_by_oneself(env_dir):
    class Own(Builder):
        def setup_python(self, context):
            for name in (context.env_exe, os.path.join(context.bin_path, 'python')):
                if not os.path.lexists(name):
                    os.symlink(context.executable, name)
    Own().create(env_dir)


def create_configuration_then_a_line(env_dir):
    class Own(Builder):
        def create_configuration(self, context):
            super().create_configuration(context)
            with open(context.cfg_path, 'a') as file:
                file.write('own = yes\n')
    Own().create(env_dir)


def create_configuration_by_oneself(env_dir):
    class Own(Builder):
        def create_configuration(self, context):
            write(os.path.join(context.env_dir, 'pyvenv.cfg'), 'home = %s\n' % context.python_dir)
    Own().create(env_dir)


def create_configuration_with_another_option(env_dir):
    class Own(Builder):
        def create_configuration(self, context):
            self.system_site_packages = True
            super().create_configuration(context)
    Own().create(env_dir)


def ensure_directories_then_another_prompt(env_dir):
    class Own(Builder):
        def ensure_directories(self, env_dir):
            context = super().ensure_directories(env_dir)
            context.prompt = 'another'
            return context
    Own().create(env_dir)


def ensure_directories_refuses(env_dir):
    class Own(Builder):
        def ensure_directories(self, env_dir):
            raise RuntimeError('refused')
    try:
        Own().create(env_dir)
    except RuntimeError as error:
        print(error)


def ensure_directories_by_oneself(env_dir):
    class Own(Builder):
        def ensure_directories(self, env_dir):
            context = types.SimpleNamespace()
            context.env_dir = env_dir
            context.env_name = context.prompt = os.path.basename(env_dir)
            context.executable = sys._base_executable
            context.python_dir, context.python_exe = os.path.split(context.executable)
            context.bin_name = 'bin'
            context.bin_path = os.path.join(env_dir, 'bin')
            context.inc_path = os.path.join(env_dir, 'include')
            context.lib_path = os.path.join(env_dir, 'lib', 'python%d.%d' % sys.version_info[:2], 'site-packages')
            context.env_exe = context.env_exec_cmd = os.path.join(context.bin_path, context.python_exe)
            for path in (context.bin_path, context.inc_path, context.lib_path):
                os.makedirs(path, exist_ok=True)
            return context
    Own().create(env_dir)


def setup_scripts_not_at_all(env_dir):
    class Own(Builder):
        def setup_scripts(self, context):
            pass
    Own().create(env_dir)


def setup_scripts_then_own_ones(env_dir):
    class Own(Builder):
        def setup_scripts(self, context):
            super().setup_scripts(context)
            with tempfile.TemporaryDirectory() as folder:
                os.mkdir(os.path.join(folder, 'common'))
                write(os.path.join(folder, 'common', 'own.txt'), 'in __VENV_BIN_NAME__\n')
                self.install_scripts(context, folder)
    Own().create(env_dir)


def setup_scripts_after_another_prompt(env_dir):
    class Own(Builder):
        def setup_scripts(self, context):
            context.prompt = 'another'
            super().setup_scripts(context)
    Own().create(env_dir)


def install_scripts_without_one(env_dir):
    class Own(Builder):
        def install_scripts(self, context, path):
            with tempfile.TemporaryDirectory() as folder:
                copy = shutil.copytree(path, os.path.join(folder, 'scripts'))
                for root, _, names in os.walk(copy):
                    for name in names:
                        if name == 'activate.csh':
                            os.remove(os.path.join(root, name))
                super().install_scripts(context, copy)
    Own().create(env_dir)


def replace_variables_with_one_more(env_dir):
    class Own(Builder):
        def setup_scripts(self, context):
            with tempfile.TemporaryDirectory() as folder:
                os.mkdir(os.path.join(folder, 'common'))
                write(os.path.join(folder, 'common', 'own.txt'), '__OWN__ __VENV_BIN_NAME__\n')
                self.install_scripts(context, folder)

        def replace_variables(self, text, context):
            return super().replace_variables(text.replace('__OWN__', 'mine'), context)
    Own().create(env_dir)


def symlink_or_copy_refuses_copies(env_dir):
    class Own(Builder):
        def symlink_or_copy(self, src, dst, relative_symlinks_ok=False):
            if not self.symlinks:
                raise RuntimeError('no copies')
            super().symlink_or_copy(src, dst, relative_symlinks_ok)
    for symlinks in (True, False):
        try:
            Own(symlinks=symlinks).create(env_dir if symlinks else env_dir + ' of copies')
        except RuntimeError as error:
            print(error)


def setup_pip_by_oneself(env_dir):
    class Own(Builder):
        def _setup_pip(self, context):
            print(prefix_of(context))
            write(os.path.join(context.env_dir, 'no pip'), '')
    Own(with_pip=True).create(env_dir)


def setup_pip_then_pip(env_dir):
    class Own(Builder):
        def _setup_pip(self, context):
            super()._setup_pip(context)
            print(subprocess.check_output([context.env_exec_cmd, '-m', 'pip', 'list'], text=True).split()[4])
    Own(with_pip=True).create(env_dir)


def with_pip_decided_by_a_hook(env_dir):
    class Own(Builder):
        def ensure_directories(self, env_dir):
            self.with_pip = False
            return super().ensure_directories(env_dir)
    Own(with_pip=True).create(env_dir)


def upgrade_dependencies_by_oneself(env_dir):
    class Own(Builder):
        def upgrade_dependencies(self, context):
            print(prefix_of(context))
    Own(upgrade_deps=True).create(env_dir)


def clear_directory_keeps_something(env_dir):
    class Own(Builder):
        def clear_directory(self, path):
            super().clear_directory(path)
            write(os.path.join(path, 'kept'), '')
    Own(clear=True).create(env_dir)


def create_as_the_manual_has_it(env_dir):
    class Own(Builder):
        def create(self, env_dir):
            context = self.ensure_directories(os.path.abspath(env_dir))
            self.create_configuration(context)
            self.setup_python(context)
            self.setup_scripts(context)
            self.post_setup(context)

        def post_setup(self, context):
            print(prefix_of(context))
    Own().create(env_dir)


def create_then_something(env_dir):
    class Own(Builder):
        def create(self, env_dir):
            super().create(env_dir)
            write(os.path.join(env_dir, 'done'), '')
    Own().create(env_dir)


def three_steps(env_dir):
    builder = Builder()
    context = builder.ensure_directories(env_dir)
    builder.create_configuration(context)
    builder.setup_python(context)
    print(prefix_of(context))


def one_builder_for_three(env_dir):
    class Own(Builder):
        def post_setup(self, context):
            print(context.env_name, prefix_of(context))
    builder = Own()
    for name in ('', '/inner', '/another'):
        builder.create(env_dir + name)


def one_builder_for_threads(env_dir):
    class Own(Builder):
        def post_setup(self, context):
            write(os.path.join(context.env_dir, 'prefix'), prefix_of(context))
    builder = Own()
    builder.create(env_dir)
    threads = [threading.Thread(target=builder.create, args=[env_dir + name]) for name in ('/a', '/b', '/c')]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def create_git_ignore_file_then_a_line(env_dir):
    class Own(Builder):
        def create_git_ignore_file(self, context):
            super().create_git_ignore_file(context)
            write(os.path.join(context.env_dir, '.gitignore'), '*\n')
    Own(scm_ignore_files=['git']).create(env_dir)


def create_hg_ignore_file(env_dir):
    class Own(Builder):
        def create_hg_ignore_file(self, context):
            write(os.path.join(context.env_dir, '.hgignore'), 'syntax: glob\n*\n')
    Own(scm_ignore_files=['Hg']).create(env_dir)


WAYS = {name: way for name, way in list(globals().items())
        if isinstance(way, types.FunctionType) and name not in ('write', 'prefix_of')}

if __name__ == '__main__':
    if len(sys.argv) > 1:
        WAYS[sys.argv[1]](sys.argv[2])
    else:
        print(*WAYS, sep='\n')
