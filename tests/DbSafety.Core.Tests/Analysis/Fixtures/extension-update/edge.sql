-- A name that has to be quoted.
ALTER EXTENSION "uuid-ossp" UPDATE;
--> Opaque "uuid-ossp": updates extension "uuid-ossp": runs the extension's own update scripts, which can rewrite tables and drop what views and indexes use
