using System.Reflection;
using ArchUnitNET.Loader;
using DbSafety.Analysis;
using DbSafety.Errors;

namespace DbSafety.Core.Tests;

/// <summary>Which namespace may use which: data and references flow one way.</summary>
public sealed class ArchitectureTests
{
    /// <summary>From the lowest to the highest: each room uses those before it, or some of them.</summary>
    private static readonly string[] Rooms = ["Analysis", "Errors", "Operations", "Audit", "Tools", "Databases", "Docker", "Scratch", "Backups", "Comparisons", "Restores", "Migrations"];

    private const int MostFiles = 20;

    private static readonly IReadOnlyDictionary<string, IReadOnlySet<string>> Uses = Read();

    [Fact]
    public void Namespaces_have_no_circular_dependencies()
    {
        var circles = Uses.Keys.Where(n => Reached(n).Contains(n)).Order(StringComparer.Ordinal);
        Assert.Equal([], circles);
    }

    [Fact]
    public void Each_component_uses_only_lower_components()
    {
        var against =
            from n in Uses.Keys
            from used in Uses[n]
            where Rank(n) is { } own && Rank(used) is { } other && other > own
            select $"{n} uses {used}";
        Assert.Equal([], against.Order(StringComparer.Ordinal));
        Assert.Equal(Rooms.Order(StringComparer.Ordinal), Uses.Keys.Where(n => !IsFrontEnd(n)).Select(Room).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_analysis_assembly_references_only_the_base_class_library()
    {
        var names = typeof(RuleCatalogue).Assembly.GetReferencedAssemblies().Select(a => a.Name!);
        Assert.Equal([], names.Where(n => n != "netstandard" && !n.StartsWith("System.", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_folder_without_subfolders_has_more_than_twenty_files()
    {
        var full =
            from folder in Directory.EnumerateDirectories(Repository.Folder("src"), "*", SearchOption.AllDirectories)
            where !folder.Contains("/obj", StringComparison.Ordinal) && !folder.Contains("/bin", StringComparison.Ordinal)
            where Directory.GetFiles(folder, "*.cs").Length > MostFiles && Directory.GetDirectories(folder).Length == 0
            select Path.GetRelativePath(Repository.Root, folder);
        Assert.Equal([], full.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_architecture_page_shows_the_dependencies_of_each_component()
    {
        var lines = Rooms.Select(room => $"{room,-11} ─► {string.Join(", ", Uses.Where(u => Room(u.Key) == room && !IsFrontEnd(u.Key)).SelectMany(u => u.Value).Select(Room).Where(r => r != room).Distinct().OrderBy(r => Array.IndexOf(Rooms, r)))}".TrimEnd(' ', '►', '─')).Reverse();
        var graph = "```\n" + string.Join('\n', lines) + "\n```";
        Assert.True(File.ReadAllText(Repository.Folder("docs/architecture.md")).Contains(graph, StringComparison.Ordinal), $"docs/architecture.md does not show\n{graph}");
    }

    private static HashSet<string> Reached(string from)
    {
        var (seen, next) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>(Uses[from]));
        while (next.TryPop(out var name))
        {
            if (seen.Add(name))
            {
                foreach (var used in Uses.GetValueOrDefault(name) ?? new HashSet<string>())
                    next.Push(used);
            }
        }

        return seen;
    }

    private static Dictionary<string, IReadOnlySet<string>> Read()
    {
        var architecture = new ArchLoader()
            .LoadAssemblies(typeof(RuleCatalogue).Assembly, typeof(DbSafetyException).Assembly, Assembly.Load("dbsafety"))
            .LoadFilteredDirectory(Repository.Folder("bin"), "DbSafety.PowerShell.dll")
            .Build();
        var uses = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        foreach (var group in architecture.Types.Where(t => IsOurs(t.Namespace?.FullName)).GroupBy(t => t.Namespace!.FullName))
        {
            uses[group.Key] = group.SelectMany(t => t.Dependencies).Select(d => d.Target.Namespace?.FullName).OfType<string>()
                .Where(n => IsOurs(n) && n != group.Key).ToHashSet(StringComparer.Ordinal);
        }

        return uses;
    }

    private static bool IsOurs(string? name) => name is not null && name.StartsWith("DbSafety.", StringComparison.Ordinal);

    private static bool IsFrontEnd(string name) => Room(name) is "Cli" or "PowerShell" or "Isolation";

    private static string Room(string name) => name.Split('.')[1];

    private static int? Rank(string name) => Array.IndexOf(Rooms, Room(name)) is var rank and >= 0 ? rank : null;
}
