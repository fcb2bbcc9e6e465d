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
    public void The_line_that_installs_it_is_this_systems_own(string release, int? major, string line) => Assert.Equal(line, PackageInstall.ForLinux(release, "postgresql", major));
}
