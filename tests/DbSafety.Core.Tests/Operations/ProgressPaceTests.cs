using DbSafety.Operations;

namespace DbSafety.Core.Tests.Operations;

public sealed class ProgressPaceTests
{
    [Fact]
    public void Bytes_determine_the_speed_and_the_fraction_determines_the_remaining_time()
    {
        var clock = new SteppedClock();
        var pace = new ProgressPace(clock);
        pace.Take(new ProgressEvent("Backing up shop", "orders", 0.1) { Bytes = 40 << 20 });
        Assert.Equal(("orders, 40.0 MB", null), (pace.Status, pace.Left));

        clock.Step(TimeSpan.FromSeconds(4));
        pace.Take(new ProgressEvent("Backing up shop", "", 0.25) { Bytes = 400 << 20 });
        Assert.Equal(("orders, 400 MB, 100 MB/s", TimeSpan.FromSeconds(12)), (pace.Status, pace.Left));

        pace.Take(new ProgressEvent("Backing up shop", "customers", null));
        Assert.Equal(("customers, 400 MB, 100 MB/s", 0.25), (pace.Status, pace.Fraction));
    }

    [Fact]
    public void Progress_without_bytes_or_a_known_end_reports_neither_speed_nor_remaining_time()
    {
        var clock = new SteppedClock();
        var pace = new ProgressPace(clock);
        clock.Step(TimeSpan.FromMinutes(1));
        pace.Take(new ProgressEvent("Looking", "volume a", null));
        Assert.Equal(("volume a", null, null), (pace.Status, pace.Left, pace.Fraction));
    }

    [Fact]
    public void Byte_progress_of_many_threads_is_throttled_and_an_estimate_never_reports_completion()
    {
        var raised = new List<ProgressEvent>();
        var progress = new ByteProgress(new Listener(raised), "Backing up shop", 8_000_000);
        Parallel.For(0, 1000, _ => progress.Add(10_000));
        progress.Add(5_000_000);

        Assert.InRange(raised.Count, 2, 4);
        Assert.Equal((15_000_000L, 0.99), (raised[^1].Bytes!.Value, raised[^1].Fraction!.Value));
    }

    [Fact]
    public void Nested_progress_names_the_operation_that_it_belongs_to()
    {
        var raised = new List<ProgressEvent>();
        var outer = new WithinEvents(new Listener(raised), "Safe migration of shop");
        outer.Progress("Safe migration of shop", "back up");
        outer.Progress("Backing up shop", "orders");
        Assert.Equal([null, "Safe migration of shop"], raised.Select(r => r.Within));
    }

    private sealed class Listener(List<ProgressEvent> heard) : IOperationEvents
    {
        public void Raise(OperationEvent operationEvent)
        {
            lock (heard)
                heard.Add((ProgressEvent)operationEvent);
        }
    }

    private sealed class SteppedClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Step(TimeSpan step) => now += step.Ticks;
    }
}
