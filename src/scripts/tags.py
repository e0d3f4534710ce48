# Asks a Python what the tags (PEP 425) of the wheels that it takes depend on. Run with -I -S.
import os
import re
import sys
import sysconfig


def variable(name):
    return sysconfig.get_config_var(name)


def truth(value):
    return '1' if value else '0'


def start_of(path):
    try:
        with open(path, 'rb') as file:
            return file.read(4096)
    except OSError:
        return b''


def glibc():
    try:
        found = re.match(r'glibc (\d+)\.(\d+)', os.confstr('CS_GNU_LIBC_VERSION') or '')
    except (AttributeError, ValueError, OSError):
        found = None
    return found.groups() if found else ('0', '0')


def musl(head):
    # musl's loader says its version when it is run without arguments (PEP 656).
    loader = re.search(br'/[^\0]*ld-musl-[^\0]*', head)
    if not loader:
        return '0', '0'
    import subprocess
    said = subprocess.Popen([loader.group()], stdout=subprocess.PIPE, stderr=subprocess.PIPE).communicate()[1]
    found = re.match(r'musl.*\nVersion (\d+)\.(\d+)', said.decode('latin-1'))
    return found.groups() if found else ('0', '0')


def has_manylinux_abi(head):
    # On 32 bits: the executable is for the i686, or for an ARM with floating point (PEP 513, 599).
    if sys.maxsize > 2**32 or head[:4] != b'\x7fELF':
        return True
    machine = int.from_bytes(head[18:20], 'little')
    flags = int.from_bytes(head[36:40], 'little')
    if head[4:6] != b'\1\1':
        return False
    return machine == 3 or (machine == 40 and flags & 0xFF000400 == 0x05000400)


def mac():
    if sys.platform != 'darwin':
        return '0', '0', ''
    import platform
    version, _, machine = platform.mac_ver()
    if version.startswith('10.16'):  # what an old Python takes every newer system for
        import subprocess
        version = subprocess.check_output(
            [sys.executable, '-sS', '-c', 'import platform; print(platform.mac_ver()[0])'],
            env={'SYSTEM_VERSION_COMPAT': '0'}).decode().strip() or version
    parts = version.split('.') + ['0', '0']
    return parts[0] or '0', parts[1] or '0', machine


def fields():
    head = start_of(sys.executable)
    yield sys.implementation.name
    yield str(sys.version_info[0])
    yield str(sys.version_info[1])
    yield truth(sys.maxsize > 2**32)
    yield truth(variable('Py_GIL_DISABLED'))
    yield truth(variable('Py_DEBUG') or (variable('Py_DEBUG') is None and hasattr(sys, 'gettotalrefcount')))
    yield truth(variable('WITH_PYMALLOC') is None or variable('WITH_PYMALLOC'))
    yield variable('EXT_SUFFIX') or ''
    yield variable('py_version_nodot') or ''
    yield sysconfig.get_platform()
    for text in glibc() + musl(head) if sys.platform.startswith('linux') else ('0', '0', '0', '0'):
        yield text
    yield truth(has_manylinux_abi(head))
    for text in mac():
        yield text


text = '\0'.join(['venv.hpp tags 1'] + list(fields()) + ['end'])
getattr(sys.stdout, 'buffer', sys.stdout).write(('\0' + text + '\0').encode('utf-8', 'surrogateescape'))
