"""The logging builder in Python, run by the Python whose `venv` is the reference:

    logger.py OBSERVER LOG ENV_DIR OPTION ...     (--clear, --symlinks, --with-pip, --git …)

OBSERVER is the start of a command, its words joined by newlines. logger.cpp is the same in C++."""

import subprocess
import sys
import venv

observer, log, env_dir, *options = sys.argv[1:]


def note(hook, when, context, env_dir=env_dir):
    attributes = vars(context) if context else {'env_dir': env_dir}
    subprocess.check_call([*observer.split('\n'), log, hook, when,
                           *('%s=%s' % item for item in attributes.items())])


class Logging(venv.EnvBuilder):
    context = None

    def around(self, hook, context, base):
        note(hook, 'before', context)
        result = base()
        note(hook, 'after', context)
        return result

    def ensure_directories(self, env_dir):
        note('ensure_directories', 'before', None, env_dir)
        self.context = super().ensure_directories(env_dir)
        note('ensure_directories', 'after', self.context)
        return self.context

    def clear_directory(self, path):
        self.around('clear_directory', None, lambda: super(Logging, self).clear_directory(path))

    def create_git_ignore_file(self, context):
        self.around('create_git_ignore_file', context,
                    lambda: super(Logging, self).create_git_ignore_file(context))

    def create_configuration(self, context):
        self.around('create_configuration', context,
                    lambda: super(Logging, self).create_configuration(context))

    def setup_python(self, context):
        self.around('setup_python', context, lambda: super(Logging, self).setup_python(context))

    def symlink_or_copy(self, src, dst, relative_symlinks_ok=False):
        self.around('symlink_or_copy', self.context, lambda: super(Logging, self).symlink_or_copy(
            src, dst, relative_symlinks_ok))

    def _setup_pip(self, context):
        self.around('setup_pip', context, lambda: super(Logging, self)._setup_pip(context))

    def setup_scripts(self, context):
        self.around('setup_scripts', context, lambda: super(Logging, self).setup_scripts(context))

    def install_scripts(self, context, path):
        self.replaced = False
        self.around('install_scripts', context,
                    lambda: super(Logging, self).install_scripts(context, path))

    def replace_variables(self, text, context):
        if not self.replaced:  # for each script: as many times as there are
            self.replaced = True
            note('replace_variables', 'before', context)
        return super().replace_variables(text, context)

    def post_setup(self, context):
        self.around('post_setup', context, lambda: super(Logging, self).post_setup(context))

    def upgrade_dependencies(self, context):
        note('upgrade_dependencies', 'before', context)  # the base's asks an index


chosen = {'symlinks': False}  # since 3.16 links are the default
chosen.update({option[2:].replace('-', '_'): True for option in options if option != '--git'})
if '--git' in options:
    chosen['scm_ignore_files'] = ['git']
Logging(**chosen).create(env_dir)
