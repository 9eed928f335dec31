module dagger/stack/tests/kube/pause

go 1.26.0
