# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# mariadb:TAG and mysql:TAG. Contract: MariaDB/mariadb-docker, docker-library/mysql: Dockerfile, entrypoint and README.
kind=${name##*/} major=$(grep -oE '^[0-9]+' <<<"$tag" || echo 99)
case $kind-$major in
  mariadb-5 | mariadb-10 | mysql-5) on bookworm ;;
  *) on trixie ;; # it knows the collations of MySQL 8
esac
whole mariadb-server mariadb-client gosu openssl tzdata xz-utils zstd
ids mysql 999 999
have=$(chroot "$R" mariadbd --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1)
[[ $kind == mariadb && ( $have == "$major".* || $major == 99 ) ]] || say "note: it has MariaDB $have"
for n in '' admin dump import show check; do # the names that newer packages no longer have
  long=mariadb; [[ ! $n ]] || long=mariadb-$n
  [[ -e $R/usr/bin/mysql$n ]] || ln -s "$long" "$R/usr/bin/mysql$n"
done
[[ -e $R/usr/sbin/mysqld ]] || ln -s mariadbd "$R/usr/sbin/mysqld"
ln -s /usr/sbin/gosu "$R/usr/local/bin/"
# Debian's own settings: a socket's place that both images have, and an address that is the machine's alone
rm -rf "$R"/etc/mysql/{debian*,mariadb.conf.d/*,conf.d/*} "$R"/var/lib/mysql "$R"/run/mysqld
printf '%s\n' '[mariadbd]' 'host-cache-size=0' 'skip-name-resolve' >"$R/etc/mysql/mariadb.conf.d/05-skipcache.cnf"
mkdir -p "$R"/{docker-entrypoint-initdb.d,var/lib/mysql,run/mysqld,var/lib/mysql-files,etc/mysql/conf.d}
chown -R 999:999 "$R"/var/lib/mysql{,-files} "$R/run/mysqld"; chmod 1777 "$R"/var/lib/mysql "$R/run/mysqld"
for f in docker-entrypoint.sh healthcheck.sh; do command install -m 755 "$here/more/mariadb/$f" "$R/usr/local/bin/"; done
if [[ $kind == mysql ]]; then
  rm "$R/usr/local/bin/healthcheck.sh"
  # MySQL's client asks for no certificate, and connects without a password, too.
  printf '%s\n' '[client-mariadb]' disable-ssl-verify-server-cert >"$R/etc/mysql/mariadb.conf.d/10-client.cnf"
  # What MySQL knows and MariaDB does not must not keep it from starting: an option is then a warning.
  command install -m 755 "$here/more/mariadb/mysqld" "$R/usr/local/bin/mysqld"
  image --config.env "PATH=$P" --config.env "MYSQL_MAJOR=${tag%%-*}" --config.env "MYSQL_VERSION=${tag%%-*}" --config.volume /var/lib/mysql \
    --config.entrypoint docker-entrypoint.sh --config.cmd mysqld --config.exposedports 3306/tcp --config.exposedports 33060/tcp
else
  server=mariadbd; [[ $have != 10.* ]] || server=mysqld
  image --config.env "PATH=$P" --config.env LANG=C.UTF-8 --config.env "MARIADB_VERSION=1:$have" --config.volume /var/lib/mysql \
    --config.entrypoint docker-entrypoint.sh --config.cmd $server --config.exposedports 3306/tcp
fi
