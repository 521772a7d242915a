package org.ixnet.benchmarks.agent;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * GETs and SETs of a {@link CacheProfile} in the memcached text protocol. Each record keeps its value length, so a response's
 * length is known. All requests are encoded once. Thread rule: one event loop.
 */
final class CacheWorkload implements Workload {
    private final CacheProfile profile;
    private final SplittableRandom random;
    private final ByteBuf requests;
    /** Request 2r is GET of record r, 2r + 1 its SET; each ends where the next begins. */
    private final int[] offset = new int[2 * CacheProfile.RECORDS + 1];

    private final int[] getResponseBytes = new int[CacheProfile.RECORDS];
    private int loaded;

    CacheWorkload(ByteBufAllocator allocator, CacheProfile profile, long seed) {
        this.profile = profile;
        this.random = new SplittableRandom(seed);
        this.requests = allocator.directBuffer(1 << 20);
        for (int record = 0; record < CacheProfile.RECORDS; record++) {
            addRecord(record);
        }
    }

    private void addRecord(int record) {
        String number = Integer.toString(record);
        int keyBytes = profile.keyBytes(random);
        String key = "k".repeat(keyBytes - number.length()) + number;
        int valueBytes = profile.valueBytes(random);
        requests.writeCharSequence("get " + key + "\r\n", StandardCharsets.US_ASCII);
        offset[2 * record + 1] = requests.writerIndex();
        requests.writeCharSequence(
                "set " + key + " 0 0 " + valueBytes + "\r\n" + "v".repeat(valueBytes) + "\r\n",
                StandardCharsets.US_ASCII);
        offset[2 * record + 2] = requests.writerIndex();
        getResponseBytes[record] = ("VALUE " + key + " 0 " + valueBytes + "\r\n").length() + valueBytes + 2 + 5;
    }

    @Override
    public int next() {
        if (loaded < CacheProfile.RECORDS) {
            return 2 * loaded++ + 1;
        }
        int record = random.nextInt(CacheProfile.RECORDS);
        return random.nextDouble() < profile.getRatio() ? 2 * record : 2 * record + 1;
    }

    @Override
    public ByteBuf encode(int request) {
        return requests.retainedSlice(offset[request], requestBytes(request));
    }

    @Override
    public int requests() {
        return 2 * CacheProfile.RECORDS;
    }

    @Override
    public int requestBytes(int request) {
        return offset[request + 1] - offset[request];
    }

    @Override
    public void copy(int request, byte[] into) {
        requests.getBytes(offset[request], into, 0, requestBytes(request));
    }

    @Override
    public int responseBytes(int request) {
        return (request & 1) == 1 ? "STORED\r\n".length() : getResponseBytes[request >> 1];
    }

    @Override
    public int responseFirstByte(int request) {
        return (request & 1) == 1 ? 'S' : 'V';
    }

    @Override
    public void release() {
        requests.release();
    }
}
