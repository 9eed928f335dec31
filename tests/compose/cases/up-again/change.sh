echo VALUE=second >.env
