echo second >source
