using DbSafety.Docker;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Docker;

public sealed class ContainerLookupTests
{
    private static readonly ContainerSummary[] All =
    [
        Named("ab12" + new string('0', 60), "/shop-db-1", "db"),
        Named("ab34" + new string('0', 60), "/web", "web"),
        Named("cafe" + new string('0', 60), "/ab12", null),
    ];

    [Theory]
    [InlineData("web", "web")]
    [InlineData("/web", "web")]
    [InlineData("ab3", "web")]
    [InlineData("ab12", "ab12")]
    [InlineData("ab120", "shop-db-1")]
    public void An_exact_container_name_takes_precedence_over_an_id_prefix(string given, string name) => Assert.Equal(name, ContainerLookup.Find(All, given).Name);

    [Theory]
    [InlineData("shop-db", "Did you mean shop-db-1?")]
    [InlineData("shop-bd-1", "Did you mean shop-db-1?")]
    [InlineData("db", "Did you mean shop-db-1?")]
    [InlineData("wbe", "Existing containers: ab12, shop-db-1, web.")]
    [InlineData("wep", "Did you mean web?")]
    public void The_error_for_an_unknown_container_suggests_similar_names(string given, string hint)
    {
        var error = Assert.Throws<DbSafetyException>(() => ContainerLookup.Find(All, given));
        Assert.Equal(("DBS504", hint), (error.Code, error.Hint));
    }

    [Fact]
    public void An_ambiguous_id_prefix_is_an_error_that_lists_the_matching_containers()
    {
        var error = Assert.Throws<DbSafetyException>(() => ContainerLookup.Find(All, "ab"));
        Assert.Equal("DBS505", error.Code);
        Assert.Contains("ab1200000000 (shop-db-1), ab3400000000 (web)", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hint_reports_that_the_engine_has_no_containers() =>
        Assert.Contains("no containers", Assert.Throws<DbSafetyException>(() => ContainerLookup.Find([], "web")).Hint, StringComparison.Ordinal);

    private static ContainerSummary Named(string id, string name, string? service) => new()
    {
        Id = id,
        Names = ["/other/link", name],
        Labels = service is null ? null : new Dictionary<string, string> { ["com.docker.compose.service"] = service },
    };
}
