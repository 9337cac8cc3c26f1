# Sourced by .ci/run: what the tests need beside the JDK, Maven and Go.
# shellcheck shell=bash disable=SC2034,SC2154

packages=(
    ca-certificates curl gcc libc6-dev procps python3 python3-venv      # the scripts, the fault layer
    s3cmd rclone restic libnbd-bin qemu-utils cryptsetup-bin             # clients
    qemu-system-x86 busybox-static cpio kmod nbd-client e2fsprogs        # a Linux kernel, for volumes
    systemd                                                              # systemd-analyze, to check units
    fio nbdkit                                                           # a client and a peer of volumes
    nginx-light wrk                                                      # benchmarks
    docker.io docker-compose debootstrap iptables                        # containers
)

install_packages() {
    local missing=()
    for package in "${packages[@]}"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && { echo "all there"; return 0; }
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update >/dev/null || return 1
    # no service of a package starts by itself
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
        made=1
    fi
    apt-get -q -y --no-install-recommends install "${missing[@]}" >"$work/apt.log" 2>&1
    local status=$?
    [ -n "$made" ] && rm -f $policy
    [ $status -eq 0 ] || { tail -30 "$work/apt.log"; return 1; }
    echo "installed: ${missing[*]}"
}

find_jdk() {
    local candidate
    for candidate in "${JAVA_HOME:-}" "${JAVA25_HOME:-}" /usr/lib/jvm/* /opt/*; do
        if [ -x "$candidate/bin/javac" ] && grep -q '^JAVA_VERSION="25' "$candidate/release" 2>/dev/null; then
            jdk25=$candidate
            export jdk25
            echo "$jdk25"
            return 0
        fi
    done
    # newer Debians have it
    apt-get -q -y --no-install-recommends install openjdk-25-jdk-headless >/dev/null 2>&1 \
        && for candidate in /usr/lib/jvm/java-25-openjdk-*; do
            [ -x "$candidate/bin/javac" ] && { jdk25=$candidate; export jdk25; return 0; }
        done
    echo "No JDK 25 found: install one (Eclipse Temurin 25 or your system's openjdk-25-jdk)." >&2
    return 1
}

minio_version=v0.0.0-20260212201848-7aac2a2c5b7c

install_minio() {
    if [ ! -x "$cache/bin/minio" ] || [ "$(cat "$cache/minio.version" 2>/dev/null)" != "$minio_version" ]; then
        CGO_ENABLED=0 GOBIN=$cache/bin go install "github.com/minio/minio@$minio_version" || return 1
        echo "$minio_version" >"$cache/minio.version"
    fi
    "$cache/bin/minio" --version | head -1
}

install_python() {
    local python=/usr/bin/python3
    if ! cmp -s .ci/requirements.txt "$cache/requirements.txt" || ! "$cache/venv/bin/aws" --version >/dev/null 2>&1; then
        rm -rf "$cache/venv"
        "$python" -m venv "$cache/venv" || return 1
        "$cache/venv/bin/pip" install -q --disable-pip-version-check -r .ci/requirements.txt || return 1
        cp .ci/requirements.txt "$cache/requirements.txt"
    fi
    "$cache/venv/bin/aws" --version
}

docker_pid=

# Starts an engine where none answers, and gives it an image of MinIO. Without an engine the tests use the program.
start_docker() {
    unset SALLYPORT_DOCKER SALLYPORT_MINIO_IMAGE
    if ! docker info >/dev/null 2>&1; then
        command -v dockerd >/dev/null || { echo "none: no dockerd"; return 0; }
        dockerd >"$cache/dockerd.log" 2>&1 &
        docker_pid=$!
        for _ in $(seq 60); do
            docker info >/dev/null 2>&1 && break
            kill -0 "$docker_pid" 2>/dev/null || break
            sleep 0.5
        done
        docker info >/dev/null 2>&1 || { echo "none: dockerd does not start"; tail -3 "$cache/dockerd.log"; return 0; }
    fi
    local context=$work/minio-image
    mkdir -p "$context"
    cp "$cache/bin/minio" "$context/"
    printf 'FROM scratch\nCOPY minio /minio\nENTRYPOINT ["/minio"]\nEXPOSE 9000\n' >"$context/Dockerfile"
    if DOCKER_BUILDKIT=0 docker build -q -t sallyport-test/minio:latest "$context" >"$work/docker-build.log" 2>&1 \
        && docker run --rm sallyport-test/minio:latest --version >/dev/null 2>&1; then
        export SALLYPORT_DOCKER=true SALLYPORT_MINIO_IMAGE=sallyport-test/minio:latest
        docker version --format 'Docker {{.Server.Version}} answers and runs containers'
    else
        echo "none: an engine answers, but cannot build and run a container"
    fi
    rm -rf "$context"
}

stop_docker() {
    if [ -n "$docker_pid" ]; then
        kill "$docker_pid" 2>/dev/null
        wait "$docker_pid" 2>/dev/null
    fi
}
