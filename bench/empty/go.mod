module dagger/empty

go 1.26.1
