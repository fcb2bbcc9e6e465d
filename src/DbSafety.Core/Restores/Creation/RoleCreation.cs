using DbSafety.Backups;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>
/// Creates the roles of a set that the server lacks, as its globals file describes them: those that the dump names, and those that are connected
/// to them by memberships. Existing roles are unchanged.
/// </summary>
internal sealed class RoleCreation
{
    private readonly IReadOnlyList<RoleStatement> statements;

    private RoleCreation(IReadOnlyList<string> roles, IReadOnlyList<RoleStatement> statements)
    {
        Roles = roles;
        this.statements = statements;
    }

    /// <summary>The roles to be created.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <param name="existing">The server's roles.</param>
    /// <exception cref="DbSafetyException"><c>DBS322</c> the set has no globals file.</exception>
    public static async Task<RoleCreation> PlanAsync(PgBackup backup, RestoreOptions options, IReadOnlyCollection<string> existing, CancellationToken ct)
    {
        var file = backup.Manifest.Files.FirstOrDefault(f => f.Path.EndsWith(GlobalsDump.Ending, StringComparison.Ordinal)) ?? throw ErrorCatalogue.NoGlobals.For(backup.Path, backup.Manifest.Format == BackupFormat.Plain ? "" : $", or map them to other roles ({Advice.Of($"--map-role")})");
        return Plan(GlobalsScript.Roles(DumpText.Decode(await File.ReadAllBytesAsync(Path.Combine(backup.Folder, file.Path), ct))), backup.Manifest.Roles, options, existing);
    }

    /// <summary>In one transaction: all of them or none.</summary>
    /// <param name="keep">Whether they stay: false tests it, and rolls back.</param>
    /// <returns>Notes for the result.</returns>
    /// <exception cref="DbSafetyException"><c>DBS323</c>, with the server's message.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(NpgsqlConnection maintenance, string server, bool keep, CancellationToken ct)
    {
        await using var transaction = await maintenance.BeginTransactionAsync(ct);
        foreach (var statement in statements)
        {
            try
            {
                await maintenance.ExecuteAsync(statement.Sql, ct);
            }
            catch (PostgresException e)
            {
                throw ErrorCatalogue.RolesNotCreated.Because(e, server, statement.Role, e.MessageText);
            }
        }

        if (keep)
            await transaction.CommitAsync(ct);
        if (Roles.Count == 0)
            return ["the server has all roles of the backup"];
        var silent = statements.Where(s => s.Login).Select(s => s.Role).Except(statements.Where(s => s.Password).Select(s => s.Role), StringComparer.Ordinal);
        return [$"{(keep ? "created" : "would create")} the roles {string.Join(", ", Roles)}", .. silent.Select(r => $"the role {r} can log in, but has no password")];
    }

    internal static RoleCreation Plan(IReadOnlyList<RoleStatement> all, IReadOnlyList<string> named, RestoreOptions options, IReadOnlyCollection<string> existing)
    {
        var wanted = Bound(all, named.Where(r => !options.RoleMap.ContainsKey(r)));
        var roles = all.Where(s => s.Sql.StartsWith("CREATE", StringComparison.OrdinalIgnoreCase) && wanted.Contains(s.Role)).Select(s => s.Role).Except(existing, StringComparer.Ordinal).ToList();
        var made = roles.ToHashSet(StringComparer.Ordinal);
        var there = existing.Concat(made).ToHashSet(StringComparer.Ordinal);
        return new RoleCreation(roles, [.. all.Where(s => made.Contains(s.Role) && (s.MemberOf is null || there.Contains(s.MemberOf)))]);
    }

    /// <summary>These roles, those they are members of, and those that are members of them, and so on; superusers only where the dump names them.</summary>
    private static HashSet<string> Bound(IReadOnlyList<RoleStatement> all, IEnumerable<string> named)
    {
        var bound = named.ToHashSet(StringComparer.Ordinal);
        var superusers = all.Where(s => s.Superuser).Select(s => s.Role).ToHashSet(StringComparer.Ordinal);
        var memberships = all.Where(s => s.MemberOf is not null && !superusers.Contains(s.Role) && !superusers.Contains(s.MemberOf)).ToList();
        for (var before = -1; before != bound.Count;)
        {
            before = bound.Count;
            bound.UnionWith(memberships.Where(m => bound.Contains(m.MemberOf!)).Select(m => m.Role).ToList());
            bound.UnionWith(memberships.Where(m => bound.Contains(m.Role)).Select(m => m.MemberOf!).ToList());
        }

        return bound;
    }
}
