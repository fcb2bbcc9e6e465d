DROP FOREIGN TABLE remote;
--> Breaking remote: drops foreign table remote: queries and code that use it fail
DROP ROLE app;
--> Breaking app: drops role app: queries and code that use it fail
DROP PUBLICATION feed;
--> Breaking feed: drops publication feed: queries and code that use it fail
DROP RULE r ON users;
--> Breaking users.r: drops rule users.r: queries and code that use it fail
DROP STATISTICS s;
--> Breaking s: drops statistics s: queries and code that use it fail
