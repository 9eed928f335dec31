# shellcheck shell=bash disable=SC2154 # sourced by more.sh
# mongo:TAG. MongoDB's server is in no package index: mongo-java-server, from Maven's, speaks its protocol and keeps the data in memory alone.
# Contract: docker-library/mongo: Dockerfile and entrypoint.
command -v mvn >/dev/null || die "mongo is made with Maven: apt-get install maven"
on "$(suite_in "$tag" bookworm)"
whole default-jre-headless tzdata
ids mongodb 999 999
logged mongo-jars mvn -q -B -f "$here/more/mongo/pom.xml" dependency:copy-dependencies -DoutputDirectory="$R/usr/lib/mongo"
javac --release 17 -cp "$R/usr/lib/mongo/*" -d "$R/usr/lib/mongo" "$here/more/mongo/Server.java"
chmod -R a+rX "$R/usr/lib/mongo"
printf '#!/bin/sh\nexec java -cp "/usr/lib/mongo:/usr/lib/mongo/*" Server\n' >"$R/usr/local/bin/mongod"
sed 's/node/mongod/' "$here/images/node/docker-entrypoint.sh" >"$R/usr/local/bin/docker-entrypoint.sh"; chmod 755 "$R"/usr/local/bin/{mongod,docker-entrypoint.sh}
mkdir -p "$R"/data/{db,configdb}; chown -R 999:999 "$R/data"
image --config.env "PATH=$P" --config.env "MONGO_VERSION=$tag" --config.volume /data/db --config.volume /data/configdb \
  --config.entrypoint docker-entrypoint.sh --config.cmd mongod --config.exposedports 27017/tcp
