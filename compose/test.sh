#!/usr/bin/env bash
# Builds the images on a base made of Debian's packages, and uses the stack as a person would. Needs a Docker engine,
# docker-compose, debootstrap, a minio program, a JDK 25, aws, nbdinfo, nbdcopy, and root. Leaves no container, volume or image of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/sallyport-ci
minio=${SALLYPORT_MINIO:-$(command -v minio)}
jdk=${jdk25:-$(dirname "$(dirname "$(readlink -f "$(gateway/target/sallyport-*/bin/sallyport --print-java)")")")}
work=$(mktemp -d)
export DOCKER_BUILDKIT=0 COMPOSE_DOCKER_CLI_BUILD=0 COMPOSE_PROJECT_NAME=sallyport-test
if command -v docker-compose >/dev/null; then
    compose=(docker-compose -f compose/compose.yaml)
else
    compose=(docker compose -f compose/compose.yaml)
fi

clean() {
    status=$?
    if [ $status -ne 0 ]; then
        "${compose[@]}" logs --no-color --tail 40 2>/dev/null || true
    fi
    "${compose[@]}" --profile volume down -v --rmi local --timeout 5 >/dev/null 2>&1 || true
    docker rmi -f sallyport-test/debian sallyport-test/java sallyport-test/builder >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean EXIT

mkdir -p "$cache"
if [ ! -s "$cache/debian.tar" ]; then
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m 1 debian)
    debootstrap --variant=minbase bookworm "$work/debian" "$mirror" >"$work/debootstrap.log" 2>&1 \
        || { tail -5 "$work/debootstrap.log"; exit 1; }
    tar -C "$work/debian" --exclude ./var/cache/apt --exclude './dev/*' -cf "$cache/debian.tar.part" .
    mv "$cache/debian.tar.part" "$cache/debian.tar"
    rm -rf "$work/debian"
fi
docker import - sallyport-test/debian <"$cache/debian.tar" >/dev/null

mkdir -p "$work/java" "$work/builder"
cp -rL "$jdk" "$work/java/jdk"
rm -rf "$work/java/jdk/jmods" "$work/java/jdk/lib/src.zip"
printf 'FROM sallyport-test/debian\nCOPY jdk /opt/jdk\nENV JAVA_HOME=/opt/jdk\n' >"$work/java/Dockerfile"
docker build -q -t sallyport-test/java "$work/java" >/dev/null
cp "$minio" "$work/builder/minio"
printf 'FROM sallyport-test/debian\nCOPY minio /out/minio\n' >"$work/builder/Dockerfile"
docker build -q -t sallyport-test/builder "$work/builder" >/dev/null
rm -rf "$work/java" "$work/builder"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export MINIO_BUILDER_IMAGE=sallyport-test/builder MINIO_BASE_IMAGE=sallyport-test/debian
export GATEWAY_BASE_IMAGE=sallyport-test/java SALLYPORT_PORT=$port
compose/setup.sh
"${compose[@]}" config -q
"${compose[@]}" up -d --build >"$work/up.log" 2>&1 || { tail -20 "$work/up.log"; exit 1; }

unset AWS_CA_BUNDLE AWS_PROFILE AWS_SESSION_TOKEN
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_CONFIG_FILE=$work/none AWS_SHARED_CREDENTIALS_FILE=$work/none

answers() {
    for _ in $(seq 120); do
        # an answer without credentials is a refusal, and an answer
        code=$(curl -s -o /dev/null -w '%{http_code}' "$AWS_ENDPOINT_URL/" || true)
        [ "$code" = 403 ] && return 0
        sleep 0.5
    done
    echo "the gateway does not answer" >&2
    return 1
}

answers
"${compose[@]}" exec -T gateway sallyport principal add admin --admin --keystore /var/lib/sallyport/keystore \
    --credentials-file /var/lib/sallyport/admin
"${compose[@]}" exec -T gateway cat /var/lib/sallyport/admin >"$work/admin"
AWS_ACCESS_KEY_ID=$(sed -n 's/^aws_access_key_id *= *//p' "$work/admin")
AWS_SECRET_ACCESS_KEY=$(sed -n 's/^aws_secret_access_key *= *//p' "$work/admin")
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY

aws s3 mb s3://compose-test
aws s3 cp LICENSE s3://compose-test/LICENSE
aws s3 cp s3://compose-test/LICENSE - | cmp - LICENSE

# behind the gateway's back: the volume of MinIO holds no line of the file
if docker run --rm -v "${COMPOSE_PROJECT_NAME}_objects:/data:ro" sallyport-test/debian \
    grep -r -l 'Licensed under the Apache License' /data; then
    echo "plaintext in MinIO's volume" >&2
    exit 1
fi

# a volume under a key of the gateway's KMS, for a principal that may do nothing else
aws kms create-alias --alias-name alias/volumes \
    --target-key-id "$(aws kms create-key --query KeyMetadata.KeyId --output text)"
"${compose[@]}" exec -T gateway sh -c 'umask 077
cat >/tmp/volume.json <<EOF
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
  "Resource": "*"}]}
EOF
sallyport principal add volume --policy /tmp/volume.json --keystore /var/lib/sallyport/keystore \
    --credentials-file /tmp/volume >&2
cat /tmp/volume
rm /tmp/volume' >"$work/volume-credentials"
install -m 0600 "$work/volume-credentials" compose/secrets/volume-credentials
export SALLYPORT_VOLUME_SIZE=64M
"${compose[@]}" --profile volume up -d --build volume >"$work/volume.log" 2>&1 || { tail -20 "$work/volume.log"; exit 1; }
uri="nbd+unix:///?socket=$PWD/compose/run/volume.sock"
attached() {
    for _ in $(seq 120); do
        nbdinfo --size "$uri" >/dev/null 2>&1 && return 0
        sleep 0.5
    done
    echo "the volume is not attached" >&2
    return 1
}
holds_license() {
    nbdcopy "$uri" "$work/copy"
    cmp -n "$(stat -c %s LICENSE)" LICENSE "$work/copy"
}

attached
nbdcopy --flush LICENSE "$uri"
holds_license
if docker run --rm -v "${COMPOSE_PROJECT_NAME}_volumes:/volumes:ro" sallyport-test/debian \
    grep -r -l 'Licensed under the Apache License' /volumes; then
    echo "plaintext in the volume's image" >&2
    exit 1
fi

# the keys, and what they encrypt, outlive the containers
"${compose[@]}" --profile volume down --timeout 30 >/dev/null 2>&1
"${compose[@]}" --profile volume up -d >/dev/null 2>&1
answers
for _ in $(seq 60); do
    aws s3 cp s3://compose-test/LICENSE "$work/again" >"$work/again.log" 2>&1 && break
    sleep 0.5
done
cmp "$work/again" LICENSE || { cat "$work/again.log"; exit 1; }
attached
holds_license
rm -f compose/secrets/volume-credentials
echo "compose: objects, keys and the volume are there after the containers were made anew"
