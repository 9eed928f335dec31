# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# Contract: TimWolla/docker-adminer: Dockerfile, entrypoint and README; without the plugins and designs.
on "$(suite_in "$tag" bookworm)"
whole adminer php-cgi php-cli php-mysql php-pgsql php-sqlite3 tzdata
ids adminer 100 101
have=$(chroot "$R" grep VERSION /usr/share/adminer/adminer/include/version.inc.php | grep -oE '[0-9.]+' | head -n 1)
mkdir -p "$R/var/www/html"
cp "$R"/usr/share/adminer/adminer.php "$R/var/www/html/"
cp "$here/more/adminer/index.php" "$R/var/www/html/"
chown -R 100:101 "$R/var/www/html"
sed 's/node/php/' "$here/images/node/docker-entrypoint.sh" >"$R/usr/local/bin/entrypoint.sh"; chmod 755 "$R/usr/local/bin/entrypoint.sh"
image --config.env "PATH=$P" --config.env "ADMINER_VERSION=$have" --config.workingdir /var/www/html --config.user adminer --config.exposedports 8080/tcp \
  --config.entrypoint entrypoint.sh --config.cmd php --config.cmd -S --config.cmd '[::]:8080' --config.cmd -t --config.cmd /var/www/html
