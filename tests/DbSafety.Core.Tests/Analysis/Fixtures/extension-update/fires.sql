ALTER EXTENSION postgis UPDATE TO '3.4.0';
--> Opaque postgis: updates extension postgis: runs the extension's own update scripts, which can rewrite tables and drop what views and indexes use
ALTER EXTENSION postgis UPDATE;
--> Opaque postgis: updates extension postgis: runs the extension's own update scripts, which can rewrite tables and drop what views and indexes use
