# shellcheck shell=sh
# Sourced by every sub-command: messages, the JDK, the build, the Java command line. Needs IX_HOME.

# `su` and some cron-like environments leave these out, where ip, ethtool and nft live.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
IX_MIN_JDK=25
IX_TARGET=$IX_HOME/target/ix
ix_user_id=$(id -u)
if [ "$ix_user_id" -eq 0 ]; then IX_STATE=${IX_STATE:-/run/ix}; else IX_STATE=${IX_STATE:-/tmp/ix-$ix_user_id}; fi

say() { printf '%s\n' "$*"; }
note() { printf 'ix: %s\n' "$*" >&2; }

# die WHAT REMEDY: the one way in which the launcher fails.
die() {
    printf 'ix: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '    remedy: %s\n' "$2" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$ix_user_id" -eq 0 ]; }

# unless_there PROGRAM PACKAGE: what to add to a hint that names PROGRAM.
unless_there() { have "$1" || printf '   (apt-get install %s)' "$2"; }

# Debian's own Python, because the modules that the tests use are Debian's; another one may come first on PATH.
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || PYTHON=python3
export PYTHON

# jdk_version DIR: the feature version (17, 25 ...) of the JDK in DIR, from its release file; 0 when it is none.
jdk_version() {
    [ -x "$1/bin/javac" ] || { echo 0; return; }
    jdk_text=$(sed -n 's/^JAVA_VERSION="\(.*\)"$/\1/p' "$1/release" 2>/dev/null)
    [ -n "$jdk_text" ] || jdk_text=$("$1/bin/java" -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')
    jdk_text=${jdk_text%%[!0-9]*}
    echo "${jdk_text:-0}"
}

# Directories in which JDKs usually live; IX_JDK_DIRS replaces the list.
jdk_candidates() {
    if [ -n "${IX_JDK_DIRS+set}" ]; then
        for jdk_dir in $IX_JDK_DIRS; do echo "$jdk_dir"; done
        return
    fi
    if have java; then dirname "$(dirname "$(readlink -f "$(command -v java)")")"; fi
    for jdk_dir in /usr/lib/jvm/* /usr/local/lib/jvm/* /usr/java/* /opt/java/* /opt/*jdk* /opt/jdk/* /usr/local/*jdk* \
        "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.asdf/installs/java/* \
        "$HOME"/.local/share/mise/installs/java/* "$HOME"/.jenv/versions/* /home/linuxbrew/.linuxbrew/opt/openjdk*; do
        if [ -x "$jdk_dir/bin/javac" ]; then echo "$jdk_dir"; fi
    done
}

# Sets JAVA_HOME to a JDK that is new enough; fails (1) without one. IX_JAVA_HOME is taken at its word.
find_jdk() {
    if [ -n "${IX_JAVA_HOME:-}" ]; then
        jdk_found=$(jdk_version "$IX_JAVA_HOME")
        [ "$jdk_found" -ge "$IX_MIN_JDK" ] || die "IX_JAVA_HOME=$IX_JAVA_HOME is $(jdk_name "$jdk_found"); IX needs JDK $IX_MIN_JDK or newer" \
            "set IX_JAVA_HOME to a JDK $IX_MIN_JDK, or unset it and run ./ix setup"
        JAVA_HOME=$IX_JAVA_HOME
        export JAVA_HOME
        return 0
    fi
    if [ -n "${JAVA_HOME:-}" ] && [ "$(jdk_version "$JAVA_HOME")" -ge "$IX_MIN_JDK" ]; then export JAVA_HOME; return 0; fi
    jdk_best=''
    jdk_best_version=0
    for jdk_dir in $(jdk_candidates); do
        jdk_found=$(jdk_version "$jdk_dir")
        # The oldest that is new enough: it is what the build is tested with.
        if [ "$jdk_found" -ge "$IX_MIN_JDK" ] && { [ -z "$jdk_best" ] || [ "$jdk_found" -lt "$jdk_best_version" ]; }; then
            jdk_best=$jdk_dir
            jdk_best_version=$jdk_found
        fi
    done
    [ -n "$jdk_best" ] || return 1
    JAVA_HOME=$jdk_best
    export JAVA_HOME
}

jdk_name() { if [ "$1" -eq 0 ]; then echo "no JDK (no bin/javac there)"; else echo "JDK $1"; fi; }

# What find_jdk saw, for an error message.
jdk_seen() {
    {
        [ -z "${JAVA_HOME:-}" ] || echo "JAVA_HOME=$JAVA_HOME ($(jdk_name "$(jdk_version "$JAVA_HOME")"))"
        for jdk_dir in $(jdk_candidates); do echo "$jdk_dir ($(jdk_name "$(jdk_version "$jdk_dir")"))"; done
    } | sort -u | paste -sd, - | sed 's/,/, /g; s/^$/none/'
}

# build_is_fresh: nothing that the build reads is newer than its stamp.
build_is_fresh() {
    [ -e "$IX_TARGET/built" ] || return 1
    build_newer=$(find "$IX_HOME/pom.xml" "$IX_HOME"/*/pom.xml "$IX_HOME"/*/src/main -newer "$IX_TARGET/built" -print 2>/dev/null | head -n 1)
    [ -z "$build_newer" ]
}

# maven ARGUMENT...: in the root of the clone. IX_MAVEN_ARGS: further options, for example -o.
maven() {
    # shellcheck disable=SC2086 # several options in one variable, on purpose
    ( cd "$IX_HOME" && MAVEN_OPTS="${MAVEN_OPTS:--XX:+UseSerialGC -XX:TieredStopAtLevel=1}" mvn -ntp -B ${IX_MAVEN_ARGS:-} "$@" )
}

# Builds all modules and gathers the jars that each runs with in its target/lib; does nothing when that is up to date.
ensure_build() {
    if build_is_fresh; then return 0; fi
    if ! mkdir -p "$IX_TARGET" 2>/dev/null || ! [ -w "$IX_TARGET" ]; then
        die "not built yet, and $(id -un) may not write to $IX_TARGET" "./ix setup as the owner of the clone ($(stat -c %U "$IX_HOME"))"
    fi
    exec 8>"$IX_TARGET/lock"
    # Another ./ix in the same clone may be building: wait, and then look again.
    flock 8 || die "cannot lock $IX_TARGET/lock" "is the file system of the clone read-only?"
    if build_is_fresh; then exec 8>&-; return 0; fi
    note "building with $JAVA_HOME (first time: downloads the libraries; later: only when a source is newer)"
    build_stamp=$IX_TARGET/building
    : >"$build_stamp"
    # The old jars are deleted, not overwritten: a server that runs from them keeps them.
    rm -rf "$IX_HOME"/*/target/lib
    maven -q -Dmaven.test.skip=true package dependency:copy-dependencies -DincludeScope=runtime \
        -DoutputDirectory=target/lib >"$IX_TARGET/build.log" 2>&1 8>&- || {
        grep -E 'ERROR|BUILD' "$IX_TARGET/build.log" | head -n 20 >&2
        die "the build failed; whole log: $IX_TARGET/build.log" \
            "mend what the log names; without network the first build needs a filled ~/.m2/repository"
    }
    # The shim's own jar is made in this build and is no dependency that Maven could copy before it exists.
    for build_module in examples benchmarks; do
        cp "$IX_HOME"/ix-native/target/ix-native-*-linux-*.jar "$IX_HOME/$build_module/target/lib/" ||
            die "the build made no jar with the DPDK shim" "see $IX_TARGET/build.log"
    done
    write_java_arguments
    mv "$build_stamp" "$IX_TARGET/built"
    exec 8>&-
}

# For each module with programs, the options that all of them need as a file for java @file (paths may hold spaces).
write_java_arguments() {
    for java_module in examples benchmarks; do
        java_path=$IX_HOME/$java_module/target/lib
        for java_jar in "$IX_HOME/$java_module/target/$java_module"-*.jar; do
            case $java_jar in *-sources.jar | *-javadoc.jar | *-tests.jar) ;; *) java_path=$java_jar:$java_path ;; esac
        done
        cat >"$IX_TARGET/$java_module.args" <<ARGUMENTS
-p "$java_path"
--add-modules ALL-MODULE-PATH
--enable-native-access=org.ixnet.dpdk,io.netty.common
--sun-misc-unsafe-memory-access=allow
ARGUMENTS
    done
}

# ix_java MODULE ARGUMENT...: replaces this shell by Java, with the module path of examples or benchmarks, in the network
# namespace IX_NETNS when that is set. IX_JAVA_OPTS: further options.
ix_java() {
    java_module=$1
    shift
    # shellcheck disable=SC2086 # several options in one variable, on purpose
    exec ${IX_NETNS:+ip netns exec "$IX_NETNS"} "$JAVA_HOME/bin/java" "@$IX_TARGET/$java_module.args" ${IX_JAVA_OPTS:-} "$@"
}

# ensure_ready [SET...]: set-up and build, both only as far as needed. SET: base (always), test.
ensure_ready() {
    # shellcheck source=scripts/packages.sh
    . "$IX_HOME/scripts/packages.sh"
    ensure_packages "$@"
    ensure_build
}
