# shellcheck shell=sh
# Sourced by test.sh: TLS, HTTP/1.1, HTTP/2 and WebSocket of Netty on IX. Programs that others wrote against the http example,
# every pair of transports against each other, and the server of docs/migrate.md.

CODEC_MEBIBYTES=100

section_codecs() {
    section codecs "TLS, HTTP/1.1, HTTP/2 and WebSocket: other programs' clients, all pairs of transports"
    CODEC_FILES=$LOGS/codecs
    mkdir -p "$CODEC_FILES"
    make_certificate
    make_body
    for wire_kind in ${IX_TEST_WIRES:-tap af_xdp}; do
        make_wire "$wire_kind"
        CODEC_PORT=8080
        if start_server http "$CODEC_PORT"; then codec_clients "no TLS" http ws --http2-prior-knowledge; fi
        stop_server
        CODEC_PORT=8443
        for codec_tls in jdk openssl; do
            if start_server http "$CODEC_PORT" --tls "$codec_tls" --certificate "$CODEC_CERTIFICATE" --key "$CODEC_FILES/key.pem"; then
                codec_clients "TLS by $codec_tls" https wss --http2
                check "$WIRE, TLS by $codec_tls: openssl s_client" s_client_works
            fi
            stop_server
        done
        remove_wire
    done
    rm -f "$CODEC_BODY"
    pairings
    migration
}

# A certificate for this run only.
make_certificate() {
    CODEC_CERTIFICATE=$CODEC_FILES/cert.pem
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=ix-test" \
        -addext "subjectAltName=IP:$SERVER_ADDRESS" -keyout "$CODEC_FILES/key.pem" -out "$CODEC_CERTIFICATE" \
        >"$CODEC_FILES/openssl.log" 2>&1 ||
        die "openssl cannot make a certificate: $(tail -n 1 "$CODEC_FILES/openssl.log")" "see $CODEC_FILES/openssl.log"
}

# The body that the server computes for /seq/N, made by seq itself.
make_body() {
    CODEC_BODY=$CODEC_FILES/body
    CODEC_BYTES=$((CODEC_MEBIBYTES * 1048576))
    seq 99999999 2>/dev/null | head -c "$CODEC_BYTES" >"$CODEC_BODY"
    CODEC_SHA256=$(sha256sum <"$CODEC_BODY" | cut -d ' ' -f 1)
}

# codec_clients NAME HTTP-SCHEME WEBSOCKET-SCHEME CURL-OPTION-FOR-HTTP/2
codec_clients() {
    CODEC_URL=$2://$SERVER_ADDRESS:$CODEC_PORT
    check "$WIRE, $1: curl, HTTP/1.1" curl_transfers 1.1 --http1.1
    check "$WIRE, $1: curl, HTTP/2" curl_transfers 2 "$4"
    check "$WIRE, $1: h2load, small answers" h2load_works 10000 /json 27
    check "$WIRE, $1: h2load, large answers" h2load_works 128 /seq/1000000 1000000
    check "$WIRE, $1: WebSocket, Python websockets" websocket_works "$3"
}

# curl_transfers HTTP-VERSION CURL-OPTION
curl_transfers() {
    curl_version=$1
    curl_option=$2
    curl_status=$(codec_curl -o "$CODEC_FILES/answer" -w '%{http_version} %{http_code}' "$CODEC_URL/")
    [ "$curl_status" = "$curl_version 200" ] || fail "GET /: HTTP version and status are $curl_status"
    [ "$(cat "$CODEC_FILES/answer")" = "Hello from IX" ] || fail "GET /: $(cat "$CODEC_FILES/answer")"
    curl_got=$(codec_curl "$CODEC_URL/seq/$CODEC_BYTES" | sha256sum | cut -d ' ' -f 1)
    [ "$curl_got" = "$CODEC_SHA256" ] || fail "download: SHA-256 is $curl_got, not $CODEC_SHA256"
    curl_got=$(codec_curl -X POST -T "$CODEC_BODY" "$CODEC_URL/sha256")
    [ "$curl_got" = "$CODEC_SHA256" ] || fail "upload: the server's SHA-256 is $curl_got, not $CODEC_SHA256"
    # Three answers at once. Not with curl 7.88 (Debian 12) and prior knowledge: it cannot use such a connection twice
    # (curl issue 10634), whatever the server; h2load does.
    [ "$curl_option" = --http2-prior-knowledge ] || curl_at_once
    echo "$CODEC_MEBIBYTES MiB down and up, SHA-256 equal"
}

curl_at_once() {
    codec_curl --parallel -o /dev/null "$CODEC_URL/bytes/3000000" -o "$CODEC_FILES/answer" "$CODEC_URL/seq/2000000" -o /dev/null "$CODEC_URL/json"
    head -c 2000000 "$CODEC_BODY" | cmp - "$CODEC_FILES/answer" || fail "one of three parallel answers differs"
}

codec_curl() { in_client curl -sS --fail --max-time 120 --cacert "$CODEC_CERTIFICATE" "$curl_option" "$@"; }

# h2load_works REQUESTS PATH BYTES: of each answer.
h2load_works() {
    in_client timeout 120 h2load -n "$1" -c 8 -m 16 -t 1 "$CODEC_URL$2" >"$CODEC_FILES/h2load" 2>&1 || :
    cat "$CODEC_FILES/h2load"
    grep -q "^requests: $1 total, $1 started, $1 done, $1 succeeded, 0 failed, 0 errored, 0 timeout" "$CODEC_FILES/h2load" ||
        fail "$(grep -m1 -E '^(requests:|\[ERROR\])' "$CODEC_FILES/h2load" || tail -n 1 "$CODEC_FILES/h2load")"
    grep -q "^traffic: .* ($(($1 * $3))) data" "$CODEC_FILES/h2load" ||
        fail "$(grep '^traffic:' "$CODEC_FILES/h2load"); expected $(($1 * $3)) bytes of data"
    case $CODEC_URL in
        https*) grep -q '^Application protocol: h2$' "$CODEC_FILES/h2load" || fail "ALPN did not choose h2" ;;
    esac
    echo "$1 answers of $3 bytes, none failed; $(sed -n 's/^finished in \(.*\)/\1/p' "$CODEC_FILES/h2load")"
}

websocket_works() {
    case $1 in
        wss) python_client websocket "wss://$SERVER_ADDRESS:$CODEC_PORT/ws" "$CODEC_CERTIFICATE" ;;
        *) python_client websocket "ws://$SERVER_ADDRESS:$CODEC_PORT/ws" ;;
    esac
}

s_client() {
    in_client timeout 30 openssl s_client -connect "$SERVER_ADDRESS:$CODEC_PORT" -CAfile "$CODEC_CERTIFICATE" \
        -verify_return_error -verify_ip "$SERVER_ADDRESS" "$@"
}

s_client_works() {
    for s_version in tls1_2 tls1_3; do
        s_client "-$s_version" -alpn h2,http/1.1 </dev/null >"$CODEC_FILES/s_client" 2>&1 || fail "-$s_version: $(tail -n 1 "$CODEC_FILES/s_client")"
        cat "$CODEC_FILES/s_client"
        grep -q '^ALPN protocol: h2$' "$CODEC_FILES/s_client" || fail "-$s_version: ALPN did not choose h2"
        grep -q 'Verify return code: 0 (ok)' "$CODEC_FILES/s_client" || fail "-$s_version: the certificate is not accepted"
        printf 'GET /json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' |
            s_client "-$s_version" -quiet >"$CODEC_FILES/s_client" 2>"$CODEC_FILES/s_client.err" || fail "-$s_version: $(tail -n 1 "$CODEC_FILES/s_client.err")"
        grep -q '"Hello from IX"' "$CODEC_FILES/s_client" || fail "-$s_version: no answer to GET /json"
    done
    s_client -tls1_2 -reconnect </dev/null >"$CODEC_FILES/s_client" 2>&1 || fail "-reconnect: $(tail -n 1 "$CODEC_FILES/s_client")"
    s_reused=$(grep -c '^Reused, TLSv1.2' "$CODEC_FILES/s_client" || :)
    [ "$s_reused" -eq 5 ] || fail "$s_reused of 5 sessions were taken up again"
    # A certificate that is not for this server, and versions that nobody should speak any more, are refused.
    if s_client -verify_ip 192.0.2.1 </dev/null >"$CODEC_FILES/s_client" 2>&1; then fail "a foreign certificate was accepted"; fi
    if s_client -tls1_1 -cipher 'ALL:@SECLEVEL=0' </dev/null >"$CODEC_FILES/s_client" 2>&1; then fail "TLS 1.1 was accepted"; fi
    echo "TLS 1.2 and 1.3 with ALPN, HTTP/1.1 without; 5 sessions taken up again; TLS 1.1 and a foreign name refused"
}

# --- every pair of transports ------------------------------------------------------------------------------------------

# PairingsTest in one Java with little memory, in a namespace where IX has a TAP: a body that is not pushed back would not fit.
pairings() {
    pair_log=$LOGS/pairings.log
    pair_ns=$RUN-p
    add_netns "$pair_ns"
    rm -rf "$IX_HOME"/*/target/surefire-reports
    # Downloads what is missing while there is a network; the run itself is offline.
    if ! maven -q -pl examples -am -Dspotless.check.skip package -Ppairings -DskipTests >"$pair_log" 2>&1; then
        result failed 1 "build of the pairings" "$(grep -m1 'ERROR' "$pair_log" | cut -c 1-200); log: $pair_log"
        return
    fi
    pair_started=$(date +%s)
    (
        mvn() { in_netns "$pair_ns" mvn -o "$@"; }
        maven -pl examples -am -Dspotless.check.skip package -Ppairings -Dtest=PairingsTest \
            -Dsurefire.failIfNoSpecifiedTests=false -Dmaven.test.failure.ignore=true -Dpairings.bulk="$CODEC_MEBIBYTES"
    ) >>"$pair_log" 2>&1 || result failed 1 "Maven" "$(grep -m1 'ERROR' "$pair_log" | cut -c 1-200); log: $pair_log"
    if [ -e "$IX_TARGET/built" ]; then touch "$IX_TARGET/built"; fi
    # shellcheck source=scripts/e2e/unit.sh
    . "$IX_HOME/scripts/e2e/unit.sh"
    count_reports 'PairingsTest$'
    check "pairs of transports: all sixteen, with long and short bodies" pairs_counted
    check "pairs of transports: no leak of a buffer was reported" no_leak
}

pairs_counted() {
    pair_bulk=$(grep "^IX-PAIRING .* $CODEC_MEBIBYTES MiB" "$pair_log" | cut -d ' ' -f 3 | sort -u | wc -l)
    pair_all=$(grep '^IX-PAIRING' "$pair_log" | cut -d ' ' -f 3 | sort -u | wc -l)
    if [ "$pair_all" -eq 9 ]; then skip "this kernel lets nobody use io_uring: nine pairs of ix, epoll and nio"; fi
    [ "$pair_all" -eq 16 ] || fail "$pair_all pairs"
    [ "$pair_bulk" -eq 16 ] || fail "$pair_bulk pairs with $CODEC_MEBIBYTES MiB"
    echo "$(grep -c '^IX-PAIRING' "$pair_log") exchanges, $(grep -c "^IX-PAIRING .* $CODEC_MEBIBYTES MiB" "$pair_log") of them $CODEC_MEBIBYTES MiB each way; $(($(date +%s) - pair_started)) s with Maven"
}

no_leak() {
    if grep 'LEAK:' "$pair_log"; then return 1; fi
    echo "none"
}

# --- docs/migrate.md ---------------------------------------------------------------------------------------------------

migration() {
    make_wire tap
    check "docs/migrate.md: the server as it stands there, on epoll" migrated before 127.0.0.1
    check "docs/migrate.md: three lines changed, on IX without configuration" migrated after "$SERVER_ADDRESS"
    remove_wire
}

# migrated before|after ADDRESS
migrated() {
    rm -rf "$CODEC_FILES/migrate"
    "$PYTHON" "$IX_HOME/scripts/e2e/migrate.py" "$IX_HOME/docs/migrate.md" "$CODEC_FILES/migrate"
    (exec ip netns exec "$NS_S" "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -cp "$IX_HOME/examples/target/lib/*" "$CODEC_FILES/migrate/$1/EchoServer.java") >"$CODEC_FILES/migrate/$1.log" 2>&1 &
    migrate_pid=$!
    remember_pid "$migrate_pid"
    migrate_code=0
    within 30 migrated_answers "$2" && in_server "$PYTHON" "$IX_HOME/scripts/e2e/bulk.py" "$2" 7007 --mebibytes 16 || migrate_code=$?
    stop_process "$migrate_pid"
    [ "$migrate_code" -eq 0 ] || fail "$(tail -n 1 "$CODEC_FILES/migrate/$1.log")"
}

migrated_answers() {
    kill -0 "$migrate_pid" 2>/dev/null &&
        in_server "$PYTHON" -c 'import socket, sys; socket.create_connection((sys.argv[1], 7007), 1).close()' "$1" 2>/dev/null
}
