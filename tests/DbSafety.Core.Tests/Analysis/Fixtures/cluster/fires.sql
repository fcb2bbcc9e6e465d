CLUSTER users USING users_pkey;
--> Blocking users: writes users anew in another order; it can neither be read nor written meanwhile
CLUSTER;
--> Blocking every table: writes every table anew in another order; it can neither be read nor written meanwhile
