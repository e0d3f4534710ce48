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

# finish: with CI=true, a step that failed is a failure; elsewhere the tests skip what they miss.
finish() { [ "${CI:-}" != true ] || exit $steps_failed; }
