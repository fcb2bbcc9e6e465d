namespace DbSafety.Migrations.Concurrency;

/// <summary>Whether sessions other than this run's have written to the database since its backup.</summary>
internal abstract record ConcurrentWrites
{
    private ConcurrentWrites()
    {
    }

    /// <summary>Proven: nothing in the database was written by another session.</summary>
    public sealed record None : ConcurrentWrites
    {
        public override string ToString() => "no other session has written";
    }

    /// <summary>Proven: other sessions have written to these tables, or changed these objects.</summary>
    public sealed record Tables(IReadOnlyList<string> Names) : ConcurrentWrites
    {
        public override string ToString() => $"other sessions have written since the backup: {string.Join(", ", Names)}";
    }

    /// <summary>Neither is proven. Operations that would discard rows must not run.</summary>
    public sealed record Unknown(string Reason) : ConcurrentWrites
    {
        public override string ToString() => $"it is unknown whether other sessions have written since the backup: {Reason}";
    }
}
