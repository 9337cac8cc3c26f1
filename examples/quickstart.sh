#!/bin/sh
# A store, the gateway, a volume and the main job on a real file, in one command. It builds what is not built, makes random
# credentials and a key store under examples/target/quickstart, and serves until interrupted.
#
#   examples/quickstart.sh              on the embedded store
#   examples/quickstart.sh --check      the same, and then exits 0 or 1
#   examples/quickstart.sh --store URL  on a MinIO or another S3 store, whose credentials are in
#                                       SALLYPORT_STORE_ACCESS_KEY and SALLYPORT_STORE_SECRET_KEY
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd -P)

case "${1:-}" in
    -h | --help)
        sed -n '2,8s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
esac

fail() {
    echo "quickstart: $1" >&2
    exit 1
}

marker=$root/examples/target/built
stale() {
    [ -e "$marker" ] || return 0
    [ -d "$root/examples/target/lib" ] || return 0
    for launcher in "$root"/gateway/target/sallyport-*/bin/sallyport \
        "$root"/volume-agent/target/sallyport-volume-*/bin/sallyport-volume; do
        [ -x "$launcher" ] || return 0
    done
    [ -n "$(find "$root/pom.xml" "$root/kms-core/pom.xml" "$root/kms-core/src/main" "$root/gateway/pom.xml" \
        "$root/gateway/src/main" "$root/gateway/src/dist" "$root/volume-agent/pom.xml" \
        "$root/volume-agent/src/main" "$root/volume-agent/src/dist" "$root/examples/pom.xml" "$root/examples/src/main" \
        -newer "$marker" -type f -print | head -n 1)" ]
}

if stale; then
    command -v mvn >/dev/null 2>&1 || fail "Maven is missing: install it (apt-get install maven)"
    echo "Building (once; some minutes where nothing is downloaded yet) ..."
    mkdir -p "$root/examples/target"
    # the time before the build, so that what changes meanwhile is built the next time
    touch "$marker.started"
    (cd "$root" && mvn -q -B -ntp -pl volume-agent,examples -am -Dmaven.test.skip=true package) || fail "the build failed"
    mv "$marker.started" "$marker"
fi

launcher=
for candidate in "$root"/gateway/target/sallyport-*/bin/sallyport; do
    launcher=$candidate
done
volume_launcher=
for candidate in "$root"/volume-agent/target/sallyport-volume-*/bin/sallyport-volume; do
    volume_launcher=$candidate
done
java=$("$launcher" --print-java) || exit 1

jar=
for candidate in "$root"/examples/target/sallyport-examples-*.jar; do
    jar=$candidate
done

ulimit -c 0
exec "$java" -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dquickstart.launcher="$launcher" \
    -Dquickstart.volumeLauncher="$volume_launcher" -Dquickstart.directory="$root/examples/target/quickstart" \
    -Dquickstart.sample="$root/LICENSE" \
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "$jar:$root/examples/target/lib/*" dev.sallyport.examples.quickstart.Quickstart "$@"
