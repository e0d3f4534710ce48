# What tools/install and tools/install-shells share: steps, each of which may fail without stopping
# the next. Sourced with `prefix` set to the folder for what is no Debian package. There, `failed`
# lists what could not be installed and why, and logs/ has what each step printed.

# shellcheck shell=bash disable=SC2154
mkdir -p "$prefix/logs"
failed=$prefix/failed
[ "${VENV_INSTALLING:-}" = "$prefix" ] || : >"$failed" # else a part of a longer run
export VENV_INSTALLING=$prefix
steps_failed=0

# fail NAME REASON: notes a step that failed, and says so.
fail() {
  steps_failed=1
  printf '%s\t%s\n' "$1" "$2" >>"$failed"
  echo "$(basename "$0"): $1: $2" >&2
}

# logged NAME COMMAND...: runs a command, with its output in logs/NAME.
logged() { "${@:2}" >"$prefix/logs/$1" 2>&1 </dev/null; }

# last_words NAME: why a step failed, as its command says it, in one line.
last_words() {
  local log=$prefix/logs/$1
  {
    grep -oE "reason: .*|\[Errno -?[0-9]+\][^'\")]*" "$log" | tail -n 1 | grep . ||
      grep -iE 'error|^[EW]: |fail|refused|denied' "$log" || tail -n 3 "$log"
  } | tail -n 3 | cut -c 1-200 | paste -sd ' '
}

# as_root COMMAND...: runs a command as root, if this user can.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif [ -t 1 ]; then
    sudo "$@"
  else
    sudo -n "$@" # nobody is there to type a password
  fi
}

# install_packages PACKAGE...: installs packages of Debian that are not there yet.
install_packages() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local by_hand="as root, run: apt-get install --no-install-recommends ${missing[*]}"
  if ! command -v apt-get >/dev/null; then
    fail packages "there is no apt-get; install what these are called here: ${missing[*]}"
  elif [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    fail packages "not root, and no sudo; $by_hand"
  elif ! logged rights as_root true; then
    fail packages "sudo: $(last_words rights); $by_hand"
  else
    echo "installing ${missing[*]}"
    local updated=yes
    logged update as_root apt-get -o APT::Update::Error-Mode=any update -qq || updated=no
    apt_install packages "${missing[@]}" && return
    if [ $updated = no ]; then
      fail packages "apt-get update: $(last_words update); left out: ${missing[*]}"
      return
    fi
    for package in "${missing[@]}"; do # one that this release hasn't must not hold up the others
      apt_install "$package" "$package" || fail "$package" "apt-get install: $(last_words "$package")"
    done
  fi
}
apt_install() {
  logged "$1" as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
    install -y -qq --no-install-recommends "${@:2}"
}

# make NAME INDEX COMMAND...: makes the folder NAME by a command, which gets the folder as its last
# argument and fetches from an index, npm or PyPI. A folder that is there is complete. Once an index
# could not be reached, it is not asked again.
make() {
  local name=$1 index=$2 folder=$prefix/$1 code=0
  [ -d "$folder" ] && return
  if grep -q "$index can't be reached" "$failed"; then
    fail "$name" "left out: $index can't be reached"
    return
  fi
  echo "installing $name"
  rm -rf --one-file-system "$folder.new"
  mkdir "$folder.new"
  logged "$name" "${@:3}" "$folder.new" || code=$?
  if [ $code = 0 ]; then
    mv "$folder.new" "$folder"
    return
  fi
  rm -rf --one-file-system "$folder.new"
  if grep -qE 'E(CONN|NOTFOUND|TIMEDOUT|AI_AGAIN)|[Cc]onnection|[Tt]imed? ?out' "$prefix/logs/$name"; then
    fail "$name" "$index can't be reached: $(last_words "$name")"
  else
    fail "$name" "$3 ended with exit code $code: $(last_words "$name")"
  fi
}

# What `make` runs.
npm_package() { # PACKAGE PROGRAM FOLDER
  command -v npm >/dev/null || { echo "error: npm is not installed" && return 1; }
  # A retry is for a network that stumbles, not for one that isn't there.
  npm install --loglevel=error --no-audit --no-fund --fetch-retries=1 --fetch-retry-mintimeout=2000 \
    --prefix "$3" "$1" || return
  # npm also leaves out, without a word, what a machine has no build for.
  compgen -G "$3/$2" >/dev/null || { echo "error: no $2 came with it" && return 1; }
}
python_packages() { # PACKAGE... FOLDER
  local folder=${!#} code=0
  /usr/bin/python3 -m venv --without-pip "$folder" && /usr/bin/python3 -m venv "$folder.pip" &&
    "$folder.pip/bin/pip" --disable-pip-version-check --retries 1 --timeout 30 \
      --python "$folder/bin/python" install --quiet "${@:1:$#-1}" || code=$?
  rm -rf "$folder.pip"
  return $code
}

# apt_of SCRATCH RELEASE ARGUMENT...: apt-get, for another release of Debian than the machine's, with
# all that it keeps in a folder; for sources if the first argument is `source`. No root needed.
apt_of() {
  local kind=deb mirror apt
  [ "$3" != source ] || kind="deb-src"
  # A mirror that keeps a snapshot may have a release file that is out of date.
  apt=(apt-get -qq -y -o Acquire::Check-Valid-Until=false -o APT::Update::Error-Mode=any
    -o APT::Sandbox::User= -o Debug::NoLocking=true -o Acquire::Languages=none
    -o Dir::Etc::sourcelist="$1/sources.list" -o Dir::Etc::sourceparts=-
    -o Dir::State="$1" -o Dir::State::status="$1/status" -o Dir::Cache="$1")
  # Until apt-get update has run, nothing but its address tells what a mirror has.
  mirror=$({
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian'
    apt-get --print-uris update | sed -n "s|^'\\(.*debian.*\\)/dists/.*/InRelease'.*|\\1|p" | grep -v security
  } | head -n 1)
  [ -n "$mirror" ] || { echo "error: no mirror of Debian is known to apt-get" && return 1; }
  mkdir -p "$1/lists/partial" "$1/archives/partial" && : >"$1/status" &&
    echo "$kind $mirror $2 main" >"$1/sources.list" && "${apt[@]}" update && "${apt[@]}" "${@:3}"
}

# unpacked_pythons RELEASE PACKAGE... FOLDER: CPythons of another release of Debian, with all that they
# need: unpacked and linked anew, to be run where they lie.
unpacked_pythons() {
  local folder=${!#} place scratch program lib deb code=0
  place=${folder%.new} # where `make` will put it
  command -v patchelf >/dev/null || { echo "error: patchelf is not installed" && return 1; }
  scratch=$(mktemp -d) || return
  if apt_of "$scratch" "$1" install --download-only --no-install-recommends "${@:2:$#-2}"; then
    for deb in "$scratch"/archives/*.deb; do dpkg-deb -x "$deb" "$folder" || code=$?; done
  else
    code=1
  fi
  rm -rf "$scratch"
  [ $code = 0 ] || return $code
  for program in "$folder"/usr/bin/python3.*; do
    patchelf --print-interpreter "$program" >/dev/null 2>&1 || continue # a script
    lib=$(cd "$folder"/usr/lib/*-linux-gnu*/ && pwd) || return
    link_anew "$program" "$lib" "$place${lib#"$folder"}" || return
  done
}
# link_anew PROGRAM LIBRARIES PLACE: lets a Python use the libraries that will be in PLACE, and the
# wheels there; compiles its library, as its package would do when it is installed.
link_anew() {
  local loader
  loader=$(basename "$2"/ld-linux*.so.*)
  "$2/$loader" --library-path "$2" "$1" -c '
import compileall, os, sys, sysconfig
wheels = sysconfig.get_config_var("WHEEL_PKG_DIR")
path = sys.modules[sysconfig._get_sysconfigdata_name()].__file__
text = open(path).read()
there = sys.argv[1].partition("/usr/lib/")[0] + wheels
open(path, "w").write(text.replace(repr(wheels), repr(there)))
sys.exit(not compileall.compile_dir(os.path.dirname(os.__file__), quiet=1))
' "$3" || return
  patchelf --set-interpreter "$3/$loader" --force-rpath --set-rpath "$3" "$1"
}

# finish: with CI=true, a step that failed is a failure; elsewhere the tests skip what they miss.
finish() { [ "${CI:-}" != true ] || exit $steps_failed; }
