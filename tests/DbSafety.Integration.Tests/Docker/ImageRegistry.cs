using System.Formats.Tar;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>
/// A registry on a loopback port with one image of one small file, <c>shop/tiny:1</c>: the part of the distribution API that a pull takes
/// (https://distribution.github.io/distribution/spec/api/). Engines ask loopback registries without TLS.
/// </summary>
internal sealed class ImageRegistry : IDisposable
{
    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";
    private readonly HttpListener listener = new();
    private readonly Dictionary<string, (string Type, byte[] Bytes)> answers;
    private readonly Task serving;

    public ImageRegistry(int port)
    {
        Name = $"127.0.0.1:{port}/shop/tiny";
        var layer = Layer();
        var config = JsonSerializer.SerializeToUtf8Bytes(new { architecture = "amd64", os = "linux", config = new { Cmd = new[] { "/none" } }, rootfs = new { type = "layers", diff_ids = new[] { Digest(layer) } } });
        var manifest = Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"{{ManifestType}}",
             "config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":{{config.Length}},"digest":"{{Digest(config)}}"},
             "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar","size":{{layer.Length}},"digest":"{{Digest(layer)}}"}]}
            """);
        answers = new()
        {
            ["/v2/"] = ("application/json", "{}"u8.ToArray()),
            ["/v2/shop/tiny/manifests/1"] = (ManifestType, manifest),
            ["/v2/shop/tiny/manifests/" + Digest(manifest)] = (ManifestType, manifest),
            ["/v2/shop/tiny/blobs/" + Digest(config)] = ("application/octet-stream", config),
            ["/v2/shop/tiny/blobs/" + Digest(layer)] = ("application/octet-stream", layer),
        };
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        serving = ServeAsync();
    }

    public string Name { get; }

    public void Dispose()
    {
        listener.Close();
        serving.GetAwaiter().GetResult();
    }

    private static string Digest(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Layer()
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "hello") { DataStream = new MemoryStream("hello\n"u8.ToArray()) });
        return bytes.ToArray();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var response = context.Response;
            if (!answers.TryGetValue(context.Request.Url!.AbsolutePath, out var answer))
            {
                response.StatusCode = 404;
                continue;
            }

            response.ContentType = answer.Type;
            response.Headers["Docker-Content-Digest"] = Digest(answer.Bytes);
            response.ContentLength64 = answer.Bytes.Length;
            if (context.Request.HttpMethod == "GET")
                await response.OutputStream.WriteAsync(answer.Bytes);
        }
    }
}
