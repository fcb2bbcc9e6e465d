SET TIME ZONE 'UTC';
--> Info timezone: sets timezone for the session
SET myapp.user = '1';
--> Info myapp.user: sets myapp.user for the session
SET SCHEMA 'app';
--> Info search_path: sets search_path for the session
