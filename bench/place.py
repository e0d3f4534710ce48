"""A directory to measure in: fresh paths, an environment of its own, measured commands."""

import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# What a program needs to reach a package index from here; everything else of the caller's
# environment stays out.
NETWORK = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'UV_DEFAULT_INDEX', 'UV_INDEX_URL']
NETWORK += [f'{scheme}_proxy' for scheme in ('http', 'https', 'all', 'no')]
NETWORK += [name.upper() for name in NETWORK if name.endswith('_proxy')]


class Failed(Exception):
    """A measured command did not do what it was to do."""


def file_system(path):
    """The type of the file system that `path` lies on."""
    mounts = [line.split() for line in Path('/proc/mounts').read_text().splitlines()]
    on = [m for m in mounts if os.path.commonpath([os.path.realpath(path), m[1]]) == m[1]]
    return max(on, key=lambda mount: len(mount[1]))[2] if on else 'unknown'


class Place:
    """Nothing made here is deleted before `remove()`: ext4 without a journal makes files many times
    slower where some were deleted within the last minute. For the same reason the measured
    programs have their temporary files elsewhere, in `temporary`, where that is given."""

    def __init__(self, parent, temporary=None):
        self.root = Path(tempfile.mkdtemp(prefix='venv-bench-', dir=parent))
        self.temporary = Path(tempfile.mkdtemp(prefix='venv-bench-', dir=temporary or self.root))
        self.type = file_system(self.root)
        self.made = 0
        self.driver = None
        self.environment = {'PATH': '/usr/bin:/bin', 'LANG': 'C.UTF-8', 'VIRTUALENV_NO_PERIODIC_UPDATE': '1',
                            'HOME': str(self.root / 'home'), 'TMPDIR': str(self.temporary),
                            'XDG_CACHE_HOME': str(self.root / 'cache')}
        self.environment.update({k: os.environ[k] for k in NETWORK if k in os.environ})
        for name in ('home', 'cache', 'fresh'):
            (self.root / name).mkdir()

    def fresh(self):
        """A path at which nothing ever was."""
        self.made += 1
        return self.root / 'fresh' / str(self.made)

    def use_memory(self, megabytes):
        """Takes memory and gives it back, for what is measured next. Without that, it would take pages that
        were never used, and in a virtual machine measure how fast the host hands those over."""
        bytearray(b'\1') * (megabytes << 20)

    def run(self, command, extra=None, memory=False):
        """Runs `command` and returns its milliseconds, or its (anonymous, whole) peak memory in KiB."""
        driver = [self.driver, '--memory'] if memory else [self.driver]
        done = subprocess.run([*map(str, driver), *map(str, command)], cwd=self.root, text=True,
                              env={**self.environment, **(extra or {})}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        figures = done.stdout.split()
        if done.returncode or figures[1] != '0':
            said = done.stderr.strip().splitlines() or ['no message']
            raise Failed(f'{Path(command[0]).name} failed: {said[-1]}')
        return (int(figures[2]), int(figures[3])) if memory else float(figures[0])

    def remove(self):
        """Deletes all, by several processes: there are hundreds of thousands of files."""
        parts = [*self.root.glob('fresh/*'), self.root, self.temporary]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda some: subprocess.run(['rm', '-rf', *some]),
                          [parts[i:i + 20] for i in range(0, len(parts) - 2, 20)]))
        subprocess.run(['rm', '-rf', *parts[-2:]])
