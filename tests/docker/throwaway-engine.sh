#!/bin/sh
# A dockerd for tests: its data, its socket (FOLDER/docker.sock) and its networks are in FOLDER, and it touches neither the machine's bridge nor
# its firewall. It runs until standard input ends, which it does when the process that started it ends, however that ends; then FOLDER goes.
#
#   throwaway-engine.sh FOLDER [MORE OPTIONS OF dockerd]
#
# FOLDER's path is short: a Unix socket's has at most 108 bytes, and containerd adds its own.
folder=$1
shift
# A volume in memory is not safe, as the tests of volumes prove; so their folder is on a disk, wherever FOLDER is.
volumes=$(mktemp -d /var/tmp/dbs-volumes-XXXXXX)
mkdir -p "$folder/data/volumes"
# dockerd mounts its root once more, without what is mounted in it, unless it is a mount already.
mount --bind "$folder/data" "$folder/data"
mount --bind "$volumes" "$folder/data/volumes"
/usr/sbin/dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" --host "unix://$folder/docker.sock" \
  --bridge=none --iptables=false --ip-masq=false --ip-forward=false "$@" > "$folder/dockerd.log" 2>&1 &
cat > /dev/null
kill $! 2> /dev/null && wait $!
# An engine that was killed has left its containers running.
for shim in $(pgrep -f "^[^ ]*containerd-shim[^ ]* .*$folder/exec/"); do
  pkill -9 -P "$shim"
  kill -9 "$shim"
done
# Nor does it take its networks' bridges along; their names begin with their networks' ids.
for id in $(grep -aoE '[0-9a-f]{64}' "$folder/data/network/files/local-kv.db" | cut -c 1-12 | sort -u); do
  [ ! -e "/sys/class/net/br-$id" ] || ip link delete "br-$id"
done
cut -d ' ' -f 2 /proc/self/mounts | grep "^$folder/" | xargs -r umount -l 2> /dev/null
# Layers hold links that lead to this machine's own files; rm follows none.
rm -rf -- "$folder" "$volumes"
