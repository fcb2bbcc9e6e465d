# Runs script text in a PowerShell of its own, with the module of this checkout imported.

Set-StrictMode -Version Latest

$script:Manifest = (Resolve-Path (Join-Path $PSScriptRoot '../../DbSafety.psd1')).Path

function Get-ModuleManifestPath { $script:Manifest }

# The command that starts this PowerShell once more. Installed as a .NET tool, it runs in dotnet.
function Get-ShellCommand {
    $program = [Environment]::ProcessPath
    if ((Split-Path -LeafBase $program) -eq 'dotnet') { $program, (Join-Path $PSHOME 'pwsh.dll') } else { , $program }
}

# The start of a process that runs the text; nothing is started yet.
function New-CleanShell([string] $Text, [switch] $OwnGroup) {
    # A suite that was started in the background hands an ignored SIGINT on to every program it starts.
    $program, $arguments = @(if ($OwnGroup) { 'setsid', 'env', '--default-signal=INT' }; Get-ShellCommand) + @('-NoProfile', '-NonInteractive', '-Command', $Text)
    $info = [System.Diagnostics.ProcessStartInfo]::new($program, [string[]] $arguments)
    $info.RedirectStandardOutput = $true
    $info.RedirectStandardError = $true
    $info.RedirectStandardInput = $true
    $info
}

function Invoke-CleanShell([string] $Text, [switch] $WithoutModule) {
    $import = if ($WithoutModule) { '' } else { "Import-Module '$($script:Manifest.Replace("'", "''"))' -ErrorAction Stop;" }
    $process = [System.Diagnostics.Process]::Start((New-CleanShell "`$PSStyle.OutputRendering = 'PlainText'; $import $Text"))
    $process.StandardInput.Close()
    $errorText = $process.StandardError.ReadToEndAsync()
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    [pscustomobject]@{ Output = $output.Trim(); Error = $errorText.Result.Trim(); ExitCode = $process.ExitCode }
}

# Waits for something to become true; the suite never sleeps for a fixed time and hopes.
function Wait-Until([scriptblock] $Condition, [string] $What, [int] $Seconds = 30) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) { throw "Waited $Seconds s in vain: $What" }
        [System.Threading.Thread]::Sleep(20)
    }
}

Export-ModuleMember -Function Get-ModuleManifestPath, Get-ShellCommand, New-CleanShell, Invoke-CleanShell, Wait-Until
