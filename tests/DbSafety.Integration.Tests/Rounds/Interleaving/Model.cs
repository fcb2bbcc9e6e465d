namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>
/// What every session was told. A claim is made when its commit was answered, and given up when its row is changed or deleted: from the
/// moment that change is sent on, for its outcome may remain unknown.
/// </summary>
internal sealed class Model
{
    private readonly Lock gate = new();
    private readonly HashSet<Claim> claims = [];
    private readonly HashSet<Claim> elsewhere = [];
    private readonly HashSet<(string Table, string Key)> touched = [];

    public IReadOnlyList<Claim> Claims
    {
        get
        {
            lock (gate)
                return [.. claims];
        }
    }

    public void Add(IEnumerable<Claim> committed)
    {
        lock (gate)
            claims.UnionWith(committed);
    }

    /// <summary>What was in a retained database before the operation began.</summary>
    public void AddElsewhere(IEnumerable<Claim> committed)
    {
        lock (gate)
        {
            elsewhere.UnionWith(committed.Except(claims));
            claims.UnionWith(elsewhere);
        }
    }

    /// <summary>Gives up the claims on some rows and returns them, should the change be refused.</summary>
    public IReadOnlyList<Claim> Release(Func<RowClaim, bool> rows)
    {
        lock (gate)
        {
            var released = claims.OfType<RowClaim>().Where(rows).ToList();
            claims.ExceptWith(released);
            touched.UnionWith(released.Select(r => (r.Table, r.Key)));
            return released;
        }
    }

    /// <summary>Whether another session has changed or deleted the row.</summary>
    public bool WasTouched(Claim claim)
    {
        lock (gate)
            return claim is RowClaim row && touched.Contains((row.Table, row.Key));
    }

    /// <summary>Whether it was in the live database, or was committed to it since.</summary>
    public bool WasLive(Claim claim)
    {
        lock (gate)
            return !elsewhere.Contains(claim);
    }

    /// <summary>The claims that none of the places holds.</summary>
    public IReadOnlyList<Claim> Missing(IReadOnlyList<Contents> places) => [.. Claims.Where(c => !places.Any(c.IsIn))];
}
