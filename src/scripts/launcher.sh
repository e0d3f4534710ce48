#!/bin/sh
''':' # Runs by the Python beside this file, wherever that lies and whatever link leads here.
[ -h "$0" ] || [ ! -f "${0%/*/*}/pyvenv.cfg" ] || exec "${0%/*}/python" "$0" "$@"
exec "$(
  file=./$0
  case $0 in /*) file=$0 ;; */*) ;; *) [ -e "$file" ] || file=$(command -v -- "$0") ;; esac
  PATH=$PATH:/usr/bin:/bin
  while [ -h "$file" ]; do
    link=$(readlink "$file" && echo /) || break
    link=${link%??}
    case $link in /*) file=$link ;; *) file=${file%/*}/$link ;; esac
  done
  cd -P "${file%/*}/" && printf %s/python "$PWD"
)" "$0" "$@"
' '''
