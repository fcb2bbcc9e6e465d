DROP USER MAPPING FOR app SERVER far;
--> Breaking FOR app SERVER far: drops user mapping FOR app SERVER far: what still uses it fails
DROP CAST (int AS text);
--> Breaking (int AS text): drops cast (int AS text): what still uses it fails
DROP OPERATOR CLASS c USING btree;
--> Breaking c: drops operator class c: what still uses it fails
DROP TEXT SEARCH CONFIGURATION german;
--> Breaking german: drops text search object german: what still uses it fails
