DROP USER MAPPING FOR app SERVER far;
--> Breaking FOR app SERVER far: drops user mapping FOR app SERVER far: queries and code that use it fail
DROP CAST (int AS text);
--> Breaking (int AS text): drops cast (int AS text): queries and code that use it fail
DROP OPERATOR CLASS c USING btree;
--> Breaking c: drops operator class c: queries and code that use it fail
DROP TEXT SEARCH CONFIGURATION german;
--> Breaking german: drops text search object german: queries and code that use it fail
