-- CASCADE is not to be had with CONCURRENTLY.
DROP INDEX users_name CASCADE;
--> Blocking users_name: drops index users_name: its table can neither be read nor written meanwhile
