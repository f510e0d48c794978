# What the scripts of the lab share: where a lab is, which processes belong to it, how they are ended.
# Sourced by up, down, enter, mood and traffic. No lab is found by the name of a program: everything that a lab starts lives in a
# mount namespace of its own, whose private /dev holds a file with the lab's directory. So two labs, or a lab and
# the machine's own Postfix, are never confused.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

fail() { echo "$(basename "$0"): $*" >&2; exit 1; }

# The example binary; LAB_PROVIDERS overrides.
providers=${LAB_PROVIDERS:-${CARGO_TARGET_DIR:-$root/target}/debug/examples/lab-providers}

# Sets dir to the lab's directory from --dir, or the default; existing parts made absolute.
lab_dir() { dir=$(realpath -m -- "${1:-$here/run}"); }

# Reads DIR/env into the shell.
load_env() {
    [ -f "$dir/env" ] || fail "there is no lab in $dir; start one with: $here/up --dir $dir"
    # shellcheck disable=SC1091
    . "$dir/env"
}

# The processes of the lab in $dir, one id a line.
lab_processes() {
    local process namespace found=' '
    for process in /proc/[0-9]*; do
        [ "$(cat "$process/root/dev/mailtop-lab" 2>/dev/null)" = "$dir" ] || continue
        namespace=$(readlink "$process/ns/mnt" 2>/dev/null) || continue
        case $found in *" $namespace "*) ;; *) found="$found$namespace " ;; esac
    done
    [ "$found" = ' ' ] && return 0
    # Once more by namespace: what has changed its root (Dovecot's login processes) does not see the file.
    for process in /proc/[0-9]*; do
        namespace=$(readlink "$process/ns/mnt" 2>/dev/null) || continue
        case $found in *" $namespace "*) echo "${process#/proc/}" ;; esac
    done
}

# Waits up to $1 tenths of a second for the command $2… to succeed.
wait_for() {
    local tenths=$1
    shift
    while ! "$@" 2>/dev/null; do
        [ "$tenths" -gt 0 ] || return 1
        tenths=$((tenths - 1))
        sleep 0.1
    done
}

# An ended process that nobody has waited for yet is gone too: in a container process 1 may be slow to.
gone() { ! grep -qs '^State:.[^Z]' "/proc/$1/status"; }

none_left() { [ -z "$(lab_processes)" ]; }
