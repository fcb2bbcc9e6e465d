#!/usr/bin/env bash
# Gets PostgreSQL's own tests from Debian's source packages, once per machine, below a cache folder ($DBSAFETY_CACHE, default /var/cache/dbsafety-tests):
#   source/15/regress/{sql,data,parallel_schedule}   the regression tests
#   source/15/pg_dump.sql                            what pg_dump's tests create (002_pg_dump.pl)
#   source/15/test_pg_dump.sql                       the same of the extension that is made for them
# The library that the tests call, and that extension, go where the server looks for such. For the version of this machine's packages, and for those
# that postgres-versions.sh provides. Prints one line for each version.
# Exit code 0: all are there; 5: at least one is not.
set -uo pipefail

cache=${DBSAFETY_CACHE:-/var/cache/dbsafety-tests}

# A list of sources of our own: this machine's may name no sources, and of another suite.
fetch() { # major, suite, folder, major of the tests, its suite
  local options=(-o "Dir::Etc::sourcelist=$3/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$3/lists" -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User=root -o "Dir::Cache::archives=$3")
  mkdir -p "$3/lists/partial" "$3/partial" || return 1
  printf "%s [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror %s main\n" deb "$2" deb-src "$5" >"$3/sources.list"
  apt-get update "${options[@]}" && cd "$3" && apt-get source --download-only "${options[@]}" "postgresql-$4" && apt-get download "${options[@]}" "postgresql-server-dev-$1" || return 1
  tar -xf ./*.orig.tar.* --strip-components=1 --wildcards '*/src/test/regress' '*/src/bin/pg_dump/t' '*/src/test/modules/test_pg_dump' && dpkg-deb -x ./*.deb headers
}

# The statements stand in the test's own table, which says in which order they run.
statements() { # test
  perl - "$1" <<'PERL'
use strict; use warnings;
open my $in, '<', $ARGV[0] or die; local $/; my $text = <$in>;
$text =~ s/^use PostgreSQL.*$//mg; $text =~ s/^use Test::More;$//mg;
my ($tables) = $text =~ /^(my %pgdump_runs = \(.*?)^#+\n# Create a PG instance/ms or die "no table of tests";
our ($tempdir, $tempdir_short, $supports_gzip, $supports_lz4, $supports_zstd, $supports_icu) = ('tmp', 'tmp', 1, 1, 1, 1);
no strict; no warnings;
$ENV{GZIP_PROGRAM} = $ENV{LZ4} = $ENV{ZSTD} = 'none';
my $tests = eval "$tables; \\%tests" or die $@;
for my $name (sort { my ($x, $y) = map { $tests->{$_}{create_order} } $a, $b; $x && $y ? $x <=> $y || $a cmp $b : $x ? -1 : $y ? 1 : $a cmp $b } keys %$tests) {
  my $test = $tests->{$name};
  print "$test->{create_sql};\n" if $test->{create_sql} && ($test->{database} // 'postgres') eq 'postgres';
}
PERL
}

# Another version's library need not compile: the functions in C are missing then.
build() { # folder of the sources, folder of the result, major, major of the tests
  local root
  root=$([ -x "/usr/lib/postgresql/$3/bin/initdb" ] || echo "$cache/$3")
  [ -d "$root/usr/lib/postgresql/$3/lib" ] || { echo "there is no server of this version" && return 1; }
  mkdir -p "$2" && cp -r "$1/src/test/regress" "$2/regress" || return 1
  statements "$1/src/bin/pg_dump/t/002_pg_dump.pl" >"$2/pg_dump.sql" && statements "$1/src/test/modules/test_pg_dump/t/001_base.pl" >"$2/test_pg_dump.sql" || return 1
  gcc -shared -fPIC -O1 -w "-I$1/headers/usr/include/postgresql/$3/server" -o "$root/usr/lib/postgresql/$3/lib/regress.so" "$1/src/test/regress/regress.c" || [ "$3" != "$4" ] || return 1
  cp "$1"/src/test/modules/test_pg_dump/test_pg_dump{.control,--*.sql} "$root/usr/share/postgresql/$3/extension/"
}

missing=0
provide() { # major, suite, whose tests are taken where its own cannot be had: major, suite
  local folder="$cache/source/$1" work log tests
  if [ ! -f "$folder/test_pg_dump.sql" ]; then
    work=$(mktemp -d) log=$work/log
    for tests in "$1 $2" ${3:+"$3 $4"}; do
      rm -rf "$work/source"
      # shellcheck disable=SC2086 # two words
      (fetch "$1" "$2" "$work/source" $tests && build "$work/source" "$work/result" "$1" "${tests% *}" && echo "the tests of PostgreSQL ${tests% *}" >"$work/result/origin") >"$log" 2>&1 && break
    done
    if [ -f "$work/result/origin" ] && mkdir -p "$cache/source" && chmod -R a+rX "$work/result" && mv "$work/result" "$folder"; then
      :
    else
      echo "tests of PostgreSQL $1: unavailable: $(grep . "$log" | tail -1)"
      missing=1 folder=
    fi
    rm -rf "$work"
  fi
  [ -z "$folder" ] || echo "tests of PostgreSQL $1: $folder ($(cat "$folder/origin" 2>/dev/null))"
}

for program in apt-get dpkg-deb gcc perl; do
  command -v "$program" >/dev/null 2>&1 || { echo "tests of PostgreSQL: unavailable: they need $program"; exit 5; }
done
mirror=$({ sed -nE 's/^URIs: *([^ ]+).*/\1/p' /etc/apt/sources.list.d/*.sources
  sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+).*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list; } 2>/dev/null | grep -E '/debian/?$' | head -1)
own=$(find /usr/lib/postgresql -maxdepth 1 -mindepth 1 -printf '%f\n' 2>/dev/null | sort -n | tail -1)
if [ -w "$cache" ] || mkdir -p "$cache" 2>/dev/null; then
  exec 9>"$cache/lock" && flock 9
fi
[ -z "$own" ] || provide "$own" "$(. /etc/os-release && echo "$VERSION_CODENAME")"
[ "$own" = 17 ] || provide 17 trixie 18 sid
[ "$own" = 18 ] || provide 18 sid
[ "$missing" -eq 0 ] || exit 5
