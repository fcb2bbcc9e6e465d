DROP INDEX users_name;
--> Breaking users_name: drops index users_name: queries it served become slow, and if it was unique, nothing is any more
DROP INDEX CONCURRENTLY IF EXISTS app."Users_Email";
--> Breaking app."Users_Email": drops index app."Users_Email": queries it served become slow, and if it was unique, nothing is any more
