#!/bin/sh
# Tell Prometheus how much mail waits on hold, and since when.
#
# usage: hold-queue.sh [FILE.prom]
#
# Writes to FILE.prom in one step, or to standard output.  Run it as root (only root and
# Postfix may look into the queue) once a minute, for node_exporter's textfile collector:
#
#   * * * * * root /usr/share/phish-milter/hold-queue.sh /var/lib/prometheus/node-exporter/postfix-hold.prom
#
# The queue holds what phish-milter quarantines and what anything else put on hold.
set -eu

queue=${QUEUE_DIRECTORY:-$(postconf -h queue_directory)}/hold

figures() {
    # One line per message: when it was written, in seconds since 1970.
    find "$queue" -type f -printf '%T@\n' | LC_ALL=C sort -n | awk '
        NR == 1 { oldest = $1 }
        END {
            print "# HELP postfix_hold_queue_messages Messages in the hold queue of Postfix."
            print "# TYPE postfix_hold_queue_messages gauge"
            print "postfix_hold_queue_messages " NR
            print "# HELP postfix_hold_queue_oldest_timestamp_seconds When the oldest of them was written, 0 when there is none."
            print "# TYPE postfix_hold_queue_oldest_timestamp_seconds gauge"
            printf "postfix_hold_queue_oldest_timestamp_seconds %d\n", oldest
        }'
}

# Without this check an unreadable queue would look like an empty one.
[ -r "$queue" ] && [ -x "$queue" ] || {
    echo "hold-queue.sh: cannot read $queue" >&2
    exit 1
}

if [ $# -eq 0 ]; then
    figures
    exit
fi
# Beside the target, for the rename; not *.prom, so that a half-written one is not read.
new=$(mktemp "$1.XXXXXX")
trap 'rm -f "$new"' EXIT
figures >"$new"
chmod 644 "$new"
mv "$new" "$1"
