# What is evaluated doesn't know where it came from. The caller says it, for this one time.
if (eq $E:VIRTUAL_ENV_DIR '') {
  fail 'elvish does not say where this file lies: set-env VIRTUAL_ENV_DIR to its environment before; nothing is activated'
}
var dir = (path:abs $E:VIRTUAL_ENV_DIR)
unset-env VIRTUAL_ENV_DIR
var prompt = (path:base $dir)
