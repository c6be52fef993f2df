#!/bin/sh
# Makes the secrets that compose.yaml names, each once: what is there stays. Run it where compose.yaml is.
set -eu
mkdir -p secrets
# Only the owner enters; the files themselves must be readable by the users that the containers run as.
chmod 700 secrets

random() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

make() {
  if [ ! -s "secrets/$1" ]; then
    printf '%s' "$2" > "secrets/$1"
    chmod 644 "secrets/$1"
  fi
}

make postgres_password "$(random)"
make database_url "postgresql://gesso:$(cat secrets/postgres_password)@postgres:5432/gesso"
make gesso_secret "$(random)"
make gesso_admin_key "sk-admin-$(random)"
make gesso_live_key "sk-live-$(random)"
make gesso_test_key "sk-test-$(random)"
make s3_access_key_id gesso
make s3_secret_access_key "$(random)"
