using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Errors;

namespace DbSafety.Docker.Targets;

/// <summary>
/// A small program in the container that connects its standard input and output to the server's port: official images, Debian's and
/// Alpine's, have a suitable program. In most images, process 1 is the server, and servers before 17 treat the death of any orphaned process as a crash of their own and
/// terminate every session: so the relay leaves no process running, and none is killed from outside.
/// </summary>
internal sealed record ContainerRelay(IReadOnlyList<string> Command)
{
    /// <summary>It is a single process, and therefore the first choice. Images can trust the server's socket and not its loopback address.</summary>
    private const string Perl =
        """
        use IO::Socket::INET; use IO::Socket::UNIX; use IO::Select;
        my ($file) = grep { -S } map { "$_/.s.PGSQL.$ARGV[0]" } "/var/run/postgresql", "/tmp";
        my $s = ($file && IO::Socket::UNIX->new(Peer => $file)) || IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0], Proto => "tcp") or exit 1;
        my $both = IO::Select->new($s, \*STDIN);
        LOOP: while (1) { for my $from ($both->can_read) {
            my $n = sysread($from, my $bytes, 65536); last LOOP unless $n;
            my $to = $from == $s ? \*STDOUT : $s;
            for (my $done = 0; $done < $n;) { my $w = syswrite($to, $bytes, $n - $done, $done); last LOOP unless defined $w; $done += $w; }
        } }
        """;

    /// <summary>
    /// The end that closes first ends the other: PostgreSQL's clients never close one direction alone. The last wait keeps its children from being orphans.
    /// </summary>
    private const string Bash =
        """exec 3<>"/dev/tcp/127.0.0.1/$0" 4<&0 || exit 1; cat <&3 2>/dev/null & r=$!; cat <&4 >&3 2>/dev/null & w=$!; exec 0<&- 1>&- 3>&- 4<&-; wait -n; kill $r $w 2>/dev/null; wait""";

    /// <summary>OpenBSD's nc, which Debian has, forwards the end of its input only with an option; BusyBox's does so by default and has no such option.</summary>
    private const string Nc = """if nc -h 2>&1 | grep -q 'Shutdown the network socket'; then exec nc -N 127.0.0.1 "$0"; else exec nc 127.0.0.1 "$0"; fi""";

    /// <summary>The relay for a program, to the server's port inside the container.</summary>
    public static ContainerRelay Of(string program, int port)
    {
        var number = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new ContainerRelay(program switch
        {
            "bash" => ["bash", "-c", Bash, number],
            "perl" => ["perl", "-e", Perl, number],
            "socat" => ["socat", "-", $"TCP:127.0.0.1:{number}"],
            _ => ["sh", "-c", Nc, number],
        });
    }

    /// <exception cref="DbSafetyException"><c>DBS513</c> the container has none of these programs.</exception>
    public static async Task<ContainerRelay> FindAsync(ContainerPlace place, int port, CancellationToken ct)
    {
        var found = await place.Engine.ExecAsync(
            new ExecRequest(place.Id, "sh", "-c", "for p in perl socat bash nc; do command -v $p >/dev/null 2>&1 && echo $p && exit 0; done; exit 1"), ct);
        return found.ExitCode == 0
            ? Of(found.Output.Trim(), port)
            : throw ErrorCatalogue.ContainerUnreachable.For(place.Name, "it has no address that can be reached, and no bash, perl, socat or nc to relay connections");
    }
}
