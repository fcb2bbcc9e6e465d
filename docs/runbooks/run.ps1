# What the PowerShell scripts share: settings, lock, and the report of a run. It is dot-sourced, not run.
#Requires -Version 7.4
$ErrorActionPreference = 'Stop'

# dbsafety.env: NAME='value' lines, the same file as for the shell scripts. Variables of the environment apply where it has no line.
function Read-Settings {
    $default = $IsWindows ? "$env:ProgramData\DbSafety\dbsafety.env" : '/etc/dbsafety/dbsafety.env'
    $state = $IsWindows ? "$env:ProgramData\DbSafety" : '/var/lib/dbsafety'
    $settings = @{ ENVIRONMENT = 'default'; STATE = $state; BACKUPS = Join-Path $state 'backups'; KEEP_LAST = 3; KEEP_DAILY = 14; KEEP_WEEKLY = 8; KEEP_MONTHLY = 12 }
    foreach ($variable in Get-ChildItem Env:) {
        if ($settings.ContainsKey($variable.Name) -or $variable.Name -match '^(DATABASES|METRICS|PING_URL|ON_FAILURE|SERVER_SETTINGS|URL_\w+)$') { $settings[$variable.Name] = $variable.Value }
    }
    $file = $env:DBSAFETY_ENV ?? $default
    if (Test-Path -LiteralPath $file) {
        foreach ($line in Get-Content -LiteralPath $file) {
            if ($line -match "^([A-Za-z_]\w*)=('?)(.*)\2\s*$") { $settings[$Matches[1]] = $Matches[3] }
        }
    }
    $settings
}

# Starts a run: the lock, which the system releases when this process ends, however that is; exit code 75 if another run has it.
function Start-Run([string] $Job) {
    Import-Module DbSafety
    $settings = Read-Settings
    # Private to this user, as with the shell scripts.
    if ($IsWindows) { $null = New-Item -ItemType Directory -Force $settings.STATE }
    else { $null = [IO.Directory]::CreateDirectory($settings.STATE, [IO.UnixFileMode] 'UserRead, UserWrite, UserExecute') }
    $holder = Join-Path $settings.STATE "$Job.holder"
    try { $lock = [IO.File]::Open((Join-Path $settings.STATE "$Job.lock"), 'OpenOrCreate', 'ReadWrite', 'None') }
    catch [System.IO.IOException] {
        [Console]::Error.WriteLine("${Job}: another run works: $(Get-Content -Raw $holder -ErrorAction Ignore)")
        exit 75
    }
    Set-Content $holder "process $PID of $([Environment]::UserName) on $([Environment]::MachineName) since $(Get-Date -AsUTC -Format 'yyyy-MM-ddTHH:mm:ssZ')"
    @{ Job = $Job; Settings = $settings; Lock = $lock; Started = [DateTime]::UtcNow; Databases = [Collections.Generic.List[object]]::new(); ExitCode = 0; Error = $null }
}

# The names of DATABASES. Without any, nothing would be backed up, and each run would succeed.
function Get-DatabaseName([object] $Run) {
    $names = @("$($Run.Settings.DATABASES)" -split '\s+' | Where-Object { $_ })
    if (-not $names) { Add-Failure $Run 'DATABASES is empty' 2; Complete-Run $Run }
    $names
}

# The URL of a database: URL_shop for shop, URL_my_shop for my-shop.
function Get-DatabaseUrl([object] $Run, [string] $Name) {
    $variable = "URL_$($Name -replace '[^A-Za-z0-9]', '_')"
    $Run.Settings[$variable] ?? $(Stop-Work "$variable is not set" 2)
}

function Stop-Work([string] $Message, [int] $ExitCode) {
    throw ([InvalidOperationException]::new($Message) | Add-Member -PassThru ExitCode $ExitCode)
}

# Removes the backups of this environment that no rule keeps; 0 is no rule. Without any rule, all are kept.
function Remove-OldBackup([hashtable] $Settings, [string] $Folder) {
    $rules = @{ KeepLast = [int] $Settings.KEEP_LAST; KeepDaily = [int] $Settings.KEEP_DAILY; KeepWeekly = [int] $Settings.KEEP_WEEKLY; KeepMonthly = [int] $Settings.KEEP_MONTHLY }
    @($rules.Keys) | Where-Object { $rules[$_] -eq 0 } | ForEach-Object { $rules.Remove($_) }
    if ($rules.Count -gt 0) { $null = Remove-PgBackup $Folder -Environment $Settings.ENVIRONMENT @rules -Force }
}

function Get-ErrorText([object] $Failure) { "error $($Failure.Exception.Code): $($Failure.Exception.Message)" -replace '^error : ', 'error: ' }

# Runs the work of a database, and returns the entry of the report. Work returns the object with Path, Rows and Bytes.
function Measure-Work([string] $Database, [scriptblock] $Work) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $entry = [ordered]@{ database = $Database; exitCode = 0; durationSeconds = 0 }
    try {
        $set = & $Work | Select-Object -Last 1
        $entry.set, $entry.rows, $entry.bytes = $set.Path, $set.Rows, $set.Bytes
    }
    catch {
        $entry.exitCode = $_.Exception.ExitCode ?? 1
        $entry.error = Get-ErrorText $_
        [Console]::Error.WriteLine("${Database}: $($entry.error)")
    }
    $entry.durationSeconds = [Math]::Round($clock.Elapsed.TotalSeconds)
    $entry
}

# The first failure decides the exit code of the run.
function Add-Result([object] $Run, [object] $Entry) {
    $Run.Databases.Add($Entry)
    if ($Run.ExitCode -eq 0) { $Run.ExitCode = $Entry.exitCode }
}

# A failure of the run, not of a database.
function Add-Failure([object] $Run, [string] $Message, [int] $ExitCode) {
    $Run.Error, $Run.ExitCode = $Message, $ExitCode
    [Console]::Error.WriteLine("$($Run.Job): $Message")
}

# Appends the run to runs.jsonl, writes the metrics, reports to the outside (the ping, or the command for failures), and ends the script.
function Complete-Run([object] $Run) {
    $settings = $Run.Settings
    $report = [ordered]@{
        job = $Run.Job; environment = $settings.ENVIRONMENT; host = [Environment]::MachineName
        started = $Run.Started.ToString('yyyy-MM-ddTHH:mm:ssZ'); finished = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ'); exitCode = $Run.ExitCode; databases = $Run.Databases
    }
    if ($Run.Error) { $report.error = $Run.Error }
    $line = ConvertTo-Json $report -Compress -Depth 5
    $line
    $log = Join-Path $settings.STATE 'runs.jsonl'
    Invoke-Step $Run "$log cannot be written" { Add-Content -LiteralPath $log $line }
    if ($settings.METRICS -and $Run.Databases) { Invoke-Step $Run "the metrics cannot be written to $($settings.METRICS)" { Write-Metrics $Run $log $line } }
    # What follows can hang, or live on: it does not have the lock.
    $Run.Lock.Dispose()
    if ($Run.ExitCode -ne 0 -and $settings.ON_FAILURE) {
        Invoke-Step $Run 'the command for failures failed' {
            # The command can contain a secret: it is in the environment, which other users cannot read.
            $env:ON_FAILURE = $settings.ON_FAILURE
            if ($IsWindows) { $line | cmd.exe /c '%ON_FAILURE%' } else { $line | sh -c 'umask 077; eval "$ON_FAILURE"' }
            if ($LASTEXITCODE -ne 0) { throw "exit code $LASTEXITCODE" }
        }
    }
    elseif ($Run.ExitCode -eq 0 -and $settings.PING_URL) {
        Invoke-Step $Run 'the ping failed' { $null = Invoke-RestMethod $settings.PING_URL -TimeoutSec 10 -MaximumRetryCount 3 -RetryIntervalSec 1 }
    }
    exit $Run.ExitCode
}

# A step of the report that fails neither prevents the others nor changes the exit code.
function Invoke-Step([object] $Run, [string] $Failure, [scriptblock] $Step) {
    try { & $Step } catch { [Console]::Error.WriteLine("$($Run.Job): ${Failure}: $($_.Exception.Message)") }
}

# For Prometheus: a database that failed keeps the numbers of its last success, which are in runs.jsonl. Readers never see half a file.
# The line of this run comes last in any case: a full disk may have kept it out of runs.jsonl.
function Write-Metrics([object] $Run, [string] $Log, [string] $Line) {
    $settings = $Run.Settings
    $what = $Run.Job -eq 'drill' ? 'drill' : 'backup'
    $begin = "{`"job`":`"$($Run.Job)`",`"environment`":`"$($settings.ENVIRONMENT)`","
    $lines = @(Get-Content -LiteralPath $Log -ErrorAction Ignore | Where-Object { $_.StartsWith($begin, 'Ordinal') } | Select-Object -Last 1000) + $Line
    $runs = @($lines | ForEach-Object { try { ConvertFrom-Json $_ -DateKind String } catch { } })
    $samples = [ordered]@{ success = @(); timestamp_seconds = @(); duration_seconds = @(); rows = @(); bytes = @() }
    foreach ($entry in $Run.Databases) {
        $labels = "{database=$(ConvertTo-Json $entry.database),environment=$(ConvertTo-Json $settings.ENVIRONMENT)}"
        $samples.success += "$labels $([int]($entry.exitCode -eq 0))"
        $last = $runs | ForEach-Object { $at = $_.finished; $_.databases | Where-Object { $_.database -ceq $entry.database -and $_.exitCode -eq 0 } | Select-Object *, @{ n = 'at'; e = { $at } } } | Select-Object -Last 1
        if (-not $last) { continue }
        $samples.timestamp_seconds += "$labels $([DateTimeOffset]::Parse($last.at, [cultureinfo]::InvariantCulture).ToUnixTimeSeconds())"
        $samples.duration_seconds += "$labels $($last.durationSeconds)"
        $samples.rows += "$labels $($last.rows)"
        $samples.bytes += "$labels $($last.bytes)"
    }
    $text = foreach ($name in $samples.Keys) { "# TYPE dbsafety_${what}_$name gauge"; $samples[$name] | ForEach-Object { "dbsafety_${what}_$name$_" } }
    $target = Join-Path $settings.METRICS "dbsafety_$($Run.Job)_$($settings.ENVIRONMENT).prom"
    [IO.File]::WriteAllText("$target.$PID", ($text -join "`n") + "`n")
    [IO.File]::Move("$target.$PID", $target, $true)
}
