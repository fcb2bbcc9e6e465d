-- What the same set has created can hold values by now.
CREATE EXTENSION hstore VERSION '1.4';
ALTER EXTENSION hstore UPDATE;
--> Opaque hstore: updates extension hstore: runs the extension's own update scripts, which can rewrite tables and drop what views and indexes use
