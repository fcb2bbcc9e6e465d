using System.Globalization;
using System.Text;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Databases;

/// <summary>Malformed connection strings and env files with a known password: it is in no message, hint, target or event, whether they can be read or not.</summary>
public sealed class SecretFuzzTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Both halves count: a password can be cut at a special character.</summary>
    private const string Left = "qZ7hush", Right = "kW4mum";

    /// <summary>Pester's Secrets.Tests.ps1 reads them too.</summary>
    private static readonly System.Text.Json.JsonElement Data = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Repository.Folder("tests/DbSafety.Core.Tests/Databases/secret-forms.json"))).RootElement;

    private static readonly string[] Between = Strings("between"), Forms = Strings("forms");

    private readonly string folder = Directory.CreateTempSubdirectory("dbsafety-secrets-").FullName;

    public void Dispose()
    {
        ProcessVariables.Use(null);
        Directory.Delete(folder, recursive: true);
    }

    private static string[] Strings(string name) => [.. Data.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];

    [Fact]
    public void A_password_in_a_malformed_connection_string_or_env_file_is_never_shown()
    {
        ProcessVariables.Use(new Dictionary<string, string> { ["HOME"] = folder });
        var isLong = Environment.GetEnvironmentVariable("DBSAFETY_LONG") is { Length: > 0 } and not "0";
        var seed = Environment.GetEnvironmentVariable("DBSAFETY_SEED") is { Length: > 0 } set ? int.Parse(set, CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"DBSAFETY_SEED={seed}");
        var random = new Random(seed);
        var (read, refused) = (0, 0);
        for (var i = 0; i < (isLong ? 100_000 : 5_000); i++)
        {
            var text = Damaged(string.Format(CultureInfo.InvariantCulture, random.Pick(Forms), Left + random.Pick(Between) + Right), random);
            var shown = new StringBuilder();
            try
            {
                var target = random.Next(4) switch
                {
                    0 => FromFile(text, random),
                    1 => new DatabaseChoice { Host = text, Database = "d" }.Resolve(),
                    2 => new DatabaseChoice { Host = "h", Database = text, Username = "u" }.Resolve(),
                    _ => DatabaseTargets.Parse(text),
                };
                read++;
                // Cut in two, its second half is something else: a host, for psql too.
                if (target.Password?.Contains(Left, StringComparison.Ordinal) == true)
                    shown.Append(target.Password.Contains(Right, StringComparison.Ordinal) ? Public(target) : Public(target).Replace(Right, "", StringComparison.Ordinal));
            }
            catch (DbSafetyException e)
            {
                refused++;
                shown.Append(e).Append(e.Hint).Append(e.Target);
            }

            Assert.False(IsTold(shown.ToString()), $"DBSAFETY_SEED={seed}: {text}\n{shown}");
        }

        output.WriteLine($"{read} read, {refused} refused");
        Assert.True(read > 0 && refused > 0);
    }

    /// <summary>All that is public of a target whose password it is.</summary>
    private static string Public(DatabaseTarget target) => target + string.Join('\n', typeof(DatabaseTarget).GetProperties().Where(p => p.GetMethod is { IsPublic: true }).Select(p => p.GetValue(target)));

    private DatabaseTarget FromFile(string text, Random random)
    {
        var file = Path.Combine(folder, ".env");
        File.WriteAllText(file, string.Format(CultureInfo.InvariantCulture, random.Pick(["DATABASE_URL={0}", "DATABASE_URL=\"{0}\"", "export DATABASE_URL='{0}'", "X=1\nDATABASE_URL: `{0}`", "P={0}\nDATABASE_URL=${{P}}", "DATABASE_URL=\"{0}", "DATABASE_URL {0}"]), text));
        return DatabaseTargets.FromEnvFile(file);
    }

    private static bool IsTold(string shown) => shown.Contains(Left, StringComparison.Ordinal) || shown.Contains(Right, StringComparison.Ordinal);

    /// <summary>A few characters are removed, doubled or replaced, never within the secret's halves.</summary>
    private static string Damaged(string text, Random random)
    {
        for (var times = random.Next(3); times > 0; times--)
        {
            var at = random.Next(text.Length);
            if (at >= text.IndexOf(Left, StringComparison.Ordinal) && at < text.IndexOf(Right, StringComparison.Ordinal) + Right.Length)
                continue;
            text = random.Next(3) switch { 0 => text.Remove(at, 1), 1 => text.Insert(at, random.Pick(Between)), _ => text[..at] + random.Pick(Between) + text[(at + 1)..] };
        }

        return text;
    }
}

internal static class RandomPick
{
    public static T Pick<T>(this Random random, T[] all) => all[random.Next(all.Length)];
}
