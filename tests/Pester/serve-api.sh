#!/bin/bash
# serve-api.sh REAL-PARTS PORT capi|bare
# Starts a real API server (with Cluster API's resources and the samples, or bare) in a fresh folder and prints `ready FOLDER`. Runs until its standard input
# ends, however the one who started it ends, then stops what it started and removes the folder. Exit 3: cannot run on this machine; standard error says why.
set -euo pipefail
parts=$1 port=$2 content=$3
cannot() { echo "$*" >&2; exit 3; }

for tool in curl openssl; do command -v "$tool" > /dev/null || cannot "$tool is needed"; done
[ "$content" = bare ] || command -v kubectl > /dev/null || cannot "kubectl is needed"
bash "$parts/build-crdserver.sh" > /dev/null

folder=$(mktemp -d)
pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  for pid in "${pids[@]}"; do while kill -0 "$pid" 2> /dev/null; do sleep 0.05; done; done
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 1' TERM INT HUP

started=$(bash "$parts/start-apiserver.sh" "$port" "$folder/kubeconfig" "$folder")
# the API server first: it says goodbye to etcd
for pid in apiserver etcd; do pids+=("$(sed -E "s/.*\b$pid=([0-9]+).*/\1/" <<< "$started")"); done

if [ "$content" = capi ]; then
  if ! command -v jq > /dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || cannot "jq is needed"
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends jq; } > /dev/null 2>&1 || cannot "jq is needed and could not be installed"
  fi
  bash "$parts/load-crds.sh" "$folder/kubeconfig"
  bash "$parts/load-samples.sh" "$folder/kubeconfig" 2> /dev/null
fi

echo "ready $folder"
cat > /dev/null
