#!/bin/sh
# Makes what compose.yaml needs and no image has: random credentials for MinIO and a passphrase for the key store, each in
# a file of its own under compose/secrets (mode 0600), and the ids of the user who runs the containers. What is already
# there is kept, so that it is safe to run again. The volume agent puts its socket into compose/run.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets run
for secret in store-access-key store-secret-key passphrase; do
    if [ ! -s "secrets/$secret" ]; then
        od -An -N20 -tx1 /dev/urandom | tr -d ' \n' >"secrets/$secret.part"
        mv "secrets/$secret.part" "secrets/$secret"
        echo "made compose/secrets/$secret"
    fi
done
cat >.env <<EOF
SALLYPORT_UID=$(id -u)
SALLYPORT_GID=$(id -g)
EOF
echo "ready: docker-compose -f compose/compose.yaml up -d --build"
