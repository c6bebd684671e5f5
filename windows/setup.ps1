# Sets up xl_poverty for the user who runs it, or with -Remove takes it away. Started by the .bat files beside it.
# Everything goes into the user's own folders; no administrator is needed. Twice is as good as once.
param([switch]$Remove, [string]$Python = '')

$ErrorActionPreference = 'Stop'
$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$place = Join-Path $env:LOCALAPPDATA 'xl_poverty'
$environment = Join-Path $place 'python'
$interpreter = Join-Path $environment 'Scripts\python.exe'
$addin = Join-Path $env:APPDATA 'Microsoft\Excel\XLSTART\xl_poverty.xlam'
$wheels = Join-Path $here 'wheels'
$maker = Join-Path $here 'environment.py'
$log = Join-Path $env:LOCALAPPDATA 'xl_poverty_安装记录.txt'
$utf8 = New-Object System.Text.UTF8Encoding $true

function Say([string]$text) {
    Write-Host $text
    [System.IO.File]::AppendAllText($log, $text + "`r`n", $utf8)
}

function Stop-Here([string]$text) {
    Say ''
    Say $text
    Say "（经过记在 $log，求助时请附上）"
    exit 1
}

# what a program says is shown and kept; in Windows PowerShell an error stream must not end the script
function Invoke-Program([string]$program, [string[]]$arguments) {
    $before = $ErrorActionPreference
    $ErrorActionPreference = 'Continue'
    & $program @arguments 2>&1 | ForEach-Object { Say "$_" }
    $script:code = $LASTEXITCODE
    $ErrorActionPreference = $before
}

function Test-Python([string]$program) {
    $before = $ErrorActionPreference
    $ErrorActionPreference = 'Continue'
    $said = & $program -I -X utf8 $maker suits --wheels $wheels 2>&1 | Out-String
    $suits = $LASTEXITCODE -eq 0
    $ErrorActionPreference = $before
    if (-not $suits) { Say "  没有用 ${program}：$($said.Trim())" }
    return $suits
}

# pythons that were installed from python.org, the newest first; the one of the Microsoft Store does not stand there
function Find-Python {
    $found = @()
    $roots = 'HKCU:\Software\Python\PythonCore', 'HKLM:\Software\Python\PythonCore', 'HKLM:\Software\WOW6432Node\Python\PythonCore'
    foreach ($root in $roots) {
        if (-not (Test-Path -LiteralPath $root)) { continue }
        foreach ($key in Get-ChildItem -LiteralPath $root) {
            $folder = $null
            $install = Join-Path $key.PSPath 'InstallPath'
            if (Test-Path -LiteralPath $install) { $folder = (Get-Item -LiteralPath $install).GetValue('') }
            if (-not $folder) { continue }
            $program = Join-Path $folder 'python.exe'
            $number = 0
            if ($key.PSChildName -match '^3\.(\d+)') { $number = [int]$Matches[1] }
            if (Test-Path -LiteralPath $program) { $found += New-Object PSObject -Property @{ Program = $program; Number = $number } }
        }
    }
    foreach ($one in ($found | Sort-Object Number -Descending)) {
        if (Test-Python $one.Program) { return $one.Program }
    }
    return ''
}

function Get-Installer {
    $pattern = '^python-3\.\d+\.\d+\.exe$'
    if ([Environment]::Is64BitOperatingSystem) { $pattern = '^python-3\.\d+\.\d+-amd64\.exe$' }
    $fitting = @(Get-ChildItem -LiteralPath $here -Filter 'python-3*.exe' | Where-Object { $_.Name -match $pattern })
    if ($fitting.Count -gt 0) { return $fitting[-1].FullName }
    return ''
}

function Wait-Excel {
    while (Get-Process -Name EXCEL -ErrorAction SilentlyContinue) {
        Say 'Excel 正开着。请保存并关闭所有 Excel 窗口，然后按回车键继续'
        Say '（看不到 Excel 窗口时，在任务管理器里结束 EXCEL.EXE；不装了就关闭本窗口）'
        [void](Read-Host)
    }
    # what Excel left running of our own environment would hold its files
    Get-Process -Name @('python', 'pythonw') -ErrorAction SilentlyContinue |
        Where-Object { $_.Path -and $_.Path.StartsWith("$environment\", [StringComparison]::OrdinalIgnoreCase) } |
        Stop-Process -Force -ErrorAction SilentlyContinue
}

function Install-All {
    Wait-Excel
    $program = $Python
    if ($program) {
        if (-not (Test-Python $program)) { Stop-Here "不能用这个 Python：$program" }
    } else {
        $program = Find-Python
    }
    if (-not $program) {
        $installer = Get-Installer
        if ($installer) {
            Say "没有可用的 Python，正在安装 $installer（约一两分钟）……"
            $options = '/quiet', 'InstallAllUsers=0', 'PrependPath=0', 'Include_launcher=0', 'Include_test=0', 'Include_doc=0', 'Shortcuts=0', 'AssociateFiles=0'
            $done = Start-Process -FilePath $installer -ArgumentList $options -Wait -PassThru
            if ($done.ExitCode -ne 0 -and $done.ExitCode -ne 3010) { Stop-Here "Python 没有装成（$($done.ExitCode)）。请双击 $installer 自己安装，再运行 安装.bat" }
            $program = Find-Python
        }
    }
    if (-not $program) {
        $version, $bits = '3.12', '64-bit'
        $list = Join-Path $wheels 'requirements.txt'
        if ((Test-Path -LiteralPath $list) -and ((Get-Content -LiteralPath $list -TotalCount 1) -match '^# python (3\.\d+) (\w+)')) {
            $version = $Matches[1]
            if ($Matches[2] -eq 'win32') { $bits = '32-bit' }
        }
        if (-not [Environment]::Is64BitOperatingSystem) { $bits = '32-bit' }
        Stop-Here @"
这台电脑没有可用的 Python。请这样做：
  1. 打开 Python 官方网站 www.python.org，点 Downloads > Windows
  2. 在 Python $version 的最新一版下面，下载 Windows installer ($bits)
  3. 把下载的文件（名字如 python-$version.x.exe 或 python-$version.x-amd64.exe）放进 $here
  4. 再双击 安装.bat，其余自动完成
"@
    }
    Say "用 $program"
    Invoke-Program $program @('-I', '-X', 'utf8', $maker, 'install', '--home', $place, '--wheels', $wheels)
    if ($code -ne 0) { Stop-Here '没有装成，原因见上面' }
    Invoke-Program $interpreter @('-I', '-X', 'utf8', '-m', 'xl_poverty', 'install-addin')
    if ($code -ne 0) { Stop-Here '加载项没有装成，原因见上面' }
    Say ''
    Say '检查这台电脑：'
    Invoke-Program $interpreter @('-I', '-X', 'utf8', '-m', 'xl_poverty', 'doctor')
    Say ''
    if ($code -ne 0) { Stop-Here '已经装好，但上面标【不行】的地方要先改正，函数和按钮才能用' }
    Say '装好了。打开 Excel，就有【帮扶】选项卡。'
}

function Remove-All {
    Wait-Excel
    if (Test-Path -LiteralPath $interpreter) {
        Invoke-Program $interpreter @('-I', '-X', 'utf8', '-m', 'xl_poverty', 'install-addin', '--remove')
        if ($code -ne 0) { Say '加载项没有取消成功，下面直接删除' }
    }
    if (Test-Path -LiteralPath $addin) { Remove-Item -LiteralPath $addin -Force }
    foreach ($folder in $environment, "$environment.old") {
        if (Test-Path -LiteralPath $folder) { Remove-Item -LiteralPath $folder -Recurse -Force }
    }
    if ((Test-Path -LiteralPath $place) -and -not (Get-ChildItem -LiteralPath $place)) {
        Remove-Item -LiteralPath $place
    }
    Say '已经卸载。您的台账和设置都没有动。'
    Say 'Python 本身没有卸载；不要的话在 Windows 的设置 > 应用 里卸载。'
}

try { [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false } catch { }
try {
    Say "==== $(Get-Date -Format 'yyyy-MM-dd HH:mm') $here"
    if ([Environment]::OSVersion.Version -lt [Version]'6.3') { Stop-Here '要 Windows 8.1 以上；Windows 7 装不了 Python 3.11 以上' }
    if ($Remove) { Remove-All } else { Install-All }
    exit 0
} catch {
    Stop-Here "没有完成：$($_.Exception.Message)"
}
