-- CASCADE is not to be had with CONCURRENTLY.
DROP INDEX users_name CASCADE;
--> Blocking users_name: ACCESS EXCLUSIVE on users_name, what depends on users_name and the table of index users_name: blocks reads and writes until the statement ends; drops index users_name
