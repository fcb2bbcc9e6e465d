#!/usr/bin/env pwsh
#Requires -Modules @{ ModuleName = 'Microsoft.PowerShell.PlatyPS'; RequiredVersion = '1.0.3' }
# Updates the syntax and the parameters' types, positions and aliases on each page from the cmdlets, and generates
# en-US/DbSafety.PowerShell.dll-Help.xml, which Get-Help reads, from the pages. Requires a build and the
# version of PlatyPS above, which generated the en-US/ of this checkout. PlatyPS is in no package registry of .NET: CmdletPagesTests and
# Help.Tests.ps1 check without it that pages, help and cmdlets agree.
$ErrorActionPreference = 'Stop'
Import-Module Microsoft.PowerShell.PlatyPS
Import-Module (Join-Path $PSScriptRoot '../../DbSafety.psd1')

# PlatyPS would also rewrite the texts, and duplicate them: only the data of the cmdlets is taken from its output.
function Update-Page([System.IO.FileInfo] $Page, [string] $Folder) {
    $text = Get-Content -Raw $Page
    $copy = Copy-Item $Page $Folder -PassThru
    $null = Update-MarkdownCommandHelp -Path $copy.FullName -NoBackup
    $new = Get-Content -Raw $copy
    $syntax = '(?s)(?<=\n## SYNTAX\n).*?(?=\n## (ALIASES|DESCRIPTION)\n)'
    $text = [regex]::Replace($text, $syntax, [regex]::Match($new, $syntax).Value.Replace('$', '$$'))
    foreach ($parameter in [regex]::Matches($new, '(?s)\n### -(\w+)\n.*?(\n```yaml\n.*?\n```\n)')) {
        $block = "(?s)(?<=\n### -$($parameter.Groups[1].Value)\n((?!\n### ).)*?)\n``````yaml\n.*?\n``````\n"
        $text = [regex]::new($block).Replace($text, $parameter.Groups[2].Value.Replace('$', '$$'), 1)
    }

    [IO.File]::WriteAllText($Page.FullName, $text)
}

# PlatyPS leaves an example's fenced code in the text: this function moves it to the element that Get-Help reads code from. Markdown marks
# are useless in a terminal, and empty paragraphs only separate paragraphs.
function Update-Example([System.Xml.XmlElement] $Example) {
    $text = ($Example.introduction.para | Where-Object { $_.Trim([char]0x80, ' ') }) -join "`n"
    $match = [regex]::Match($text, '(?s)^```powershell\n(?<code>.*?)\n```\n?(?<rest>.*)$')
    if (-not $match.Success) { throw "An example without code: $($Example.title)" }
    $Example['maml:introduction'].RemoveAll()
    $Example['dev:code'].InnerText = $match.Groups['code'].Value
    $paragraph = $Example.OwnerDocument.CreateElement('maml', 'para', $Example['maml:introduction'].NamespaceURI)
    $paragraph.InnerText = $match.Groups['rest'].Value
    $null = $Example['dev:remarks'].AppendChild($paragraph)
}

$target = Join-Path $PSScriptRoot '../../en-US/DbSafety.PowerShell.dll-Help.xml'
$temporary = Join-Path ([IO.Path]::GetTempPath()) "dbsafety-help-$([guid]::NewGuid().ToString('N'))"
try {
    $null = New-Item -ItemType Directory $temporary
    Get-ChildItem $PSScriptRoot -Filter '*-*.md' | ForEach-Object { Update-Page $_ $temporary }
    $help = Get-ChildItem $PSScriptRoot -Filter '*-*.md' | Sort-Object Name | Import-MarkdownCommandHelp
    # Links between pages do not work in a terminal; their names do.
    foreach ($link in $help.RelatedLinks) { $link.Uri = '' }
    $xml = [xml](Get-Content -Raw (Export-MamlCommandHelp -CommandHelp $help -OutputFolder $temporary))
    # The pages are not published on the web.
    $xml.SelectNodes("//*[local-name()='navigationLink'][*[local-name()='linkText']='Online Version']") | ForEach-Object { $null = $_.ParentNode.RemoveChild($_) }
    $xml.SelectNodes("//*[local-name()='example']") | ForEach-Object { Update-Example $_ }
    $xml.SelectNodes("//*[local-name()='para']") | ForEach-Object { $_.InnerText = $_.InnerText.Replace('`', '').Replace([string][char]0x80, '') }
    $null = New-Item -ItemType Directory -Force (Split-Path $target)
    $xml.Save($target)
}
finally { Remove-Item -Recurse -Force $temporary -ErrorAction Ignore }
