"""What this machine lets a test do: found out once, said in plain words.

    python3 tests/abilities.py --find-out FILE   finds everything out, writes it down and prints it
    python3 tests/abilities.py --report LOG      what is lacking, and what ctest's LOG says was skipped
    python3 tests/abilities.py NAME              as a test: 0 if it is there, 77 if not, 1 with CI=true

$VENV_ABILITIES is the file that is read; without it, each thing is tried where it is asked for.
$VENV_WITHOUT names what this machine is meant to lack (`mounts loop`): with CI=true, a test that
needs it is skipped too; a test that needs anything else that is lacking fails."""

import collections
import functools
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]


# ---- one function a thing: why it can't be done here; nothing if it can ----

def attempt(*command):
    """Why a command fails; nothing if it succeeds."""
    if not shutil.which(command[0]):
        return command[0] + ' is not installed'
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, timeout=60)
    except subprocess.TimeoutExpired:
        return command[0] + ' does not end'
    words = done.stderr.decode('utf-8', 'replace').strip().splitlines()
    return '' if done.returncode == 0 else words[-1] if words else 'exit code %d' % done.returncode


def why_no_root():
    return '' if os.geteuid() == 0 else 'this is user %d' % os.geteuid()


def why_no_mounts():
    # From a folder that is bound on itself: a mount that reached the machine would be seen there.
    with tempfile.TemporaryDirectory() as folder:
        return attempt('unshare', '--mount', 'sh', '-ec',
                       'mount -t tmpfs tmpfs "$0" && mount --bind "$0" "$0" && '
                       'mount -o remount,bind,ro "$0"', folder)


def why_no_loop_devices():
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(1 << 20)
        return attempt('sh', '-c', 'PATH=$PATH:/sbin:/usr/sbin; device=$(losetup --find --show "$0") && '
                       'losetup --detach "$device"', file.name)


def why_no_traces():
    return attempt('strace', '-qq', '-o', '/dev/null', '-e', 'trace=chdir',
                   '-e', 'inject=chdir:error=EPERM:when=100', 'true')


def why_no_fuse():
    try:
        os.close(os.open('/dev/fuse', os.O_RDWR))
    except OSError as error:
        return str(error)
    return ''


def why_no_terminals():
    try:
        for descriptor in pty.openpty():
            os.close(descriptor)
    except OSError as error:
        return 'pseudo-terminals: %s' % error
    return ''


def why_no_proc():
    return '' if os.path.exists('/proc/self/exe') else '/proc is not mounted'


def why_not_installed():
    """What tools/install noted."""
    try:
        lines = (ROOT / 'build' / 'tools' / 'failed').read_text('utf-8').splitlines()
    except OSError:
        return ''
    return '; '.join(line.replace('\t', ': ').strip() for line in lines)


Ability = collections.namedtuple('Ability', 'what why_not hint')
ABILITIES = {
    'installed': Ability('what tools/install installs', why_not_installed, 'run tools/install again'),
    'root': Ability('the rights of root', why_no_root, 'run as root'),
    'mounts': Ability('mount namespaces', why_no_mounts,
                      'root with CAP_SYS_ADMIN, in a root directory that is a mount point: a chroot is '
                      'bound on itself (mount --bind DIR DIR), a container is privileged'),
    'loop': Ability('loop devices', why_no_loop_devices, 'root, and /dev/loop-control'),
    'traces': Ability('strace', why_no_traces, 'the package strace, and the right to call ptrace'),
    'fuse': Ability('file systems of a user (/dev/fuse)', why_no_fuse, 'the module fuse, /dev/fuse'),
    'terminals': Ability('pseudo-terminals', why_no_terminals, 'mount /dev/pts'),
    'proc': Ability('/proc', why_no_proc, 'mount -t proc proc /proc'),
}


# ---- asking ----

@functools.lru_cache(maxsize=None)
def written_down():
    path = os.environ.get('VENV_ABILITIES')
    return json.loads(pathlib.Path(path).read_text('utf-8')) if path and os.path.exists(path) else {}


@functools.lru_cache(maxsize=None)
def why_not(name):
    """Why this machine can't do the thing; empty if it can."""
    known = written_down().get(name)
    return ABILITIES[name].why_not() if known is None else known


def is_a_failure(name):
    """Whether a test that needs the thing fails without it, and isn't skipped."""
    return os.environ.get('CI') == 'true' and name not in os.environ.get('VENV_WITHOUT', '').split()


def lacking(name):
    return 'missing: %s (%s)' % (ABILITIES[name].what, why_not(name))


# ---- the command line ----

def find_out(file):
    answers = {name: ability.why_not() for name, ability in ABILITIES.items()}
    pathlib.Path(file).write_text(json.dumps(answers, indent=1) + '\n', 'utf-8')
    show('What this machine can do:', answers)


def show(title, answers):
    print(title)
    for name, why in answers.items():
        print('  %-9s  %s' % (name, 'no: %s' % why if why else 'yes'))
        if why:
            print('             what helps: ' + ABILITIES[name].hint)
    sys.stdout.flush()


def report(log):
    lacks = {name: why_not(name) for name in ABILITIES if why_not(name)}
    if lacks:
        show('What this machine could not do:', lacks)
    try:
        text = pathlib.Path(log).read_text('utf-8', 'replace')
    except OSError:
        return
    # As tests/run.py says it, and as pytest does.
    reasons = re.findall(r'^SKIPPED: [^:]*: (.*)$|^SKIPPED \[\d+\] [^:]*:\d+: (.*)$', text, re.M)
    if reasons:
        print('What was skipped for it, or for what is not installed:')
    for reason, count in collections.Counter(a or b for a, b in reasons).most_common():
        print('  %3d  %s' % (count, reason))


def check(name):
    if not why_not(name):
        return 0
    print('%s; what helps: %s' % (lacking(name), ABILITIES[name].hint))
    return 1 if is_a_failure(name) else 77


if __name__ == '__main__':
    if sys.argv[1] == '--find-out':
        find_out(sys.argv[2])
    elif sys.argv[1] == '--report':
        report(sys.argv[2])
    else:
        sys.exit(check(sys.argv[1]))
