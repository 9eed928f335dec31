# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# Each suite of Debian has one Python. A version that none has gets the next newer one, and is told.
python() { # TAG: $R is a Debian with that Python
  local version have
  version=$(grep -oE '^3\.[0-9]+' <<<"$1" || echo 3.13)
  case $version in
    3.9) on bullseye ;; 3.10 | 3.11) on bookworm ;; 3.12 | 3.13) on trixie ;; 3.14) on forky ;;
    *) die "no suite of Debian has Python $version: there are 3.9, 3.11, 3.13 and 3.14" ;;
  esac
  # slim lacks compilers, as the public image does
  local packages=(python3 python3-pip python3-venv netbase tzdata)
  [[ $1 == *slim* || $1 == *alpine* ]] || packages+=(build-essential python3-dev git curl libpq-dev default-libmysqlclient-dev libffi-dev libssl-dev pkg-config)
  whole "${packages[@]}"
  have=$(chroot "$R" python3 -c 'import platform; print(platform.python_version())')
  [[ $have == "$version".* ]] || say "note: it has Python $have"
  rm -f "$R"/usr/lib/python3*/EXTERNALLY-MANAGED
  # pip's own pip: Debian's cannot be upgraded by pip
  logged "pip-$suite" chroot "$R" env "PIP_CERT=$ca" python3 -m pip install --no-cache-dir --ignore-installed pip
  for n in python python3 "python${have%.*}"; do ln -sf "/usr/bin/python${have%.*}" "$R/usr/local/bin/$n"; done
  settings=("${trust[@]}" --config.env "PATH=$P" --config.env LANG=C.UTF-8 --config.env "PYTHON_VERSION=$have")
}
[[ ${1:-} == sourced ]] || { python "$tag"; image "${settings[@]}" --config.cmd python3; }
