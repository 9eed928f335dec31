package variables

import "testing"

const (
	sequelize = "-- package.json --\n{\"dependencies\": {\"mysql2\": \"3\"}}\n"
	mongoose  = "-- package.json --\n{\"dependencies\": {\"mongoose\": \"8\"}}\n"
)

func TestMySQL(t *testing.T) {
	t.Parallel()
	stack := both
	stack.MySQL = "mysql"
	rows(t, Service{Port: 8000}, stack, []row{
		{"by parts", sequelize + "-- a.js --\nprocess.env.DB_HOST; process.env.MYSQL_USER; process.env.DATABASE_PORT || 3306; process.env.DB_PASS; process.env.DB_NAME\n", `
			DATABASE_PORT = <port of mysql>
			DB_HOST = <host of mysql>
			DB_NAME = <database of mysql>
			DB_PASS = <password of mysql>
			MYSQL_USER = <user of mysql>`},
		{"an address", sequelize + "-- a.js --\nprocess.env.DATABASE_URL\n", "DATABASE_URL = mysql://<user of mysql>:<password of mysql>@<host of mysql>:<port of mysql>/<database of mysql>"},
		{"as SQLAlchemy's driver wants it", "-- requirements.txt --\nsqlalchemy\npymysql\n-- a.py --\nos.environ['DATABASE_URL']\n", "DATABASE_URL = mysql+pymysql://<user of mysql>:<password of mysql>@<host of mysql>:<port of mysql>/<database of mysql>"},
		{"as Go's driver wants it", "-- go.mod --\nmodule x\nrequire gorm.io/driver/mysql v1.0.0\n-- a.go --\nos.Getenv(\"DSN\")\n", "DSN = <user of mysql>:<password of mysql>@tcp(<host of mysql>:<port of mysql>)/<database of mysql>?charset=utf8mb4&parseTime=True&loc=Local"},
		{"Django's engine", "-- requirements.txt --\ndjango\nmysqlclient\n-- a.py --\nos.environ['DB_ENGINE']; os.environ['DB_HOST']\n", "DB_ENGINE = django.db.backends.mysql\nDB_HOST = <host of mysql>"},
		{"a switch between databases", sequelize + "-- a.js --\nif (process.env.STORE === 'mysql' || process.env.STORE === 'postgres') connect()\n", "STORE = mysql"},
		{"beside a postgres", "-- package.json --\n{\"dependencies\": {\"mysql2\": \"3\", \"pg\": \"8\"}}\n-- a.js --\nprocess.env.DB_HOST; process.env.MYSQL_HOST\n", "DB_HOST = <host of postgres>\nMYSQL_HOST = <host of mysql>"},
	})
}

func TestMongo(t *testing.T) {
	t.Parallel()
	stack := both
	stack.Mongo = "mongo"
	const app = "mongodb://<host of mongo>:<port of mongo>/<database of mongo>"
	rows(t, Service{Port: 8000}, stack, []row{
		{"an address", mongoose + "-- a.js --\nprocess.env.MONGO_URI; process.env.MONGO_DB_URI; process.env.MONGODB_URL || 'x'; process.env.DB_CONNECT\n", "DB_CONNECT = " + app + "\nMONGODB_URL = " + app + "\nMONGO_DB_URI = " + app + "\nMONGO_URI = " + app},
		{"the project's own database", mongoose + "-- a.js --\nprocess.env.DATABASE_URL || 'mongodb://127.0.0.1:27017/shop'\n", "DATABASE_URL = mongodb://<host of mongo>:<port of mongo>/shop"},
		{"without a database", mongoose + "-- a.js --\nprocess.env.MONGO_URI || 'mongodb://localhost:27017'\n", "MONGO_URI = mongodb://<host of mongo>:<port of mongo>"},
		{"an example of another place", mongoose + "-- a.js --\nprocess.env.ATLAS_URI\n-- .env.example --\nATLAS_URI=mongodb+srv://<user>:<password>@cluster0.x.mongodb.net/?retryWrites=true\n", "ATLAS_URI = " + app},
		{"one that is given is used", mongoose + "-- a.js --\nprocess.env.MONGO_URI\n-- .env --\nMONGO_URI=mongodb+srv://me:x@cluster0.example.net/shop\n", "MONGO_URI = mongodb+srv://me:x@cluster0.example.net/shop"},
		{"beside a postgres", "-- package.json --\n{\"dependencies\": {\"mongoose\": \"8\", \"pg\": \"8\"}}\n-- a.js --\nprocess.env.DB_HOST; process.env.MONGO_HOST; process.env.DB\n", "DB_HOST = <host of postgres>\nMONGO_HOST = <host of mongo>"},
	})
}
