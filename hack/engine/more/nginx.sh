# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# nginx:TAG. Contract: nginxinc/docker-nginx: Dockerfile, entrypoint, its scripts' documented behaviour, and README.
case $tag in 1.[0-9]-* | 1.[0-9].* | 1.[01]* | 1.2[0-3]*) on bookworm ;; 1.2[4-6]*) on trixie ;; *) on forky ;; esac
whole nginx libnginx-mod-stream gettext-base curl tzdata
ids nginx 101 101 /bin/false
have=$(chroot "$R" nginx -v 2>&1 | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)
[[ ! $tag =~ ^([0-9]+\.[0-9]+) || $have == "${BASH_REMATCH[1]}".* ]] || say "note: it has nginx $have"
etc=$R/etc/nginx
rm -rf "$etc"/{sites-*,modules-*,snippets,fastcgi.conf,koi-*,win-utf,proxy_params,conf.d/*}
ln -s /usr/lib/nginx/modules "$etc/modules"
cp "$here/more/nginx/nginx.conf" "$etc/"; cp "$here/more/nginx/default.conf" "$etc/conf.d/"
sed -i '1i load_module modules/ngx_stream_module.so; # the public image has it inside' "$etc/nginx.conf"
rm -rf "$R"/var/www "$R"/usr/share/nginx/*; mkdir -p "$R"/usr/share/nginx/html "$R"/var/cache/nginx "$R/docker-entrypoint.d" "$R/var/log/nginx"
ln -s /usr/lib/nginx/modules "$R/usr/share/nginx/modules" # where this nginx looks for a path that is relative
echo '<!DOCTYPE html><title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>' >"$R/usr/share/nginx/html/index.html"
echo '<!DOCTYPE html><title>Error</title><h1>An error occurred.</h1>' >"$R/usr/share/nginx/html/50x.html"
chown -R 101:101 "$R/var/lib/nginx" "$R/var/cache/nginx"
ln -sf /dev/stdout "$R/var/log/nginx/access.log"; ln -sf /dev/stderr "$R/var/log/nginx/error.log"
command install -m 755 "$here/more/nginx/docker-entrypoint.sh" "$R/"
command install -m 755 "$here"/more/nginx/[0-9]*.* "$R/docker-entrypoint.d/"
image --config.env "PATH=$P" --config.env "NGINX_VERSION=$have" --config.entrypoint /docker-entrypoint.sh \
  --config.cmd nginx --config.cmd -g --config.cmd 'daemon off;' --config.exposedports 80/tcp --config.stopsignal SIGQUIT
