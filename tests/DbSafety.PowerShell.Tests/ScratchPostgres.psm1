# A throwaway PostgreSQL for the tests: initdb and pg_ctl of this machine, on a free loopback port, with a password.
# As root it runs as the user postgres, because the server refuses to run as root.

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Get-ServerFolder {
    $found = Get-ChildItem '/usr/lib/postgresql/*/bin/initdb', '/usr/pgsql-*/bin/initdb' -ErrorAction Ignore |
        Sort-Object { [int]($_.FullName -replace '\D+', ' ').Trim().Split(' ')[0] } | Select-Object -Last 1
    if (-not $found) { throw 'No PostgreSQL server binaries on this machine (Debian: apt-get install postgresql).' }
    $found.DirectoryName
}

function Invoke-AsServer([string] $Folder, [string[]] $Command) {
    Push-Location $Folder
    try {
        $program, $arguments = @(if ((id -u) -eq '0') { 'setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--' }) + $Command
        $output = & $program @arguments 2>&1
        if ($LASTEXITCODE -ne 0) { throw "$($Command[0]) failed: $output" }
    }
    finally { Pop-Location }
}

function Get-FreePort {
    $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
    $listener.Start()
    try { $listener.LocalEndpoint.Port } finally { $listener.Stop() }
}

# Starts a server and points libpq's environment of this process at it. The result stops it: Stop-ScratchPostgres.
function Start-ScratchPostgres {
    $bin = Get-ServerFolder
    $folder = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "dbsafety-pester-$([guid]::NewGuid().ToString('N'))")).FullName
    if ((id -u) -eq '0') { chown postgres $folder }
    $password = [guid]::NewGuid().ToString('N')
    $passwordFile = Join-Path $folder 'password'
    Set-Content $passwordFile $password
    if ((id -u) -eq '0') { chown postgres $passwordFile }
    $data = Join-Path $folder 'data'
    $port = Get-FreePort
    Invoke-AsServer $folder "$bin/initdb", '-D', $data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync', '--auth=scram-sha-256', "--pwfile=$passwordFile"
    Add-Content (Join-Path $data 'postgresql.conf') "listen_addresses = '127.0.0.1'", "port = $port", "unix_socket_directories = '$folder'", 'fsync = off'
    Invoke-AsServer $folder "$bin/pg_ctl", 'start', '-D', $data, '-l', (Join-Path $folder 'log'), '-w', '-t', '60'

    $env:PGHOST = '127.0.0.1'
    $env:PGPORT = "$port"
    $env:PGUSER = 'postgres'
    $env:PGPASSWORD = $password
    $env:PGDATABASE = 'postgres'
    [pscustomobject]@{ Bin = $bin; Folder = $folder; Data = $data; Port = $port; Password = $password }
}

function Stop-ScratchPostgres([object] $Server) {
    if (-not $Server) { return }
    Invoke-AsServer $Server.Folder "$($Server.Bin)/pg_ctl", 'stop', '-D', $Server.Data, '-m', 'immediate', '-w'
    Remove-Item -Recurse -Force -LiteralPath $Server.Folder
    Remove-Item Env:PGHOST, Env:PGPORT, Env:PGUSER, Env:PGPASSWORD, Env:PGDATABASE
}

# Runs SQL and returns the rows as psql prints them, one string a row.
function Invoke-Sql([object] $Server, [string] $Database, [string] $Sql) {
    $rows = $Sql | & "$($Server.Bin)/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d $Database 2>&1
    if ($LASTEXITCODE -ne 0) { throw "psql failed: $rows" }
    $rows
}

# A database with customers and orders, sizes known.
function New-Shop([object] $Server, [string] $Name, [int] $Orders = 1000) {
    Invoke-Sql $Server 'postgres' ('CREATE DATABASE "{0}" TEMPLATE template0' -f $Name.Replace('"', '""'))
    Invoke-Sql $Server $Name @"
CREATE TABLE customers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int NOT NULL REFERENCES customers, note text);
INSERT INTO customers (name) SELECT 'customer ' || n FROM generate_series(1, 100) n;
INSERT INTO orders (customer, note) SELECT 1 + n % 100, md5(n::text) FROM generate_series(1, $Orders) n;
"@
}

Export-ModuleMember -Function Start-ScratchPostgres, Stop-ScratchPostgres, Invoke-Sql, New-Shop
