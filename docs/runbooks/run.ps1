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
    $null = New-Item -ItemType Directory -Force $settings.STATE
    $holder = Join-Path $settings.STATE "$Job.holder"
    try { $lock = [IO.File]::Open((Join-Path $settings.STATE "$Job.lock"), 'OpenOrCreate', 'ReadWrite', 'None') }
    catch [System.IO.IOException] {
        [Console]::Error.WriteLine("${Job}: another run works: $(Get-Content -Raw $holder -ErrorAction Ignore)")
        exit 75
    }
    Set-Content $holder "process $PID of $([Environment]::UserName) on $([Environment]::MachineName) since $(Get-Date -AsUTC -Format 'yyyy-MM-ddTHH:mm:ssZ')"
    @{ Job = $Job; Settings = $settings; Lock = $lock; Started = [DateTime]::UtcNow; Databases = [Collections.Generic.List[object]]::new(); ExitCode = 0 }
}

function Get-DatabaseName([object] $Run) { @("$($Run.Settings.DATABASES)" -split '\s+' | Where-Object { $_ }) }

# The URL of a database: URL_shop for shop, URL_my_shop for my-shop.
function Get-DatabaseUrl([object] $Run, [string] $Name) {
    $variable = "URL_$($Name -replace '[^A-Za-z0-9]', '_')"
    $Run.Settings[$variable] ?? $(Stop-Work "$variable is not set" 2)
}

function Stop-Work([string] $Message, [int] $ExitCode) {
    throw ([InvalidOperationException]::new($Message) | Add-Member -PassThru ExitCode $ExitCode)
}

# The parameters of Remove-PgBackup; 0 is no rule.
function Get-Retention([hashtable] $Settings) {
    $rules = @{ KeepLast = [int] $Settings.KEEP_LAST; KeepDaily = [int] $Settings.KEEP_DAILY; KeepWeekly = [int] $Settings.KEEP_WEEKLY; KeepMonthly = [int] $Settings.KEEP_MONTHLY }
    @($rules.Keys) | Where-Object { $rules[$_] -eq 0 } | ForEach-Object { $rules.Remove($_) }
    $rules
}

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
        $entry.error = "error $($_.Exception.Code): $($_.Exception.Message)" -replace '^error : ', 'error: '
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

# Appends the run to runs.jsonl, writes the metrics, reports to the outside (the ping, or the command for failures), and ends the script.
function Complete-Run([object] $Run) {
    $settings = $Run.Settings
    $report = [ordered]@{
        job = $Run.Job; environment = $settings.ENVIRONMENT; host = [Environment]::MachineName
        started = $Run.Started.ToString('yyyy-MM-ddTHH:mm:ssZ'); finished = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ'); exitCode = $Run.ExitCode; databases = $Run.Databases
    }
    $line = ConvertTo-Json $report -Compress -Depth 5
    $log = Join-Path $settings.STATE 'runs.jsonl'
    Add-Content $log $line
    $line
    if ($settings.METRICS) { Write-Metrics $Run $log }
    if ($Run.ExitCode -ne 0 -and $settings.ON_FAILURE) {
        $shell = $IsWindows ? @('cmd.exe', '/c') : @('sh', '-c')
        $line | & $shell[0] $shell[1] $settings.ON_FAILURE
    }
    elseif ($Run.ExitCode -eq 0 -and $settings.PING_URL) {
        try { $null = Invoke-RestMethod $settings.PING_URL -TimeoutSec 10 -MaximumRetryCount 3 -RetryIntervalSec 1 }
        catch { [Console]::Error.WriteLine("$($Run.Job): the ping failed: $($_.Exception.Message)") }
    }
    exit $Run.ExitCode
}

# For Prometheus: a database that failed keeps the numbers of its last success, which are in runs.jsonl. Readers never see half a file.
function Write-Metrics([object] $Run, [string] $Log) {
    $settings = $Run.Settings
    $what = $Run.Job -eq 'drill' ? 'drill' : 'backup'
    $runs = @(Get-Content -Tail 1000 $Log | ForEach-Object { try { ConvertFrom-Json $_ -DateKind String } catch { } } | Where-Object { $_.job -eq $Run.Job -and $_.environment -eq $settings.ENVIRONMENT })
    $samples = [ordered]@{ success = @(); timestamp_seconds = @(); duration_seconds = @(); rows = @(); bytes = @() }
    foreach ($entry in $Run.Databases) {
        $labels = "{database=$(ConvertTo-Json $entry.database),environment=$(ConvertTo-Json $settings.ENVIRONMENT)}"
        $samples.success += "$labels $([int]($entry.exitCode -eq 0))"
        $last = $runs | ForEach-Object { $at = $_.finished; $_.databases | Where-Object { $_.database -eq $entry.database -and $_.exitCode -eq 0 } | Select-Object *, @{ n = 'at'; e = { $at } } } | Select-Object -Last 1
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
