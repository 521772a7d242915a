# shellcheck shell=sh
# Sourced by test.sh: programs that others wrote, on the kernel's TCP, against the examples on IX.

MEMCACHED_MIB=1024

section_clients() {
    section clients "kernel clients in another namespace against the examples"
    for wire_kind in ${IX_TEST_WIRES:-tap af_xdp}; do
        make_wire "$wire_kind"
        if start_server memcached 11211 --memory "$MEMCACHED_MIB"; then memcached_clients; fi
        stop_server
        if start_server http 8080; then http_clients; fi
        remove_wire
    done
}

memcached_clients() {
    check "$WIRE: memccapable, ascii" memccapable_passes 27 -a
    check "$WIRE: memccapable, binary" memccapable_passes 27 -b
    check "$WIRE: memcaslap -v" memcaslap_verifies
    check "$WIRE: Python, pymemcache" python_client memcached_python pymemcache "$SERVER_ADDRESS" 11211
    check "$WIRE: C, libmemcached through pylibmc" python_client memcached_python pylibmc "$SERVER_ADDRESS" 11211
    check "$WIRE: Perl, Cache::Memcached" in_client perl "$IX_HOME/scripts/e2e/memcached_perl.pl" "$SERVER_ADDRESS" 11211
}

# memccapable_passes HOW-MANY -a|-b
memccapable_passes() {
    in_client timeout 120 memccapable -h "$SERVER_ADDRESS" -p 11211 "$2" | tee "$LOGS/memccapable-$WIRE$2"
    capable=$(grep -c '\[pass\]' "$LOGS/memccapable-$WIRE$2" || :)
    echo "$capable of $1 tests passed"
    [ "$capable" -eq "$1" ] && ! grep -q '\[FAIL\]' "$LOGS/memccapable-$WIRE$2"
}

# Eight seconds of sets stay below the server's memory at any speed: what it evicts rightly would count as a miss.
memcaslap_verifies() {
    caslap_log=$LOGS/memcaslap-$WIRE
    in_client timeout 60 memcaslap -s "$SERVER_ADDRESS:11211" -T 1 -c 16 -t 8s -v 1.0 -X 1024 -w 1k >"$caslap_log" 2>&1 || :
    cat "$caslap_log"
    grep -q '^verify_failed: 0$' "$caslap_log" || fail "verify_failed is not 0: $(grep verify_failed "$caslap_log")"
    grep -q '^verify_misses: 0$' "$caslap_log" || fail "verify_misses is not 0: $(grep verify_misses "$caslap_log")"
    caslap_gets=$(sed -n 's/^cmd_get: //p' "$caslap_log")
    [ "${caslap_gets:-0}" -gt 1000 ] || fail "only ${caslap_gets:-0} gets in 8 s"
    echo "$(sed -n 's/.*\(Ops: .*TPS: [0-9]*\).*/\1/p' "$caslap_log"), verify_failed 0, verify_misses 0"
}

http_clients() {
    check "$WIRE: curl" curl_works
    check "$WIRE: wrk" wrk_works
}

curl_works() {
    base=http://$SERVER_ADDRESS:8080
    curl_status=$(in_client curl -sS --max-time 10 -o "$LOGS/curl-body" -w '%{http_code}' "$base/")
    if [ "$curl_status" != 200 ] || ! [ -s "$LOGS/curl-body" ]; then fail "GET /: status $curl_status"; fi
    curl_status=$(in_client curl -sS --max-time 60 -o "$LOGS/curl-body" -w '%{http_code} %{size_download}' "$base/bytes/50000000")
    [ "$curl_status" = "200 50000000" ] || fail "GET /bytes/50000000: $curl_status"
    head -c 900000 /dev/urandom >"$LOGS/curl-sent"
    in_client curl -sS --fail --max-time 60 -o "$LOGS/curl-body" --data-binary "@$LOGS/curl-sent" "$base/echo"
    cmp "$LOGS/curl-sent" "$LOGS/curl-body" || fail "POST /echo came back different"
    # Two requests on one connection: the second must not connect again.
    curl_connects=$(in_client curl -sS --max-time 10 -o /dev/null -o /dev/null -w '%{num_connects} ' "$base/" "$base/json")
    [ "$curl_connects" = "1 0 " ] || fail "connections made for two requests: $curl_connects"
    curl_status=$(in_client curl -sS --max-time 10 -o /dev/null -w '%{http_code}' "$base/no/such/thing")
    [ "$curl_status" = 404 ] || fail "GET /no/such/thing: $curl_status"
    echo "GET, 50 MB download, 900 kB POST and back, keep-alive, 404"
}

wrk_works() {
    in_client timeout 60 wrk -t 1 -c 64 -d 5s "http://$SERVER_ADDRESS:8080/" | tee "$LOGS/wrk-$WIRE"
    if grep -E 'Socket errors|Non-2xx' "$LOGS/wrk-$WIRE"; then return 1; fi
    wrk_requests=$(sed -n 's/ *\([0-9]*\) requests in.*/\1/p' "$LOGS/wrk-$WIRE")
    [ "${wrk_requests:-0}" -gt 1000 ] || fail "only ${wrk_requests:-0} requests"
    echo "$(grep 'requests in' "$LOGS/wrk-$WIRE" | sed 's/^ *//'), no error"
}
