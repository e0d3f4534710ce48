# bash completion for venv. Made by tools/completion.py from what --help says; a test compares it.
_venv_offer() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$@" -- "$current")
}
_venv() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do # the program that --run runs
    if [[ ${COMP_WORDS[i]} == -- && " ${COMP_WORDS[*]:1:i} " == *' --run '* ]]; then
      if ((i + 1 == COMP_CWORD)); then _venv_offer -c; else _venv_offer -f; fi
      return
    fi
  done
  if [[ $current == '=' ]]; then # --name=value is three words
    current=
  elif [[ $before == '=' ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $before in
    --wheel-dir | --pip-wheel-dir | --read-only-cache)
      _venv_offer -d
      return ;;
    --requirement | -r | --constraint | -c | --stamp | --depfile)
      _venv_offer -f
      return ;;
    --link-mode)
      return ;;
    --uninstall | --owner)
      return ;;
    --only-binary)
      return ;;
    --prompt)
      return ;;
    --python)
      _venv_offer -c -A file
      return ;;
    --lock-timeout)
      return ;;
    --activate)
      _venv_offer -W 'auto bash zsh ksh sh fish csh tcsh pwsh cmd nu xonsh elvish'
      return ;;
  esac
  if [[ $current == -* ]]; then
    _venv_offer -W '--system-site-packages --symlinks --copies --clear --upgrade --without-pip --prompt --upgrade-deps --without-scm-ignore-files --python --no-python-version --requirement -r --constraint -c --wheel-dir --offline --require-hashes --only-binary --only-pip --ensure --reinstall --stamp --depfile --lock-timeout --check --info --environments --run --activate --remove --uninstall --list-pythons --json --owner --relocatable --force --durable --no-compile-bytecode --pip-wheel-dir --link-mode --no-cache --read-only-cache --quiet --verbose --version --help -h'
  else
    _venv_offer -d
  fi
}
complete -o filenames -F _venv venv
