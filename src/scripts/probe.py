# Asks a Python what it is: run with -I -S, so nothing but the interpreter itself answers.
import sys

sys.dont_write_bytecode = True


def fields(system):
    version = sys.version_info
    yield 'version', '%d.%d.%d' % (version[0], version[1], version[2])
    if version[0] < 3:
        return
    import encodings

    info = sys.implementation
    yield 'prerelease', prerelease(version)
    yield 'implementation', info.name
    yield 'implementation_version', '%d.%d.%d' % info.version[:3] + prerelease(info.version)
    yield 'cache_tag', info.cache_tag or ''
    yield 'platform', sys.platform
    yield 'os_name', 'nt' if sys.platform == 'win32' else 'posix'
    yield 'machine', system.uname().machine if hasattr(system, 'uname') else ''
    yield 'executable', sys.executable or ''
    yield 'base_executable', getattr(sys, '_base_executable', None) or sys.executable or ''
    yield 'base_prefix', sys.base_prefix
    yield 'base_exec_prefix', sys.base_exec_prefix
    yield 'stdlib', list(encodings.__path__)[0].rpartition('\\' if sys.platform == 'win32' else '/')[0]
    yield 'platlibdir', getattr(sys, 'platlibdir', 'lib')
    yield 'filesystem_encoding', sys.getfilesystemencoding()
    build = build_variables(info)
    yield 'wheel_pkg_dir', str(build.get('WHEEL_PKG_DIR') or '')
    yield 'include_dir', str(build.get('INCLUDEPY') or '')
    yield 'library', library(build)
    yield 'extension_suffix', extension_suffix()
    yield 'abi_flags', abi_flags()
    yield 'magic', bytecode_magic().hex()
    yield '64bit', truth(sys.maxsize > 2**32)
    yield 'free_threaded', truth('t' in abi_flags())
    yield 'debug', truth(hasattr(sys, 'gettotalrefcount'))
    yield 'runs_itself', truth(runs_itself(system.stat))


def truth(value):
    return '1' if value else '0'


def prerelease(version):
    # Of sys.version_info and its like: 'a1', 'b2', 'rc1', and nothing for a final one.
    short = {'alpha': 'a', 'beta': 'b', 'candidate': 'rc'}.get(version[3])
    return '%s%d' % (short, version[4]) if short else ''


def build_variables(info):
    # What sysconfig reads, without importing sysconfig.
    if sys.platform == 'win32':
        return {}
    name = '_sysconfigdata_%s_%s_%s' % (getattr(sys, 'abiflags', ''), sys.platform,
                                        getattr(info, '_multiarch', ''))
    try:
        return __import__(name).build_time_vars
    except Exception:  # whatever is wrong with that file, the interpreter works
        return {}


def library(build):
    # libpython: the shared one where there is one.
    if sys.platform == 'win32':
        return '%s\\python%d%d%s%s.dll' % (sys.base_prefix, sys.version_info[0], sys.version_info[1],
                                           't' if 't' in abi_flags() else '',
                                           '_d' if hasattr(sys, 'gettotalrefcount') else '')
    if build.get('PYTHONFRAMEWORK'):
        return '%s/%s' % (build.get('PYTHONFRAMEWORKPREFIX'), build.get('LDLIBRARY'))
    shared = build.get('Py_ENABLE_SHARED')
    folder, name = [build.get(key) or '' for key in
                    (('LIBDIR', 'INSTSONAME') if shared else ('LIBPL', 'LIBRARY'))]
    return folder + '/' + name if name else ''


def abi_flags():
    # On Windows 3.13 has none, also the free-threaded one: there the names of modules tell.
    flags = getattr(sys, 'abiflags', '')
    is_threaded = '.cp%d%dt-' % (sys.version_info[0], sys.version_info[1]) in extension_suffix()
    return flags + 't' if is_threaded and 't' not in flags else flags


def extension_suffix():
    try:
        return __import__('_imp').extension_suffixes()[0]
    except Exception:  # another implementation, or none can be loaded
        return ''


def runs_itself(stat):
    # A wrapper can start Python under its own name (`exec -a`).
    try:
        running, named = stat('/proc/self/exe'), stat(sys.executable)
    except OSError:
        return True
    return (running.st_ino, running.st_dev) == (named.st_ino, named.st_dev)


def bytecode_magic():
    try:
        return sys.modules['_frozen_importlib_external'].MAGIC_NUMBER
    except (KeyError, AttributeError):
        import importlib.util
        return importlib.util.MAGIC_NUMBER


def operating_system():
    # What `os` is made of, and built in: to import that takes a seventh of the whole run.
    for name in ('posix', 'nt', 'os'):
        try:
            return __import__(name)
        except ImportError:
            pass


def encoded(text):
    # A path as the bytes that it has on the disk, whatever the locale.
    if sys.version_info[0] < 3:
        return text
    return text.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())


def answer():
    system = operating_system()
    texts = ['venv.hpp probe 3'] + ['%s=%s' % field for field in fields(system)] + ['end']
    system.write(1, b'\0' + b'\0'.join(encoded(text) for text in texts) + b'\0')


answer()
