"""Makes the running Python use this environment, for programs that embed Python:

    path = "/the/environment/bin/activate_this.py"
    exec(compile(open(path).read(), path, "exec"), {"__file__": path})

The Python that runs must be of the version that the environment was made with. There is no way
back; what is imported already stays as it is.
"""

import os
import site
import sys
import sysconfig

env_dir = __VENV_DIR__
prompt = __VENV_PROMPT__
bin_name = __VENV_BIN_NAME__

scheme = "venv" if "venv" in sysconfig.get_scheme_names() else None
if scheme is None:
    scheme = "nt" if os.name == "nt" else "posix_prefix"
base = {"base": env_dir, "platbase": env_dir}
libraries = [sysconfig.get_path(name, scheme, base) for name in ("purelib", "platlib")]
if not os.path.isdir(libraries[0]):
    raise RuntimeError(
        "the environment {!r} was made for another Python than {}: it has no {!r}".format(
            env_dir, sys.version.split()[0], libraries[0]
        )
    )

path = [os.path.join(env_dir, bin_name)]
if os.environ.get("PATH"):
    path.append(os.environ["PATH"])
os.environ["PATH"] = os.pathsep.join(path)
os.environ["VIRTUAL_ENV"] = env_dir
os.environ["VIRTUAL_ENV_PROMPT"] = prompt
os.environ.pop("PYTHONHOME", None)

# The environment's packages come before those of the base; their .pth files are read too.
before = list(sys.path)
for library in libraries:
    site.addsitedir(library)
sys.path[:] = [entry for entry in sys.path if entry not in before] + before
sys.prefix = sys.exec_prefix = env_dir
