# shellcheck shell=bash
# Sourced by the commands in bin/: where things are, and what has to be installed before they can work.
# In bash because a bare system has no Python. Functions: say, die, need, python_packages.
set -euo pipefail

umask 022
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# shellcheck disable=SC2034  # bin/manage goes back there
called_from=$PWD
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cd "$project"

# The account "postgres" may not enter root's home, and PostgreSQL does not run as root.
if [ "$(id -u)" = 0 ]; then
  data=/var/lib/potato/$(printf %s "$project" | sha256sum | cut -c1-12)
else
  data=$project/.local
fi
mkdir -p "$data"

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$(basename "$0"): $*"
  exit 1
}

# The folder with PostgreSQL's programs: the newest version from 15 on that has PostGIS; fails when there is none.
postgres_bin() {
  local folder version
  for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
    version=$(basename "$(dirname "$folder")")
    if [ -x "$folder/postgres" ] && [ "$version" -ge 15 ] &&
      [ -e "/usr/share/postgresql/$version/extension/postgis.control" ]; then
      printf '%s\n' "$folder"
      return
    fi
  done
  return 1
}

# MongoDB's server: the system's own, else the one that python_packages puts into the virtual environment.
mongod_program() {
  command -v mongod && return
  local wheel
  for wheel in "$project"/.venv/lib/python3*/site-packages/fiftyone/db/bin/mongod; do
    [ -e "$wheel" ] && chmod +x "$wheel" && printf '%s\n' "$wheel" && return
  done
  return 1
}

# A Python from 3.11 on that can make virtual environments; fails when there is none.
system_python() {
  local candidate
  for candidate in python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# is_set NAME: NAME is in the environment or in .env, which Potato reads too.
is_set() { [ -n "${!1:-}" ] || grep -qs "^$1=." .env; }

chromium_program() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
# Not grep -q: it hangs up early, and the pipe would count as broken.
has_library() { /sbin/ldconfig -p | grep "^[[:space:]]*$1\.so" >/dev/null; }

# need WHAT...: installs, by apt, the packages without which WHAT is not there.
# WHAT is any of python postgres mongo redis gdal gettext browser.
need() {
  local what packages=()
  for what in "$@"; do
    case $what in
      python) system_python >/dev/null || packages+=(python3 python3-venv) ;;
      postgres) postgres_bin >/dev/null || packages+=(postgresql-postgis) ;;
      mongo) command -v mongod >/dev/null || has_library libcurl || packages+=(libcurl4) ;;
      redis) command -v redis-server >/dev/null || packages+=(redis-server) ;;
      gdal) has_library libgdal || packages+=(gdal-bin) ;;
      gettext) command -v msgfmt >/dev/null || packages+=(gettext) ;;
      browser)
        # Ubuntu has it as a snap only.
        chromium_program >/dev/null || grep -qs '^ID=ubuntu' /etc/os-release || packages+=(chromium)
        compgen -G '/usr/share/fonts/*/noto/NotoSansMyanmar-Regular.*' >/dev/null || packages+=(fonts-noto-core)
        ;;
    esac
  done
  [ ${#packages[@]} = 0 ] || install_packages "${packages[@]}"
  for what in "$@"; do
    case $what in
      python)
        system_python >/dev/null ||
          die "Potato needs Python 3.11 or newer; this system's is older. Install it, on Ubuntu 22.04 with: sudo apt-get install python3.11 python3.11-venv"
        ;;
      postgres)
        postgres_bin >/dev/null ||
          die "Potato needs PostgreSQL 15 or newer with PostGIS; this system's is older. Add PostgreSQL's own packages with: sudo apt-get install postgresql-common && sudo /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y && sudo apt-get install postgresql-postgis"
        ;;
      browser)
        chromium_program >/dev/null ||
          die "The browser tests need Chromium. Install it, on Ubuntu with: sudo snap install chromium"
        ;;
    esac
  done
}

install_packages() {
  local by_hand="sudo apt-get update && sudo apt-get install $*" sudo=()
  command -v apt-get >/dev/null || die "missing, and this system has no apt-get to install it: $*"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "missing: $*. Neither root nor sudo is here; have root run: ${by_hand//sudo /}"
    sudo=(sudo)
  fi
  say "Installing with apt: $*"
  "${sudo[@]}" bash "$project/bin/lib/install-packages" "$@" || die "could not install $*. Try: $by_hand"
}

# python_packages FILE: the virtual environment .venv/ holds what FILE asks for. Nothing happens when it already does.
python_packages() {
  local file=$1 wanted stamp other
  stamp=.venv/installed-$(basename "$file")
  wanted=$(cat requirements*.txt bin/lib/mongod.txt | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null && return
  (
    flock 9
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && .venv/bin/python -c '' 2>/dev/null && return
    say "Installing the Python packages of $(basename "$file")"
    .venv/bin/python -m pip --version >/dev/null 2>&1 || "$(system_python)" -m venv --clear .venv
    # What the other files asked for in another state of the checkout may be replaced now.
    for other in .venv/installed-*; do
      [ "$(cat "$other" 2>/dev/null)" = "$wanted" ] || rm -f "$other"
    done
    # A wheel runs no code while it is installed; a source archive would, with build tools that no hash covers.
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: \
      --requirement "$file" 9>&- ||
      die "pip could not install $file. Try: .venv/bin/python -m pip install --require-hashes --only-binary :all: -r $file"
    printf '%s\n' "$wanted" >"$stamp"
  ) 9>"$data/packages.lock"
}
