chmod 600 strict.txt
