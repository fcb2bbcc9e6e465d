namespace DbSafety.Integration.Tests.Docker;

/// <summary>One engine for all tests that need one.</summary>
[CollectionDefinition(Name)]
public sealed class DockerEngineCollection : ICollectionFixture<DockerEngineFixture>
{
    public const string Name = "Docker engine";
}
