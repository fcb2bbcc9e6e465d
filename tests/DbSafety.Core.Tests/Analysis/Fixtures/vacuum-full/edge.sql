-- Switched off in words is not switched on.
VACUUM (FULL off) users;
VACUUM (VERBOSE, FULL true) users (name);
--> Blocking users: writes users anew; it can neither be read nor written meanwhile
