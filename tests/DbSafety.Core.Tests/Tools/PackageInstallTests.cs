using DbSafety.Tools;

namespace DbSafety.Core.Tests.Tools;

public sealed class PackageInstallTests
{
    [Theory]
    [InlineData("ID=debian\n", null, "apt-get install postgresql")]
    [InlineData("NAME=\"Linux Mint\"\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", 16, "apt-get install postgresql-16")]
    [InlineData("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", 16, "dnf install postgresql-server")]
    [InlineData("ID=alpine\n", 17, "apk add postgresql17")]
    [InlineData("ID=arch\n", null, "pacman -S postgresql")]
    [InlineData("", null, "the package postgresql of this system, or Docker")]
    public void The_install_command_matches_the_operating_system(string release, int? major, string line) => Assert.Equal(line, PackageInstall.ForLinux(release, "postgresql", major));

    [Theory]
    [InlineData("apt-get install postgresql", "apt-get update; apt-get install postgresql --yes --no-install-recommends", true)]
    [InlineData("dnf install postgresql-server", "dnf install postgresql-server --assumeyes", true)]
    [InlineData("apk add postgresql", "apk update; apk add postgresql", true)]
    [InlineData("zypper install postgresql-server", "zypper --non-interactive install postgresql-server", true)]
    [InlineData("brew install postgresql@18", "brew install postgresql@18", false)]
    [InlineData("winget install PostgreSQL.PostgreSQL.18", "winget install PostgreSQL.PostgreSQL.18 --accept-package-agreements --accept-source-agreements", false)]
    [InlineData("the package postgresql of this system, or Docker", "", true)]
    public void Packages_are_installed_without_a_prompt(string line, string commands, bool root)
    {
        Assert.Equal(commands, string.Join("; ", PackageInstall.Commands(line, out var needsRoot).Select(c => string.Join(' ', c))));
        Assert.Equal(root, needsRoot);
    }
}
