DROP INDEX users_name;
--> Breaking users_name: drops index users_name: queries that use it become slow, and a unique index no longer rejects duplicates
DROP INDEX CONCURRENTLY IF EXISTS app."Users_Email";
--> Breaking app."Users_Email": drops index app."Users_Email": queries that use it become slow, and a unique index no longer rejects duplicates
