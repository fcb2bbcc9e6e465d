# A throwaway Docker engine for the tests, with PostgreSQL images made from this machine's own server.

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$scripts = "$PSScriptRoot/../docker"
$script:engine = $null

# Whether this user can start an engine. Tests that need one are skipped for the others, and listed.
function Test-ScratchEngine { (id -u) -eq '0' }

# Starts an engine and points DOCKER_HOST at it. It ends with this process; the files of a run take the same one in turn.
# Nothing where this user cannot.
function Start-ScratchEngine {
    if (-not (Test-ScratchEngine)) { return }
    if ($script:engine) {
        $env:DOCKER_HOST = "unix://$($script:engine.Folder)/docker.sock"
        return $script:engine
    }

    if (-not (Test-Path /usr/sbin/dockerd)) { throw 'There is no Docker engine on this machine (Debian: apt-get install docker.io).' }
    $folder = (New-Item -ItemType Directory (Join-Path ([IO.Path]::GetTempPath()) "dbs-engine-$([guid]::NewGuid().ToString('N').Substring(0, 6))")).FullName
    $start = [Diagnostics.ProcessStartInfo]::new('/bin/sh', [string[]]("$scripts/throwaway-engine.sh", $folder))
    $start.RedirectStandardInput = $true
    $guard = [Diagnostics.Process]::Start($start)
    $env:DOCKER_HOST = "unix://$folder/docker.sock"
    $patience = [Diagnostics.Stopwatch]::StartNew()
    while (-not (docker version --format '{{.Server.Version}}' 2>$null)) {
        if ($patience.Elapsed.TotalSeconds -gt 60) { throw "dockerd did not start (it wants root): $(Get-Content "$folder/dockerd.log" -Tail 10)" }
        Start-Sleep -Milliseconds 50
    }

    foreach ($recipe in @(, @()), @('dbsafety-test/postgres:1.0', '17')) {
        sh "$scripts/make-postgres-image.sh" dbsafety-test/app:1.0 @recipe *> $null
        if ($LASTEXITCODE -ne 0) { throw "the image $recipe could not be made" }
    }

    $null = docker network create tests
    $script:engine = [pscustomobject]@{ Folder = $folder; Guard = $guard; Image = 'dbsafety-test/postgres:1.0' }
    $script:engine
}

# Leaves it as it was found, for the next file.
function Stop-ScratchEngine([object] $Engine) {
    if (-not $Engine) { return }
    docker ps -aq | ForEach-Object { $null = docker rm --force --volumes $_ }
    docker volume ls -q | ForEach-Object { $null = docker volume rm --force $_ }
    Remove-Item Env:DOCKER_HOST
}

# Starts a PostgreSQL container with a database shop of two tables, and waits until it answers.
function Start-ShopContainer([object] $Engine, [string] $Name, [string[]] $Options = @()) {
    $null = docker run --detach --name $Name --network tests --publish 127.0.0.1::5432 --env POSTGRES_PASSWORD=not-a-secret --env POSTGRES_DB=shop @Options $Engine.Image
    if ($LASTEXITCODE -ne 0) { throw "$Name did not start" }
    docker exec $Name sh -c 'i=1200; until pg_isready -q; do [ $((i -= 1)) -gt 0 ] || exit 1; sleep 0.05; done'
    if ($LASTEXITCODE -ne 0) { throw "$Name does not answer: $(docker logs $Name 2>&1)" }
    docker exec $Name psql -qU postgres shop -c 'CREATE TABLE customers (id int PRIMARY KEY, name text); INSERT INTO customers SELECT n, md5(n::text) FROM generate_series(1, 100) n; CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 500)'
}

Export-ModuleMember -Function Test-ScratchEngine, Start-ScratchEngine, Stop-ScratchEngine, Start-ShopContainer
