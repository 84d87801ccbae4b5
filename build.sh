#!/usr/bin/env bash
# Builds, tests or checks CapiWorkshop: ./build.sh [build|test|demo|lint|bench|docs|package|clean]
# Does what build.ps1 does, for a machine that may have no PowerShell.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1

# One attempt to get a PowerShell for this checkout alone; delete .tools for another one.
if ! command -v pwsh >/dev/null; then
    if [[ ! -d .tools ]]; then
        mkdir .tools
        limit=$(command -v timeout || true)
        ${limit:+"$limit" 60} dotnet tool install PowerShell --version '7.6.*' --tool-path .tools >/dev/null 2>&1 </dev/null || true
    fi
    if [[ -x .tools/pwsh ]]; then
        export PATH="$PWD/.tools:$PATH"
    fi
fi

exec dotnet run --project build -c Release -- "${1:-build}"
