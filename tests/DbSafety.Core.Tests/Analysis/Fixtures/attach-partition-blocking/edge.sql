ALTER TABLE app.events ATTACH PARTITION attic.rest DEFAULT;
--> Blocking attic.rest: makes attic.rest a partition of app.events and checks all its rows; nobody can read or write it meanwhile
