namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>
/// What every session was told. A claim is made when its commit was answered, and given up when its row is changed or deleted: from the
/// moment that change is sent on, for its outcome may remain unknown.
/// </summary>
internal sealed class Model
{
    private readonly Lock gate = new();
    private readonly HashSet<Claim> claims = [];

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

    /// <summary>Gives up the claims on some rows and returns them, should the change be refused.</summary>
    public IReadOnlyList<Claim> Release(Func<RowClaim, bool> rows)
    {
        lock (gate)
        {
            var released = claims.OfType<RowClaim>().Where(rows).ToList();
            claims.ExceptWith(released);
            return released;
        }
    }

    /// <summary>The claims that none of the places holds.</summary>
    public IReadOnlyList<Claim> Missing(IReadOnlyList<Contents> places) => [.. Claims.Where(c => !places.Any(c.IsIn))];
}
