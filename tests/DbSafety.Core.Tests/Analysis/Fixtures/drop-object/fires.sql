DROP FOREIGN TABLE remote;
--> Breaking remote: drops foreign table remote: what still uses it fails
DROP ROLE app;
--> Breaking app: drops role app: what still uses it fails
DROP PUBLICATION feed;
--> Breaking feed: drops publication feed: what still uses it fails
DROP RULE r ON users;
--> Breaking users.r: drops rule users.r: what still uses it fails
DROP STATISTICS s;
--> Breaking s: drops statistics s: what still uses it fails
