# shellcheck shell=sh
# Sourced by test.sh: much data, many connections and a bad wire, through the echo example.

section_transfer() {
    section transfer "bulk data, many connections, a bad wire"
    for wire_kind in ${IX_TEST_WIRES:-tap af_xdp}; do
        make_wire "$wire_kind"
        if start_server echo 7007; then
            check "$WIRE: 1 GiB through echo and back, clean wire" \
                python_client bulk "$SERVER_ADDRESS" 7007 --mebibytes "${IX_TEST_BULK_MEBIBYTES:-1024}"
            check "$WIRE: 1,000 connections at once" python_client many "$SERVER_ADDRESS" 7007 --connections 1000
            check "$WIRE: a connection after all that" python_client bulk "$SERVER_ADDRESS" 7007 --mebibytes 1
        fi
        remove_wire
    done
    for wire_kind in ${IX_TEST_WIRES:-tap af_xdp}; do
        make_wire "$wire_kind" --loss 0.01 --duplicate 0.01 --corrupt 0.01 --reorder 0.01 --seed "${IX_TEST_SEED:-1}"
        if start_server echo 7007; then
            check "$WIRE: 100 MiB; 1 % each lost, duplicated, corrupted, reordered (seed ${IX_TEST_SEED:-1})" \
                python_client bulk "$SERVER_ADDRESS" 7007 --mebibytes "${IX_TEST_BAD_MEBIBYTES:-100}" --timeout 120
            check "$WIRE: that wire really did so" wire_faults lost duplicated corrupted reordered
        fi
        remove_wire
    done
}
