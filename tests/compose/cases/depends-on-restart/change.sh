echo CHANGED=yes >.env
