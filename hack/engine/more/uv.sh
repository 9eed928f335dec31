# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# ghcr.io/astral-sh/uv: PyPI's wheel, alone, or in the Python that the tag names.
# shellcheck disable=SC1091 # beside this file
case $tag in
  python*) . "$here/more/python.sh" sourced; python "${tag#python}" ;;
  *) on bookworm; rm -rf --one-file-system "$R"; mkdir -p "$R"; settings=() ;;
esac
version=$(grep -oE '^[0-9]+\.[0-9]+\.[0-9]+$' <<<"$tag" || true)
pip download -q --no-deps -d "$W/tmp/wheel" "uv${version:+==$version}"
(cd "$W/tmp/wheel" && python3 -m zipfile -e ./*.whl .)
to=$R; [[ $tag != python* ]] || to=$R/usr/local/bin
command install -m 755 "$W"/tmp/wheel/*.data/scripts/uv{,x} "$to/"
image "${settings[@]}" --config.cmd "$([[ $tag == python* ]] && echo /usr/local/bin/uv || echo /uv)"
